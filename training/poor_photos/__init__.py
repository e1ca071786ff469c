"""The detector and the reader for poor photos: see README.md."""
