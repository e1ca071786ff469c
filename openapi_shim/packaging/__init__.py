"""The same folder of functions as a package for a platform, and what would break there."""
