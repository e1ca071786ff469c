"""The operations a cloud function can call, as data.

A new operation is a new entry here: the SDK converts its calls from it, the typed surface
for editors is generated from it (``make surface``), and the emulator looks its path up in it.
"""

from __future__ import annotations

import difflib
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
    """One string of the answer: *name* in snake_case as on the wire."""

    name: str
    doc: str


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


_IMAGE = (
    Parameter(
        "img_url",
        Place.QUERY,
        "URL of the image, which WeChat downloads; pass either this or img.",
    ),
    Parameter(
        "img",
        Place.FILE,
        "The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.",
    ),
    Parameter("type", Place.QUERY, "Kind of picture; not required.", choices=("photo", "scan")),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ocr.driverLicense",
        path="/cv/ocr/drivinglicense",
        doc="Recognize the main page of a Chinese driving licence (驾驶证 OCR 识别).",
        parameters=_IMAGE,
        result=(
            ResultField("id_num", "证号: number of the licence"),
            ResultField("name", "姓名: name"),
            ResultField("sex", "性别: sex, 男 or 女"),
            ResultField("nationality", "国籍: nationality"),
            ResultField("address", "住址: address"),
            ResultField("birth_date", "出生日期: date of birth, YYYY-MM-DD"),
            ResultField("issue_date", "初次领证日期: date of first issue, YYYY-MM-DD"),
            ResultField("car_class", "准驾车型: vehicle classes, e.g. C1"),
            ResultField("valid_from", "有效期限起始日: valid from, YYYY-MM-DD"),
            ResultField("valid_to", "有效期限终止日: valid to, YYYY-MM-DD, or 长期"),
            ResultField("official_seal", "印章文构: text of the seal"),
        ),
        charged=True,
        source="WeChat's page on ocr.driverLicense",
    ),
)

_BY_NAME = {operation.name: operation for operation in OPERATIONS}


def operation_named(name: str) -> Operation | None:
    """The operation called *name* in ``cloud.openapi``, or None."""
    return _BY_NAME.get(name)


def near_names(name: str, limit: int = 3) -> list[str]:
    """Names of the catalog that resemble *name*, nearest first; all of its family else."""
    folded = {known.lower(): known for known in _BY_NAME}
    near = difflib.get_close_matches(name.lower(), folded, n=limit, cutoff=0.6)
    if near:
        return [folded[item] for item in near]
    family = name.split(".", 1)[0].lower() + "."
    return [known for low, known in folded.items() if low.startswith(family)][:limit]
