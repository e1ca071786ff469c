"""Raises."""

from typing import Any


def main(event: dict[str, Any], context: object) -> object:
    """Raise the event's message."""
    raise ValueError(event["message"])
