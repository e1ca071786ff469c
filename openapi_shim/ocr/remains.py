"""What is left of a misread label in front of its value, and must not run into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from openapi_shim.ocr.card import LABEL_PLACES
from openapi_shim.ocr.checks import before_province
from openapi_shim.ocr.placed import LABELS_END, Placed

_CHARACTERS = {"name": "姓名", "address": "住址"}
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_LATIN = re.compile(f"[A-Za-z.']+(?={_HAN})")
_BEFORE_NUMBER = re.compile(r"(?:\D{1,3}|N[o0O.]{1,2})(?=\d{17}[\dXx]$)")
_LESS_HIGH = 0.88  # than a value
_TRANSLATION = 6.0  # mm, that a label's translation may reach beyond the label
_SHORT = 4  # characters
_APART = 0.8  # mm
_UNSURE = 0.65
_LEAP = 1.5
_BEHIND_LABEL = 6.0  # mm, from its left edge
_FAR_BEHIND = 1.5  # of a part's height
_SMALLER = 0.85  # a label's step from character to character, in steps of the value's


def is_of_value(text: str) -> bool:
    """Whether letters and digits may be part of an address: it has no word in lower case."""
    return text.isalnum() and not re.search("[a-z]{2}", text)


def behind_label(name: str, items: Sequence[Placed], *, labelled: bool) -> list[Placed]:
    """The parts of a name, or of an address' first line, without what is left of their label.

    Args:
        name: of the field.
        items: parts of one row, from the left.
        labelled: whether the label was read: then only its translation can be left.
    """
    is_left = _is_translation if labelled else _is_before_values
    left = list(items)
    while len(left) > 1 and is_left(left[0], left[1]):
        del left[0]
    if left and not labelled:
        left[0] = _from(left[0], _end_of_label(name, left[0]))
    if left:
        noise = before_province(left[0].text) if name == "address" else 0
        left[0] = _from(left[0], noise or _end_of_noise(left[0]))
    return left


def number_alone(item: Placed) -> Placed:
    """A citizen's number without what is left of "No." in front of it."""
    found = _BEFORE_NUMBER.match(item.text)
    return _from(item, found.end() if found else 0)


def nationality_alone(items: Sequence[Placed], *, labelled: bool) -> list[Placed]:
    """The parts of a nationality without what lies before and behind it.

    Args:
        items: parts of its row, from the left.
        labelled: whether its label was read, of which nothing can be left then.
    """
    parts = list(items)
    begin = LABEL_PLACES["nationality"].x + _BEHIND_LABEL
    while not labelled and len(parts) > 1 and (parts[0].left + parts[0].right) / 2 < begin:
        del parts[0]
    # Far behind there may be what was taken for text at the card's edge.
    for place, (one, following) in enumerate(pairwise(parts), 1):
        if following.left - one.right > _FAR_BEHIND * one.height:
            return parts[:place]
    return parts


def _is_among_labels(item: Placed) -> bool:
    """Whether a part stands where labels do, and is shorter than most values."""
    middle = (item.left + item.right) / 2
    return middle < LABELS_END + _TRANSLATION and len(item.text) <= _SHORT


def _is_before_values(item: Placed, following: Placed) -> bool:
    return _is_among_labels(item) and following.left - item.right > _APART


def _is_translation(item: Placed, following: Placed) -> bool:
    """Latin letters may be read as Chinese characters, but they are printed smaller."""
    return _is_among_labels(item) and item.height < _LESS_HIGH * following.height


def _from(item: Placed, start: int) -> Placed:
    return item.part(start, len(item.text)) if start else item


def _end_of_noise(item: Placed) -> int:
    """How many characters at an item's begin are a blurred translation's beside the label.

    They are unsure, and farther from the value's first character than its own from each other.
    """
    text, segment = item.text, item.segment
    steps = np.diff(segment.places) * (item.right - item.left)
    for count in range(min(_SHORT - 1, len(text) - 2), 0, -1):
        middle = item.left + segment.places[count - 1] * (item.right - item.left)
        unsure = max(segment.probabilities[:count]) < _UNSURE
        usual = float(np.median(steps[count:]))
        left = middle < LABELS_END + _TRANSLATION and re.match(_HAN, text[count])
        if unsure and left and steps[count - 1] > _LEAP * usual:
            return count
    return 0


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
