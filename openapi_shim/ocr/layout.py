"""From text on the card to the eleven values: by labels, by content and by the rows' order.

A value is looked for where its label says, else where its row must be among the other rows, and
it must look like what it claims to be. Nothing is derived from another field: a missing value
stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from openapi_shim.ocr.card import LABEL_PLACES
from openapi_shim.ocr.checks import (
    clean_id,
    clean_name,
    find_classes,
    find_dates,
    id_birth,
    id_is_valid,
    is_of_number,
    repair_id,
    simplify,
)
from openapi_shim.ocr.crops import Corners, hull_along
from openapi_shim.ocr.placed import LABELS_END, Placed, rows_of
from openapi_shim.ocr.remains import behind_label, is_of_value, nationality_alone, number_alone
from openapi_shim.ocr.timeline import DateToken, date_tokens, order_dates

_GAP = 0.9  # of a line's height, between parts of one line: a character and a half
_ROW = 2.6  # mm: what is nearer than this to a row's middle may be on it
_LONG_NAME, _GAP_OF_DOT = 5, 1.3
_SHORT, _CLEAR = 25.0, 2.6  # mm
_INDENT = 1.4  # mm, of a line that begins with a dash the detector overlooked
_LATE = 10.0  # mm, from a label to what is no longer its value's begin
_ROOM_AT_END = 0.55  # steps from character to character
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_DOT = re.compile("[·•・.．‧∙]")
_DOCUMENT = re.compile(r"(?=.*\d.*\d.*\d.*\d)[0-9A-Z]{6,18}")


@dataclass(frozen=True)
class Candidate:
    """A value as one pass read it.

    Attributes:
        value: in WeChat's form.
        text: as read.
        confidence: the reader's, 0 to 1.
        weakest: the probability of its least certain character.
        corners: where it stands, in pixels of the picture read.
    """

    value: str
    text: str
    confidence: float
    weakest: float
    corners: Corners


Candidates = dict[str, Candidate]


def read_fields(placed: Sequence[Placed]) -> Candidates:
    """The fields that can be told among the segments of one card."""
    card = _Card(placed)
    fields: Candidates = {}
    number = _id_number(card)
    if number:
        fields["id_num"] = number
    fields |= _dates(card, number.value if number else "")
    for name, reader in (
        ("car_class", _car_class),
        ("sex", _sex),
        ("nationality", _nationality),
        ("name", _name),
    ):
        found = reader(card)
        if found:
            fields[name] = found
    address = _address_lines(card)
    if address:
        fields["address"] = _address(card, address)
    seal = _seal(card, address)
    if seal:
        fields["official_seal"] = seal
    return fields


class _Card:
    """Values and labels of one card, and where its rows are."""

    def __init__(self, placed: Sequence[Placed]) -> None:
        self.values = [
            part for item in placed if not item.segment.label for part in _without_sex(item)
        ]
        self.labels: dict[str, Placed] = {}
        for item in placed:
            key = item.segment.label
            if key in LABEL_PLACES and (key not in self.labels or self._nearer(item)):
                self.labels[key] = item
        shifts = [label.y - LABEL_PLACES[key].y for key, label in self.labels.items()]
        self._shift = float(np.median(shifts)) if shifts else 0.0
        self._print_shift = self._shift_of_values()

    def _shift_of_values(self) -> float:
        """How far below their labels the values are printed, mm: they are a second run."""
        offsets = []
        for item in self.values:
            for key in _rows_of_kind(item.text):
                offset = item.y - self.label_row(key)
                if abs(offset) < _ROW + 0.8:
                    offsets.append(offset)
        return float(np.median(offsets)) if len(offsets) >= 3 else 0.0

    def _nearer(self, item: Placed) -> bool:
        key = item.segment.label
        kept = self.labels[key]
        if kept.segment.english != item.segment.english:
            return kept.segment.english
        place = LABEL_PLACES[key]
        return abs(item.y - place.y) < abs(kept.y - place.y)

    def row(self, key: str) -> float:
        """The middle of a row's value, mm."""
        return self.label_row(key) + self._print_shift

    def label_row(self, key: str) -> float:
        """The middle of a row's label, mm: where it was seen, else where the others put it."""
        place = LABEL_PLACES[key]
        label = self.labels.get(key)
        if label and abs(label.y - place.y) < 4:
            return label.y
        return place.y + self._shift

    def after(self, key: str, default: float) -> float:
        """Where the value may begin on its label's row, mm."""
        label = self.labels.get(key)
        return label.right if label else default

    def is_labelled(self, key: str) -> bool:
        """Whether the Chinese label was read, of which nothing can be left then."""
        label = self.labels.get(key)
        return label is not None and not label.segment.english

    def before(self, key: str, default: float) -> float:
        """Where the next label begins, mm."""
        label = self.labels.get(key)
        return label.left if label else default


