"""The emulator's own door, under one reserved prefix: what WeChat has no API for."""
