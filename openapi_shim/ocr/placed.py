"""Segments with their place on the card, in millimetres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.labels import Segment
from openapi_shim.ocr.register import Registration

_MARGIN = 4.0  # mm beyond the card's edge that still count as on it


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
            placed.append(Placed(segment, left, right, (top + bottom) / 2, bottom - top))
    return placed


def rows_of(items: Iterable[Placed]) -> list[list[Placed]]:
    """Items grouped to rows from the top, each from the left."""
    rows: list[list[Placed]] = []
    for item in sorted(items, key=lambda item: item.y):
        if rows and item.y - np.mean([other.y for other in rows[-1]]) < 0.55 * item.height:
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda item: item.left) for row in rows]
