"""Our own parameter of recognition: an answer with what the recognizer tells beyond WeChat's.

A request that asks for details is read with them; every other answer stays WeChat's own. That it
was asked travels in the context, through whatever stands before the recognizer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from openapi_shim.errors import WeChatError
from openapi_shim.ocr import Reading
from openapi_shim.ocr.details import rounded

PARAMETER = "openapi_shim_details"
"""In the query; ``1`` asks for details."""
OBJECT = "openapi_shim"
"""The key that they have in the answer."""

_wanted: ContextVar[bool] = ContextVar("details_wanted", default=False)


def asks_for_details(value: str | None) -> bool:
    """Whether the parameter's value asks for details.

    Raises:
        WeChatError: 40097 it says neither yes nor no.
    """
    if value not in (None, "", "0", "1"):
        raise WeChatError(40097, f"{PARAMETER} is {value[:40]!r}: 1 asks for details, 0 does not")
    return value == "1"


@contextmanager
def details_wanted() -> Iterator[None]:
    """Photos that are given to the recognizer within are read with details."""
    token = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(token)


def are_details_wanted() -> bool:
    """Whether the photo at hand is to be read with details."""
    return _wanted.get()


def details_of(found: object) -> dict[str, Any] | None:
    """What a reading tells beyond its values; None if it has no details, as a chosen answer."""
    if not isinstance(found, Reading) or found.details is None:
        return None
    return {
        "confidence": {name: item.confidence for name, item in found},
        "quads": {name: rounded(item.quad) for name, item in found},
        **found.details.to_dict(),
    }
