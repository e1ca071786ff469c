"""What the catalog says of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where a parameter travels in the HTTPS request."""

    QUERY = "query"
    FILE = "file"  # a part of multipart/form-data with a filename


@dataclass(frozen=True)
class Parameter:
    """One parameter: *name* in snake_case as on the wire, *doc* for people."""

    name: str
    place: Place
    doc: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultField:
    """One member of the answer.

    Attributes:
        name: in snake_case as on the wire.
        doc: for people.
        shape: its Python type as editors are told it.
        optional: it is in some answers only.
    """

    name: str
    doc: str
    shape: str = "str"
    optional: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of WeChat's server API.

    Attributes:
        name: as in ``cloud.openapi`` and config.json, e.g. ``ocr.driverLicense``.
        path: on api.weixin.qq.com.
        doc: one line for editors.
        parameters: in the order of the documentation.
        result: in the order of the documentation's sample.
        charged: a call spends quota, so one that may have arrived is not repeated.
        source: where the facts come from.
    """

    name: str
    path: str
    doc: str
    parameters: tuple[Parameter, ...]
    result: tuple[ResultField, ...]
    charged: bool
    source: str
