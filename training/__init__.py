"""What trains our own models. Nothing here is part of the package."""
