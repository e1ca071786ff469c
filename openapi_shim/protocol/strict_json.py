"""JSON as the standard has it: Python's reader would let NaN and Infinity through."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class NoJsonValueError(ValueError):
    """A word that Python's reader takes for a number, and JSON does not have."""


def _refuse(word: str) -> NoReturn:
    raise NoJsonValueError(f"{word} is no JSON value")


_decode = json.JSONDecoder(parse_constant=_refuse).decode


def parse(text: str | bytes) -> Any:
    """The value *text* holds.

    Raises:
        ValueError: it is no JSON; a NoJsonValueError for NaN, Infinity and -Infinity.
        RecursionError: it is nested too deep.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    return _decode(text)
