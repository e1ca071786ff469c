"""The recognizer: bytes of a photo in, a driving licence's fields out. Knows nothing of WeChat."""