def _rows_of_kind(text: str) -> tuple[str, ...]:
    """The rows on which a value of this form may stand."""
    if clean_id(text):
        return ("id",)
    if text in {"男", "女", "中国"}:
        return ("sex",)
    if find_classes(text):
        return ("class",)
    if "至" in text:
        return ("valid",)
    return ("birth", "issue", "valid") if find_dates(text) else ()


def _without_sex(item: Placed) -> list[Placed]:
    """Cuts 男 or 女 out of a line that runs on to the nationality, or from label to label.

    Only between the places of the name and of the nationality: names hold these characters too.
    """
    long = bool(_DOT.search(item.text))  # a name that the sex and its label may follow
    found = re.search("性?别?([男女])$" if long else "([男女])", item.text)
    row = LABEL_PLACES["sex"]
    if not found or len(item.text) == 1 or abs(item.y - row.y) > 6:
        return [item]
    if len(item.text) > 8 and not long:
        return [item]
    at = found.start(1)
    middle = item.left + item.segment.places[at] * (item.right - item.left)
    if not row.x < middle < LABEL_PLACES["nationality"].x + 4:
        return [item]
    pieces = [(0, found.start()), (at, at + 1), (at + 1, len(item.text))]
    return [item.part(start, end) for start, end in pieces if end > start]


def _candidate(items: Sequence[Placed], value: str, text: str) -> Candidate:
    glyphs = [len(item.text) for item in items]
    confidence = float(np.average([item.segment.confidence for item in items], weights=glyphs))
    weakest = min(item.segment.weakest for item in items)
    corners = hull_along([item.segment.corners for item in items])
    return Candidate(value, text, confidence, weakest, corners)


def _id_number(card: _Card) -> Candidate | None:
    best: tuple[float, Candidate] | None = None
    row = card.row("id")
    for item in map(number_alone, card.values):
        number = clean_id(item.text)
        distance = abs(item.y - row) / _ROW
        if number and not id_is_valid(number):
            sure = [
                probability
                for letter, probability in zip(item.text, item.segment.probabilities, strict=True)
                if is_of_number(letter)
            ]
            number = repair_id(number, _doubts(sure)) or number
        if not number:
            if distance > 1.2 or item.left > 70:
                continue
            compact = re.sub(r"[^0-9A-Z]", "", item.text.upper())
            if not _DOCUMENT.fullmatch(compact) or len(compact) < 0.8 * len(item.text):
                continue
            number = compact
            distance += 2.0
        cost = distance - (4.0 if id_is_valid(number) else 0.0)
        if best is None or cost < best[0]:
            best = cost, _candidate([item], number, item.segment.spaced)
    return best[1] if best else None


def _doubts(probabilities: Sequence[float]) -> tuple[int, ...]:
    """Positions of the characters the reader was unsure of, most doubtful first."""
    order = sorted(range(len(probabilities)), key=lambda index: probabilities[index])
    return tuple(index for index in order[:3] if probabilities[index] < 0.9)


def _dates(card: _Card, number: str) -> Candidates:
    tokens = date_tokens(card.values)
    rows = {key: card.row(key) for key in ("birth", "issue", "valid")}
    if "start" in card.labels and "valid" not in card.labels:
        rows["valid"] = card.row("start")
    chosen = order_dates(tokens, rows, id_birth(number))

    def made(token: DateToken, value: str) -> Candidate:
        return _candidate([token.item], value, token.item.segment.spaced)

    fields = {name: made(token, value) for name, (token, value) in chosen.items()}
    if "valid_to" in chosen and chosen["valid_to"][0].kind == "years":
        # What is computed from the begin is no surer than that.
        both = fields["valid_from"], fields["valid_to"]
        fields["valid_to"] = replace(
            both[1],
            confidence=min(one.confidence for one in both),
            weakest=min(one.weakest for one in both),
        )
    return fields


def _car_class(card: _Card) -> Candidate | None:
    best: tuple[float, Candidate] | None = None
    row = card.row("class")
    for item in card.values:
        value = find_classes(item.text)
        distance = abs(item.y - row)
        if value and distance < 4.5 and item.left > 20:
            cost = distance + 0.05 * abs(item.left - card.after("class", 48.0))
            if best is None or cost < best[0]:
                best = cost, _candidate([item], value, item.segment.spaced)
    return best[1] if best else None


def _on_row(card: _Card, key: str, left: float, right: float) -> list[Placed]:
    """Values on a row whose middle lies between two edges, in reading order."""
    row = card.row(key)
    near = [
        item
        for item in card.values
        if abs(item.y - row) < _ROW and left < (item.left + item.right) / 2 < right
    ]
    return sorted(near, key=lambda item: item.left)


def _sex(card: _Card) -> Candidate | None:
    left, right = card.after("sex", 44.0) - 3, card.before("nationality", 68.0)
    for item in _on_row(card, "sex", left, right):
        found = re.findall("[男女]", item.text)
        if len(found) == 1 and len(item.text) <= 3:
            return _candidate([item], found[0], item.text)
    return None


