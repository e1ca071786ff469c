"""The recognizer: bytes of a photo in, a driving licence's fields out. Knows nothing of WeChat.

``Recognizer`` is loaded late, so that the result types can be had without numpy or OpenCV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi_shim.ocr.details import EXTRA_NAMES, WARNINGS, Caution, Check, Details
from openapi_shim.ocr.reading import FIELD_NAMES, Field, Quad, Reading

if TYPE_CHECKING:
    from openapi_shim.ocr.recognizer import Recognizer

__all__ = [
    "EXTRA_NAMES",
    "FIELD_NAMES",
    "WARNINGS",
    "Caution",
    "Check",
    "Details",
    "Field",
    "Quad",
    "Reading",
    "Recognizer",
]


def __getattr__(name: str) -> Any:
    if name == "Recognizer":
        from openapi_shim.ocr.recognizer import Recognizer  # noqa: PLC0415

        return Recognizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
