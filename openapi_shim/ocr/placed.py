"""Segments with their place on the card, in millimetres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openapi_shim.ocr.card import HEIGHT, LABEL_PLACES, WIDTH
from openapi_shim.ocr.labels import Segment
from openapi_shim.ocr.register import Registration

_MARGIN = 4.0  # mm beyond the card's edge that still count as on it
_LONG = 5  # characters: a label's two and a name's three
LABELS_END = 11.0
"""Millimetres: the left column's labels end before, its values begin behind."""
_ON_ROW = 3.5  # mm
_APART = 1.4  # times the usual step from character to character


@dataclass(frozen=True)
class Placed:
    """A segment on the card.

    Attributes:
        segment: what was read.
        left: mm from the card's left edge.
        right: likewise.
        y: of its middle, mm from the top.
        height: mm.
    """

    segment: Segment
    left: float
    right: float
    y: float
    height: float

    @property
    def text(self) -> str:
        """The segment's characters, without spaces."""
        return self.segment.text

    @property
    def widest_step(self) -> float:
        """The largest distance from character to character, in usual ones; 0 for one or two."""
        steps = np.diff(self.segment.places)
        return float(steps.max() / max(float(np.median(steps)), 1e-6)) if len(steps) > 1 else 0.0

    @property
    def lopsided(self) -> float:
        """How much farther the characters keep from one end than from the other, in usual steps."""
        places = self.segment.places
        if len(places) < 2:
            return 0.0
        off = abs((1 - places[-1]) - places[0])
        return off / max(float(np.median(np.diff(places))), 1e-6)

    def part(self, start: int, end: int) -> Placed:
        """The characters from ``start`` to ``end``."""
        wide = self.right - self.left
        left, right = (self.left + self.segment.edge(at) * wide for at in (start, end))
        return replace(self, segment=self.segment.part(start, end), left=left, right=right)


def place_segments(segments: Sequence[Segment], registration: Registration) -> list[Placed]:
    """The segments that lie on the card; those of another page are left out."""
    placed = []
    for segment in segments:
        corners = registration.to_card(segment.corners)
        left = float((corners[0, 0] + corners[3, 0]) / 2)
        right = float((corners[1, 0] + corners[2, 0]) / 2)
        top = float((corners[0, 1] + corners[1, 1]) / 2)
        bottom = float((corners[2, 1] + corners[3, 1]) / 2)
        middle = np.array([(left + right) / 2, (top + bottom) / 2])
        inside = (middle > -_MARGIN).all() and (middle < (WIDTH + _MARGIN, HEIGHT + _MARGIN)).all()
        if inside and right > left and bottom > top:
            placed.append(
                _without_lead(Placed(segment, left, right, (top + bottom) / 2, bottom - top))
            )
    return placed


def _without_lead(item: Placed) -> Placed:
    """Cuts off what stands in the place of 姓名 or 住址, set apart from the value after it.

    On a poor photo these two characters, which are small, are misread and run into the value.
    """
    if item.segment.label or len(item.text) < _LONG or item.left > LABELS_END:
        return item
    if min(abs(item.y - LABEL_PLACES[key].y) for key in ("name", "address")) > _ON_ROW:
        return item
    middles = item.left + np.array(item.segment.places) * (item.right - item.left)
    steps = np.diff(middles)
    for count in range(1, 4):
        apart = steps[count - 1] > _APART * float(np.median(steps[count:]))
        if middles[count - 1] < LABELS_END < middles[count] and apart:
            return item.part(count, len(item.text))
    return item


def rows_of(items: Iterable[Placed]) -> list[list[Placed]]:
    """Items grouped to rows from the top, each from the left."""
    rows: list[list[Placed]] = []
    for item in sorted(items, key=lambda item: item.y):
        if rows and item.y - np.mean([other.y for other in rows[-1]]) < 0.55 * item.height:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda item: item.left) for row in rows]
