"""The electronic licence (电子驾驶证): a screenshot, or a photo of one, with rows of its own.

It has no place of its own for anything, so values are found by their labels: to the right of
them or below. Which rows there are follows public recognition services; the address is not one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openapi_shim.ocr.checks import (
    clean_id,
    clean_name,
    find_classes,
    find_dates,
    id_is_valid,
    is_long_term,
    simplify,
)
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.documents import SECOND_PAGE, other_document
from openapi_shim.ocr.labels import Spellings
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.lines import Row, read_rows, values_of
from openapi_shim.ocr.passes import Engine
from openapi_shim.ocr.timeline import LONG_TERM

LABELS: Spellings = {
    "title": ("电子驾驶证", "中华人民共和国机动车驾驶证", "机动车驾驶证"),
    "id_num": ("证号", "身份证号", "证件号码"),
    "name": ("姓名",),
    "sex": ("性别", "性別"),
    "nationality": ("国籍",),
    "birth_date": ("出生日期",),
    "issue_date": ("初次领证日期",),
    "car_class": ("准驾车型",),
    "term": ("有效期限",),
    "valid_from": ("有效起始日期", "有效期起", "有效期始"),
    "valid_to": ("有效期止", "有效截止日期", "失效日期"),
    "official_seal": ("发证机关", "发证单位"),
    "archive_number": ("档案编号",),
    "state": ("驾驶证状态", "状态"),
    "penalty_points": ("累积记分", "累计记分"),
    "generated_at": ("生成时间",),
    "current_time": ("当前时间",),
}
_OWN = ("penalty_points", "state", "generated_at", "current_time")
_SIDE = 1280  # a screenshot is long and its print small
_HAN = re.compile("[\u3400-\u9fff]")
_MOMENT = re.compile(r"(20\d\d)\D?(\d\d)\D?(\d\d)\D*(\d\d)\D?(\d\d)(?:\D?(\d\d))?")
_DOCUMENT = re.compile(r"[0-9A-Z]{6,18}")


@dataclass(frozen=True)
class Electronic:
    """What was read of an electronic licence.

    Attributes:
        fields: those of the eleven that it has.
        extras: its own rows, by name.
    """

    fields: Candidates
    extras: Candidates


def is_electronic(texts: Sequence[str]) -> bool:
    """Whether the lines are an electronic licence's: its name, or two of its own rows.

    An extract of a driver's records has some of the rows, and words of its own besides.
    """
    lines = [re.sub(r"\s", "", text) for text in texts]
    if other_document(lines) not in ("", SECOND_PAGE):
        return False
    own = sum(any(word in line for line in lines for word in LABELS[key]) for key in _OWN)
    printed = sum(any(word in line for line in lines for word in LABELS[key]) for key in LABELS)
    named = any("电子驾驶证" in line or "(电子版)" in line for line in lines)
    return printed >= 6 and (own >= 2 or (named and own >= 1))


def read_electronic(engine: Engine, pyramid: Pyramid) -> Electronic:
    """Reads a screenshot; corners are the picture's."""
    return sort_rows(read_rows(engine, pyramid, _SIDE, LABELS))


def sort_rows(rows: Sequence[Row]) -> Electronic:
    """The rows of a screenshot as fields, each by its label."""
    found: Candidates = {}
    for label in rows:
        key = label.segment.label
        if key in ("", "title"):
            continue
        for row in values_of(label, rows):
            values = {name: value for name, value in _values(key, row).items() if value}
            for name, value in values.items():
                found.setdefault(name, _candidate(row, value))
            if values:
                break
    extras = {name: found.pop(name) for name in (*_OWN, "archive_number") if name in found}
    return Electronic(found, extras)


def _candidate(row: Row, value: str) -> Candidate:
    segment = row.segment
    return Candidate(value, segment.spaced, segment.confidence, segment.weakest, segment.corners)


def _values(key: str, row: Row) -> dict[str, str]:
    """What a row says of the fields its label stands for: one, or begin and end."""
    if key == "term":
        begin, end = _span(row.text)
        return {"valid_from": begin, "valid_to": end}
    return {key: _CLEAN[key](row)}


def _span(text: str) -> tuple[str, str]:
    days = find_dates(text)
    end = LONG_TERM if is_long_term(text) else (days[1] if len(days) == 2 else "")
    return (days[0] if days else "", end)


def _number(row: Row) -> str:
    number = clean_id(row.text)
    if id_is_valid(number):
        return number
    compact = row.text.upper()
    return compact if _DOCUMENT.fullmatch(compact) else ""


def _sex(row: Row) -> str:
    found = re.findall("[男女]", row.text)
    return found[0] if len(found) == 1 and len(row.text) <= 2 else ""


def _day(row: Row) -> str:
    if is_long_term(row.text):
        return LONG_TERM
    days = find_dates(row.text)
    return days[0] if len(days) == 1 else ""


def _moment(row: Row) -> str:
    found = _MOMENT.search(row.segment.spaced)
    if not found:
        return ""
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day} {hour}:{minute}" + (f":{second}" if second else "")


def _words(row: Row) -> str:
    return simplify("".join(_HAN.findall(row.text)))


def _points(row: Row) -> str:
    found = re.match(r"(\d{1,3})分?$", row.text)
    return f"{found.group(1)}分" if found else ""


def _archive(row: Row) -> str:
    return row.text if re.fullmatch(r"\d{10,14}", row.text) else ""


_CLEAN: dict[str, Callable[[Row], str]] = {
    "id_num": _number,
    "name": lambda row: clean_name(row.segment.spaced),
    "sex": _sex,
    "nationality": _words,
    "birth_date": _day,
    "issue_date": _day,
    "car_class": lambda row: find_classes(row.text),
    "valid_from": _day,
    "valid_to": _day,
    "official_seal": _words,
    "archive_number": _archive,
    "state": _words,
    "penalty_points": _points,
    "generated_at": _moment,
    "current_time": _moment,
}
