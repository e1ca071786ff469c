"""What a user would write without this package: rapidocr as it comes, and a label parser.

The parser serves bench/tesseract.py, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openapi_shim.ocr.reading import FIELD_NAMES

_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_CLASS = re.compile(r"(?:A[123]|B[12]|C[1-6]|[DEFMNP])+")
_ENGLISH = re.compile(
    r"^[\s:：]*(?:No\.?|Name|Sex|Nationality|Address|Date of First Issue|Issue Date|Date of Birth|"
    r"Birthday|Class|Valid Period|Valid From|Valid For)[\s:：]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """A line as a reader without layout answers it, upright: pixels."""

    text: str
    left: float
    right: float
    y: float
    height: float


class PlainReader:
    """rapidocr's default on the whole photo, then one look for each label."""

    def __init__(self, threads: int) -> None:
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(
            params={
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Global.log_level": "error",
            }
        )

    def read(self, data: bytes) -> dict[str, str]:
        """The eleven strings; empty where nothing was found."""
        result = self._engine(data)
        if result.boxes is None:
            return dict.fromkeys(FIELD_NAMES, "")
        lines = [
            Line(
                text.strip(),
                float(box[:, 0].min()),
                float(box[:, 0].max()),
                float(box[:, 1].mean()),
                float(box[:, 1].max() - box[:, 1].min()),
            )
            for box, text in zip(result.boxes, result.txts, strict=True)
        ]
        return parse(lines)


def parse(lines: Sequence[Line]) -> dict[str, str]:
    """Fields by their labels: the rest of the label's line, or the line to its right."""
    lines = sorted(lines, key=lambda line: line.y)
    dates = _DATE.findall(" ".join(line.text for line in lines))
    number = re.search(r"\d{17}[\dX]", " ".join(line.text for line in lines))
    valid = _row(lines, "有效期限")
    begin = _first(_DATE, _after(lines, "有效起始日期")) or _first(_DATE, valid)
    end = _valid_to(valid, begin)
    if not begin and len(dates) >= 3:
        begin = dates[2]
    classes = _first(_CLASS, _after(lines, "准驾车型"))
    return {
        "id_num": number.group(0) if number else _after(lines, "证号").replace(" ", ""),
        "name": _after(lines, "姓名"),
        "sex": _first(re.compile("[男女]"), _after(lines, "性别")),
        "nationality": _after(lines, "国籍"),
        "address": _address(lines),
        "birth_date": _first(_DATE, _after(lines, "出生日期")),
        "issue_date": _first(_DATE, _after(lines, "初次领证日期")),
        "car_class": classes,
        "valid_from": begin,
        "valid_to": end,
        "official_seal": _seal(lines),
    }


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(0) if found else ""


def _valid_to(valid: str, begin: str) -> str:
    if "长期" in valid:
        return "长期"
    years = re.search(r"(\d+)年", valid)
    if years and begin:
        return f"{int(begin[:4]) + int(years.group(1))}{begin[4:]}"
    dates = _DATE.findall(valid)
    return dates[-1] if dates else ""


def _label(lines: Sequence[Line], label: str) -> Line | None:
    return next((line for line in lines if label in line.text), None)


def _after(lines: Sequence[Line], label: str) -> str:
    at = _label(lines, label)
    if at is None:
        return ""
    rest = _ENGLISH.sub("", at.text.split(label, 1)[1])
    rest = re.split("性别|国籍|有效期限", rest)[0].strip()
    if rest:
        return rest
    right = [
        line
        for line in lines
        if line.left > at.left + 0.6 * (at.right - at.left)
        and abs(line.y - at.y) < 0.9 * max(line.height, at.height)
        and line is not at
        and _ENGLISH.sub("", line.text)
    ]
    if not right:
        return ""
    nearest = min(right, key=lambda line: abs(line.y - at.y) + 0.1 * (line.left - at.left))
    return re.split("性别|国籍", _ENGLISH.sub("", nearest.text))[0].strip()


def _row(lines: Sequence[Line], label: str) -> str:
    """All that stands to the right of a label, joined."""
    at = _label(lines, label)
    if at is None:
        return ""
    row = [line for line in lines if line.left >= at.left and abs(line.y - at.y) < at.height]
    return " ".join(line.text for line in sorted(row, key=lambda line: line.left))


def _address(lines: Sequence[Line]) -> str:
    first = _after(lines, "住址")
    at = next((line for line in lines if first and first in line.text), None)
    if at is None:
        return first
    below = [
        line
        for line in lines
        if 0.5 * at.height < line.y - at.y < 2 * at.height
        and abs(line.left - at.left) < at.height
        and not _DATE.search(line.text)
        and not _ENGLISH.match(line.text)
        and "出生" not in line.text
    ]
    return first + (below[0].text if below else "")


def _seal(lines: Sequence[Line]) -> str:
    birth, address = _label(lines, "出生日期"), _label(lines, "住址")
    if birth is None or address is None:
        return ""
    parts = [
        line.text
        for line in lines
        if line.right < birth.left + birth.height
        and line.y > address.y + 1.5 * address.height
        and not re.search("有效|Valid|Address", line.text)
        and re.search("[\u4e00-\u9fff]", line.text)
    ]
    return "".join(parts)