def _nationality(card: _Card) -> Candidate | None:
    left = max(card.after("nationality", 62.0), card.after("sex", 44.0) + 4) - 2
    items = [
        item
        for item in _on_row(card, "nationality", left, 95.0)
        if len(_HAN.findall(item.text)) >= 2
    ]
    if not items:
        return None
    items = nationality_alone(items, labelled=card.is_labelled("nationality"))
    text = "".join(item.text for item in items)
    value = simplify("".join(_HAN.findall(text)))
    # What is left of a misread label runs into the value.
    value = re.sub("^.{1,3}(?=中国$)", "", value)
    return _candidate(items, value, text)


def _name(card: _Card) -> Candidate | None:
    left = card.after("name", 9.0) - 2
    right = card.before("sex", 42.0)
    items = [item for item in _on_row(card, "name", left, right) if len(item.text) >= 1]
    items = [item for item in items if item.segment.confidence > 0.3]
    items = behind_label("name", items, labelled=card.is_labelled("name"))
    if not items:
        return None
    text = " ".join(item.segment.spaced for item in items)
    value = clean_name(text)
    if not value:
        return None
    found = _candidate(items, value, text)
    # A Chinese name this long is printed with a dot, which the reader may skip.
    dotless = len(_HAN.findall(value)) == len(value)
    gap = max(item.widest_step for item in items) > _GAP_OF_DOT
    lacks_dot = dotless and (len(value) > _LONG_NAME or (len(value) == _LONG_NAME and gap))
    if _has_room(items, value) or lacks_dot:
        return replace(found, confidence=0.6 * found.confidence, weakest=0.6 * found.weakest)
    return found


def _has_room(items: Sequence[Placed], value: str) -> bool:
    """Whether a Chinese name's box is wide enough for a character more than were read."""
    if not _HAN.match(value):
        return False
    if len(items) == 1 and items[0].lopsided > _ROOM_AT_END:
        return True
    width = sum(item.right - item.left for item in items)
    height = float(np.mean([item.height for item in items]))
    # A box is about a quarter of its height larger than the characters, all around.
    return width / height > 0.75 * (len(value) + 0.7) + 0.25


def _address_lines(card: _Card) -> list[Placed]:
    """The address' segments in reading order."""
    above = [item for item in _on_row(card, "name", 0.0, 95.0) if item.right < item.left + _SHORT]
    # Printers shift rows against each other: what is clear of the row above is the address'.
    lowest = max([card.row("name"), *(item.y for item in above)])
    top = min(card.row("address") - 3.2, max(card.row("address") - 5.5, lowest + _CLEAR))
    bottom = card.row("birth") - 2.8
    left = card.after("address", 10.0) - 3 if "address" in card.labels else 6.0
    items = [
        item
        for item in card.values
        if top < item.y < bottom
        and left < (item.left + item.right) / 2
        and item.left < 70
        and item.segment.confidence > 0.4
    ]
    rows = rows_of(item for item in items if _HAN.search(item.text) or is_of_value(item.text))
    if not rows:
        return []
    rows[0] = behind_label("address", rows[0], labelled=card.is_labelled("address"))
    # Lines begin flush left; the seal, which may reach up to here, begins further left.
    begin = rows[0][0].left
    return [item for row in rows for item in row if item.left > begin - 4]


def _address(card: _Card, lines: Sequence[Placed]) -> Candidate:
    text = "".join(item.text for item in lines)
    found = _candidate(lines, simplify(text.replace("·", "")), text)  # a dot is a name's
    late = lines[0].left > max(card.after("address", LABELS_END), LABELS_END) + _LATE
    if late or _has_gap(lines):
        return replace(found, confidence=0.6 * found.confidence, weakest=0.6 * found.weakest)
    return found


def _has_gap(lines: Sequence[Placed]) -> bool:
    """Whether characters are missing between a line's parts, or before its second line.

    Under a glare the rest of a line is as legible as ever, and says nothing of what is lost.
    """
    rows = rows_of(lines)
    if any(row[0].left > rows[0][0].left + _INDENT for row in rows[1:]):
        return True
    pairs = (pair for row in rows for pair in pairwise(row))
    return any(right.left - left.right > _GAP * left.height for left, right in pairs)


def _seal(card: _Card, address: Sequence[Placed]) -> Candidate | None:
    columns = [card.labels[key].left for key in ("birth", "issue", "class") if key in card.labels]
    right = min(columns, default=28.0) + 1.5
    top, bottom = card.label_row("birth") - 6.5, card.label_row("valid") + 1.5
    items = [
        item
        for item in card.values
        if top < item.y < bottom
        and item.right < right
        and _HAN.search(item.text)
        and not any(item is line for line in address)
    ]
    if not items:
        return None
    ordered = [item for row in rows_of(items) for item in row]
    text = "".join(item.text for item in ordered)
    value = simplify("".join(_HAN.findall(text)))
    return _candidate(ordered, value, text) if len(value) >= 4 else None
