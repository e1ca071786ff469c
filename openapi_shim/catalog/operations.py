"""The operations a cloud function can call.

A new operation is a new entry of a family, as in ``ocr.py``: the SDK converts its calls from it,
the typed surface for editors is generated from it (``make surface``), and the emulator looks its
path up in it.
"""

from __future__ import annotations

import difflib

from openapi_shim.catalog.ocr import OCR
from openapi_shim.catalog.operation import Operation, Parameter, Place, ResultField

__all__ = [
    "OPERATIONS",
    "Operation",
    "Parameter",
    "Place",
    "ResultField",
    "near_names",
    "operation_at",
    "operation_named",
]

OPERATIONS: tuple[Operation, ...] = OCR

_BY_NAME = {operation.name: operation for operation in OPERATIONS}
_BY_PATH = {operation.path: operation for operation in OPERATIONS}


def operation_named(name: str) -> Operation | None:
    """The operation called *name* in ``cloud.openapi``, or None."""
    return _BY_NAME.get(name)


def operation_at(path: str) -> Operation | None:
    """The operation at *path* of api.weixin.qq.com, or None."""
    return _BY_PATH.get(path)


def near_names(name: str, limit: int = 3) -> list[str]:
    """Names of the catalog that resemble *name*, nearest first; all of its family else."""
    folded = {known.lower(): known for known in _BY_NAME}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.9)  # a slip of a letter
    near = near or difflib.get_close_matches(name.lower(), folded, n=limit, cutoff=0.6)
    if near:
        return [folded[item] for item in near]
    family = name.split(".", 1)[0].lower() + "."
    return [known for low, known in folded.items() if low.startswith(family)][:limit]
