"""Values that JSON has no form for, in Python: the counterpart of ``values.js``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ABSENT = object()
_SAFE_DIGITS = 15  # more than these, and the Node SDK gives a BigNumber


def decode(value: Any) -> Any:
    """*value* as a function in Python would write it; undefined is a member that is not there."""
    if isinstance(value, list):
        return [None if item is _ABSENT else item for item in map(decode, value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key in _MARKS:
            return _MARKS[key](inner)
    members = {key: decode(item) for key, item in value.items()}
    return {key: item for key, item in members.items() if item is not _ABSENT}


def arguments(values: list[Any]) -> list[Any]:
    """Arguments of a call; an undefined one is not given."""
    return [item for item in map(decode, values) if item is not _ABSENT]


def _cycle(_: object) -> dict[str, Any]:
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    return ring


_MARKS: Mapping[str, Any] = {
    "$undefined": lambda _: _ABSENT,
    "$buffer": base64.b64decode,
    "$bytes": lambda text: bytearray(base64.b64decode(text)),
    "$date": lambda milliseconds: _EPOCH + timedelta(milliseconds=milliseconds),
    "$number": float,
    "$bigint": int,
    "$cycle": _cycle,
}


def encode(value: Any) -> Any:
    """*value* in the form in which the drivers in JavaScript print theirs."""
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return {"$buffer": base64.b64encode(value).decode()}
    if isinstance(value, Decimal):
        return {"$bigint": f"{value:f}"}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _encoded_number(value)
    return value


def _encoded_number(value: float) -> Any:
    if isinstance(value, int):
        return {"$bigint": str(value)} if len(str(abs(value))) > _SAFE_DIGITS else value
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "-0.0": "-0"}
    return {"$number": names[str(value)]} if str(value) in names else value
