"""The words printed on every card, and how to tell them from the values between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

import numpy as np

from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.read_lines import Glyph, Text

# Key of a label → its spellings, without spaces. Longer words may be misread in places; a word
# of two characters must be right, or "姓名" would be found in any text.
Spellings = Mapping[str, tuple[str, ...]]
LABELS: Spellings = {
    "title": ("中华人民共和国机动车驾驶证", "DrivingLicenseofthePeople'sRepublicofChina"),
    "id": ("证号", "No."),
    "name": ("姓名", "Name"),
    "sex": ("性别", "Sex"),
    "nationality": ("国籍", "Nationality"),
    "address": ("住址", "Address"),
    "birth": ("出生日期", "DateofBirth", "Birthday"),
    "issue": ("初次领证日期", "DateofFirstIssue", "IssueDate"),
    "class": ("准驾车型", "Class"),
    "valid": ("有效期限", "有效期", "ValidPeriod", "ValidFor", "Validity"),
    "start": ("有效起始日期", "ValidFrom", "ValidStart"),
    "second": ("副页", "档案编号", "FileNo.", "记录", "Record"),
}
_SHORT = 4
_STRIP = " .:：,，、。;；|'\"-—_·()（）[]"
# What a misread translation leaves in front of a value: Latin before Chinese characters, or lower
# case, which no value has but a Latin name. A single letter may be a misread digit or class.
_BEFORE_HAN = re.compile("[A-Za-z.']+(?=[\u3400-\u9fff])")
_LOWER_CASE = re.compile("(?=[A-Za-z.']{2})(?:[A-Z]?[a-z.']+)+")
_FULL_WIDTH = {ord(c) + 0xFEE0: c for c in "".join(map(chr, range(0x21, 0x7F)))}


@dataclass(frozen=True)
class Segment:
    """A run of characters of one line that is either one label or (part of) a value.

    Attributes:
        label: a key of ``LABELS``, or "" for a value.
        text: the characters, full-width Latin made narrow.
        probabilities: of each character, 0 to 1.
        places: of each character's middle along the run, 0 to 1.
        corners: of this run alone, in pixels.
        spaced: the same with its spaces, as a Latin name needs them.
        english: whether a label's spelling is the English one.
    """

    label: str
    text: str
    spaced: str
    probabilities: tuple[float, ...]
    places: tuple[float, ...]
    corners: Corners
    english: bool = False

    def edge(self, index: int) -> float:
        """Where the character begins along the run, or the run ends, 0 to 1."""
        if index in (0, len(self.text)):
            return float(index > 0)
        return (self.places[index - 1] + self.places[index]) / 2

    def part(self, start: int, end: int) -> Segment:
        """The characters from ``start`` to ``end``."""
        low, high = self.edge(start), self.edge(end)
        text = self.text[start:end]
        return replace(
            self,
            text=text,
            spaced=text,
            probabilities=self.probabilities[start:end],
            places=tuple((place - low) / max(high - low, 1e-6) for place in self.places[start:end]),
            corners=part_of(self.corners, low, high),
        )

    @property
    def confidence(self) -> float:
        """The characters' mean probability."""
        return sum(self.probabilities) / len(self.probabilities)

    @property
    def weakest(self) -> float:
        """The least certain character's probability."""
        return min(self.probabilities)


@dataclass(frozen=True)
class _Match:
    label: str
    start: int
    end: int
    wrong: int
    english: bool


def split_line(read: Text, corners: Corners, labels: Spellings = LABELS) -> list[Segment]:
    """Cuts a line into labels and values, each with its own corners."""
    places = [i for i, glyph in enumerate(read.glyphs) if not glyph.character.isspace()]
    glyphs = [read.glyphs[place] for place in places]
    if not glyphs:
        return []
    compact = "".join(glyph.character for glyph in glyphs).translate(_FULL_WIDTH)
    edges = _edges(glyphs)
    segments = []

    def add(label: str, start: int, end: int, *, english: bool = False) -> None:
        while not label and start < end and compact[start] in _STRIP:
            start += 1
        while not label and start < end and compact[end - 1] in _STRIP:
            end -= 1
        if start < end:
            sure = tuple(glyph.probability for glyph in glyphs[start:end])
            low, high = edges[start], edges[end]
            within = tuple(
                (glyph.position - low) / max(high - low, 1e-6) for glyph in glyphs[start:end]
            )
            part = part_of(corners, low, high)
            spaced = read.string[places[start] : places[end - 1] + 1].translate(_FULL_WIDTH)
            segments.append(Segment(label, compact[start:end], spaced, sure, within, part, english))

    position = 0
    matches = _matches(compact, labels)
    for match, following in zip_longest(matches, matches[1:]):
        add("", position, match.start)
        add(match.label, match.start, match.end, english=match.english)
        position = match.end
        if not match.english:
            end = following.start if following else len(compact)
            position = _after_translation(match.label, compact, position, end)
    add("", position, len(compact))
    return segments


