"""Two passes' opinions to one value each, with a confidence that agreement must earn."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from openapi_shim.ocr.checks import (
    add_years,
    begins_whole,
    id_birth,
    id_is_valid,
    id_sex,
    looks_like_authority,
)
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.timeline import LONG_TERM

_SURE = 0.9
_PLACE = re.compile("[省市区县州旗盟镇乡村路街道]")
_HOUSE = re.compile(r"[号室栋幢楼户组村厂院元层座社区队部所店房舍场]$")


def doubtful(candidates: Candidates, names: Sequence[str]) -> list[str]:
    """The fields that are missing, or unsurely read, or fail a check."""
    return [
        name
        for name in names
        if name not in candidates
        or candidates[name].weakest < _SURE
        or plausibility(name, candidates) < 1
    ]


def plausibility(name: str, fields: Mapping[str, Candidate]) -> float:
    """How well a value fits its form and the other fields: 1 if nothing speaks against it."""
    check = _CHECKS.get(name)
    if check is None:
        return 1.0
    holds, otherwise = check
    values = {other: candidate.value for other, candidate in fields.items()}
    return 1.0 if holds(values[name], values) else otherwise


Values = Mapping[str, str]


def _address_is_whole(value: str, _: Values) -> bool:
    ends = _PLACE.search(value) and _HOUSE.search(value)
    return bool(ends) and len(value) >= 8 and begins_whole(value)


def _number_fits(value: str, values: Values) -> bool:
    """A citizen's number has a checksum; a foreigner's document has letters and none."""
    foreign = values.get("nationality", "中国") != "中国"
    return id_is_valid(value) or (foreign and not value.isdigit())


def _ends_in_time(value: str, values: Values) -> bool:
    begin = values.get("valid_from", "")
    if value == LONG_TERM or not begin:
        return True
    return value in {add_years(begin, 6), add_years(begin, 10)}


# Field → whether a value holds, and what it is worth where it does not. A check that fails may
# itself rest on a misread field, so none rules a value out.
_CHECKS: dict[str, tuple[Callable[[str, Values], bool], float]] = {
    "id_num": (_number_fits, 0.6),
    "birth_date": (lambda value, v: id_birth(v.get("id_num", "")) in ("", value), 0.6),
    "sex": (lambda value, v: id_sex(v.get("id_num", "")) in ("", value), 0.6),
    "official_seal": (lambda value, _: looks_like_authority(value), 0.6),
    "address": (_address_is_whole, 0.7),
    "issue_date": (lambda value, v: value > v.get("birth_date", ""), 0.4),
    "valid_from": (lambda value, v: value >= v.get("issue_date", ""), 0.5),
    "valid_to": (_ends_in_time, 0.6),
}


def merge(passes: Sequence[Candidates], names: Sequence[str]) -> tuple[Candidates, set[str]]:
    """The best candidate of each field, and the names on which two passes agree."""
    merged: Candidates = {}
    agreed = set()
    for name in names:
        groups: dict[str, list[tuple[float, Candidate]]] = {}
        for candidates in passes:
            if name in candidates:
                found = candidates[name]
                worth = plausibility(name, candidates) * (found.confidence + found.weakest) / 2
                groups.setdefault(found.value, []).append((worth, found))
        if groups:
            best = max(groups.values(), key=lambda group: sum(worth for worth, _ in group))
            merged[name] = max(best, key=lambda pair: pair[0])[1]
            if len(best) > 1:
                agreed.add(name)
    return merged, agreed


def final_confidence(name: str, fields: Candidates, *, agreed: bool) -> float:
    """0 to 1: the reader's own certainty, tempered by checks and by a second opinion."""
    found = fields[name]
    fits = plausibility(name, fields)
    sure = 0.5 * found.confidence + 0.5 * found.weakest
    if agreed:
        sure = 1 - (1 - sure) * 0.3
    return round(min(0.999, sure * fits), 3)
