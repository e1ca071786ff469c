"""The empty function of the bench, for functions-framework."""

from typing import Any


def main(request: Any) -> object:
    """Answer next to nothing, having read the event as the others do."""
    request.get_json()
    return {"ok": True}