def part_of(corners: Corners, start: float, end: float) -> Corners:
    """The part of a line's quadrilateral from ``start`` to ``end``, both 0 to 1 along it."""
    top, bottom = corners[1] - corners[0], corners[2] - corners[3]
    return np.array(
        [
            corners[0] + start * top,
            corners[0] + end * top,
            corners[3] + end * bottom,
            corners[3] + start * bottom,
        ],
        np.float32,
    )


def _edges(glyphs: Sequence[Glyph]) -> list[float]:
    """Where each character begins along the line, and where the last one ends: n + 1 values."""
    middles = [(left.position + right.position) / 2 for left, right in pairwise(glyphs)]
    return [0.0, *middles, 1.0]


def _after_translation(label: str, compact: str, position: int, end: int) -> int:
    """Where the value begins behind a Chinese label, whose translation may stand in between.

    One that is read in full is a label itself. Capitals, or more than a translation has, up to the
    next label, at ``end``, are a foreigner's name.
    """
    if any(compact.startswith(one, position) for one in LABELS.get(label, ()) if one.isascii()):
        return position
    rest = None if label == "class" else _BEFORE_HAN.match(compact, position)
    if rest is None and label != "name":
        rest = _LOWER_CASE.match(compact, position)
    if rest is None:
        return position
    alone = label == "name" and rest.end() == end
    is_name = alone and (rest[0][:2].isupper() or len(rest[0]) > len("Name."))
    return position if is_name else rest.end()


def _matches(compact: str, labels: Spellings) -> list[_Match]:
    """Labels found in a line without spaces, from left to right, without overlaps."""
    found = []
    present = set(compact)
    for label, spellings in labels.items():
        for spelling in spellings:
            allowed = (
                0 if len(spelling) < _SHORT else len(spelling) // (4 if spelling.isascii() else 3)
            )
            if spelling.isascii() and len(spelling) <= 5:
                allowed = 0
            if len(present & set(spelling)) < len(set(spelling)) - allowed:
                continue
            found += _places(compact, label, spelling, allowed)
    # The better and longer ones first; what overlaps one of them is dropped.
    found.sort(key=lambda match: (match.wrong - (match.end - match.start), match.start))
    kept: list[_Match] = []
    for match in found:
        if all(match.end <= other.start or other.end <= match.start for other in kept):
            kept.append(match)
    kept.sort(key=lambda match: match.start)
    return [match for match in kept if _plausible(match, kept, compact)]


def _places(compact: str, label: str, spelling: str, allowed: int) -> list[_Match]:
    size = len(spelling)
    english = spelling.isascii()
    places = []
    for start in range(len(compact) - size + 1):
        found = compact[start : start + size]
        wrong = [b for a, b in zip(spelling, found, strict=True) if a != b]
        # A value's characters are no misread ones of a label: it would lose them.
        foreign = [one for one in wrong if one.isdigit() or (english and not one.isascii())]
        ends = not english and found[-1].isascii()
        if len(wrong) <= allowed and not foreign and not ends:
            places.append(_Match(label, start, start + size, len(wrong), english))
    return places


def _plausible(match: _Match, kept: Sequence[_Match], compact: str) -> bool:
    """A short English word is a label at the line's start, or after its Chinese label."""
    if not match.english or match.end - match.start > 5 or match.start == 0:
        return True
    before = [other for other in kept if other.end <= match.start]
    if not before:
        return not compact[match.start - 1].isascii()
    return match.start - before[-1].end <= 1 or before[-1].label != match.label
