"""Measurements: run by hand, e.g. ``python -m bench.accuracy``."""
