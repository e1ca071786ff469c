"""What is left of a misread label in front of its value, and must not run into it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from openapi_shim.ocr.placed import LABELS_END, Placed

_CHARACTERS = {"name": "姓名", "address": "住址"}
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_LATIN = re.compile(f"[A-Za-z.']+(?={_HAN})")
_TRANSLATION = 3.0  # mm, that a label's translation may reach beyond the label
_SHORT = 4  # characters
_APART = 0.8  # mm
_SMALLER = 0.85  # a label's step from character to character, in steps of the value's


def is_of_value(text: str) -> bool:
    """Whether Latin letters and digits may be a value: no address has a word in lower case."""
    return text.isalnum() and not any(letter.islower() for letter in text)


def behind_label(name: str, items: Sequence[Placed]) -> list[Placed]:
    """The parts of a name, or of an address' first line, without what is left of their label.

    Args:
        name: of the field.
        items: parts of one row, from the left.
    """
    left = list(items)
    while len(left) > 1 and _is_before_values(left[0], left[1]):
        del left[0]
    if not left:
        return []
    first = left[0]
    start = _end_of_label(name, first)
    return [first.part(start, len(first.text)) if start else first, *left[1:]]


def _is_before_values(item: Placed, following: Placed) -> bool:
    """Whether a part stands where labels do, alone and shorter than most values."""
    middle = (item.left + item.right) / 2
    inside = middle < LABELS_END + _TRANSLATION and len(item.text) <= _SHORT
    return inside and following.left - item.right > _APART


def _end_of_label(name: str, item: Placed) -> int:
    """How many characters at an item's begin are the label's, of which one may be misread."""
    text, one, other = item.text, *_CHARACTERS[name]
    if item.left > LABELS_END:
        return 0
    latin = _LATIN.match(text)
    if latin:
        return latin.end()
    if text[1:2] == other:
        return 2 * _goes_on(text, 2)
    if text[:1] != one and (name == "name" or text[:1] != other):
        return 0
    steps = np.diff(item.segment.places)
    # The label is printed smaller: its second character follows closer than those of the value.
    close = len(steps) > 1 and steps[0] < _SMALLER * float(np.median(steps[1:]))
    count = 2 if text[0] == one and close else 1
    return count * _goes_on(text, count)


def _goes_on(text: str, count: int) -> bool:
    return re.match(f"{_HAN}{{2}}", text[count:]) is not None
