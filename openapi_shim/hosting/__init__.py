"""A user's function in a platform's process: loaded once, on one event loop kept warm."""
