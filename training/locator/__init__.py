"""The locator of main pages: see README.md."""
