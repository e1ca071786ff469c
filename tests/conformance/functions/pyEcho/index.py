"""Answers what it was sent."""

from typing import Any


def main(event: dict[str, Any], context: object) -> object:
    """Answer the event's value."""
    return event["value"]
