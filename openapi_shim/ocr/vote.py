"""Two passes' opinions to one value each, with a confidence that agreement must earn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openapi_shim.ocr.checks import (
    add_years,
    begins_whole,
    id_birth,
    id_is_valid,
    id_sex,
    looks_like_authority,
)
from openapi_shim.ocr.layout import Candidate, Candidates

_SURE = 0.9
_PLACE = re.compile("[省市区县州旗盟镇乡村路街道]")
_HOUSE = re.compile(r"[号室栋幢楼户组村厂院元层座社区队部所店房舍场]$")


def confident(candidates: Candidates, names: Sequence[str]) -> bool:
    """Whether every field is there, surely read, and holds against every check."""
    return not doubtful(candidates, names)


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
    value = fields[name].value
    number = fields["id_num"].value if "id_num" in fields else ""
    if name == "id_num":
        return 1.0 if id_is_valid(value) else 0.6
    if name == "birth_date":
        return 1.0 if id_birth(number) in ("", value) else 0.6
    if name == "sex":
        return 1.0 if id_sex(number) in ("", value) else 0.6
    if name == "official_seal":
        return 1.0 if looks_like_authority(value) else 0.6
    if name == "address":
        whole = _PLACE.search(value) and _HOUSE.search(value) and len(value) >= 8
        return 1.0 if whole and begins_whole(value) else 0.7
    if name == "valid_to" and "valid_from" in fields and value != "长期":
        begin = fields["valid_from"].value
        return 1.0 if value in {add_years(begin, 6), add_years(begin, 10)} else 0.6
    if name == "issue_date" and "birth_date" in fields:
        return 1.0 if value > fields["birth_date"].value else 0.4
    if name == "valid_from" and "issue_date" in fields:
        return 1.0 if value >= fields["issue_date"].value else 0.5
    return 1.0


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
