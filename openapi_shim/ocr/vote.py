"""Two passes' opinions to one value each, with a confidence that agreement must earn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

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
_UNSURE = 0.89
_SURE_WORD_IF_POOR = 0.98
_MANY = 4
_LINE = 6  # characters by which an address is more than a part of it
_ALIKE = 0.6
_OF_A_PART = 0.5
_YOUNGEST = 16
_OLDEST = "1920"  # nobody born before drives: a misread number may have a right checksum by chance
_WORDS = frozenset({"name", "nationality", "address", "official_seal"})
_DATES = frozenset({"birth_date", "issue_date", "valid_from", "valid_to"})
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
    return (id_is_valid(value) and id_birth(value) >= _OLDEST) or (foreign and not value.isdigit())


def _is_of_age(born: str, value: str) -> bool:
    return not born or int(value[:4]) - int(born[:4]) >= _YOUNGEST


def _ends_in_time(value: str, values: Values) -> bool:
    begin = values.get("valid_from", "")
    if value == LONG_TERM:
        return True
    return bool(begin) and value in {add_years(begin, 6), add_years(begin, 10)}


# Field → whether a value holds, and what it is worth where it does not. A check that fails may
# itself rest on a misread field, so none rules a value out.
_CHECKS: dict[str, tuple[Callable[[str, Values], bool], float]] = {
    "id_num": (_number_fits, 0.6),
    "birth_date": (lambda value, v: id_birth(v.get("id_num", "")) in ("", value), 0.6),
    "sex": (lambda value, v: id_sex(v.get("id_num", "")) in ("", value), 0.6),
    "official_seal": (lambda value, _: looks_like_authority(value), 0.6),
    "address": (_address_is_whole, 0.7),
    "issue_date": (lambda value, v: _is_of_age(v.get("birth_date", ""), value), 0.4),
    "valid_from": (lambda value, v: value >= v.get("issue_date", ""), 0.5),
    "valid_to": (_ends_in_time, 0.6),
}


def _is_part(value: str, others: Iterable[str]) -> bool:
    """Whether another look read a whole address of which this is a line, or a line's rest."""
    return any(
        _shared(value, other) > _ALIKE * len(value)
        for other in others
        if len(other) >= len(value) + _LINE and _address_is_whole(other, {})
    )


def _shared(one: str, other: str) -> int:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks)


def merge(passes: Sequence[Candidates], names: Sequence[str]) -> tuple[Candidates, set[str]]:
    """The best candidate of each field, and the names on which two passes agree."""
    merged: Candidates = {}
    agreed = set()
    # A later look may be at a few rows alone: what those are checked against is the first one's.
    known: Candidates = {}
    for candidates in reversed(passes):
        known |= candidates
    for name in names:
        groups: dict[str, list[tuple[float, Candidate]]] = {}
        values = [candidates[name].value for candidates in passes if name in candidates]
        for candidates in passes:
            if name in candidates:
                found = candidates[name]
                fits = plausibility(name, known | candidates)
                if name == "address" and _is_part(found.value, values):
                    fits *= _OF_A_PART
                worth = fits * (found.confidence + found.weakest) / 2
                groups.setdefault(found.value, []).append((worth, found))
        if groups:
            best = max(groups.values(), key=lambda group: sum(worth for worth, _ in group))
            merged[name] = max(best, key=lambda pair: pair[0])[1]
            # A line that a later look took over unread is no second opinion.
            if len({(found.confidence, found.weakest) for _, found in best}) > 1:
                agreed.add(name)
    return merged, agreed


def final_confidence(name: str, fields: Candidates, *, agreed: bool, poor: bool = False) -> float:
    """0 to 1: the reader's own certainty, tempered by checks and by a second opinion.

    Args:
        name: of the field.
        fields: all that was read.
        agreed: whether two looks read the same. They share a model and its mistakes, so that
            says less of words, in which one character is taken for another, than of digits.
        poor: whether the photo left so much open that what nothing confirms is unsure.
    """
    found = fields[name]
    fits = plausibility(name, fields)
    sure = 0.5 * found.confidence + 0.5 * found.weakest
    if agreed:
        sure = 1 - (1 - sure) * (0.8 if name in _WORDS else 0.3)
    if name in _WORDS and found.weakest < (_SURE_WORD_IF_POOR if poor else _SURE):
        sure = min(sure, _UNSURE)
    if poor and name in _DATES and not _is_confirmed(name, fields):
        sure = min(sure, _UNSURE)
    return round(min(0.999, sure * fits), 3)


def is_poor(first_doubts: Sequence[str]) -> bool:
    """Whether a photo is so bad that the first look left several fields open."""
    return len(first_doubts) >= _MANY


def _is_confirmed(name: str, fields: Candidates) -> bool:
    """Whether another field speaks for a date: nothing is read from it, only believed more."""
    values = {other: candidate.value for other, candidate in fields.items()}
    if name == "birth_date":
        return id_birth(values.get("id_num", "")) == values[name]
    begin, end = values.get("valid_from", ""), values.get("valid_to", "")
    if name == "issue_date":  # the same day of the year, as long as nothing was changed since
        return bool(begin) and begin[5:] == values[name][5:]
    return bool(begin) and end in {add_years(begin, 6), add_years(begin, 10)}
