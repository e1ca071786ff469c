"""Where a missing value stands by its own label, which is printed darker than most values are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openapi_shim.ocr.card import LABEL_PLACES
from openapi_shim.ocr.labels import split_line
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.passes import Lines
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM
from openapi_shim.ocr.register import Registration

_OFF = (12.0, 3.5)  # mm across and down, a label from its place in the form; others lie elsewhere
_ON_ROW = 1.2  # mm, a translation's middle from its label's
_BEHIND = 3.0  # mm, from a label to its translation at most
_GAP = 0.3  # mm, from a label to its value at least
_DROP = 2.5  # mm, a value below its label or above it at most
# mm, how long a value is at most; the sex ends where the next label begins.
_LENGTHS = {
    "id_num": 52.0,
    "name": 30.0,
    "sex": 8.0,
    "nationality": 24.0,
    "birth_date": 32.0,
    "issue_date": 32.0,
    "car_class": 30.0,
    "valid_from": 56.0,
}
_EDGE = 87.0  # mm, the card's
_NARROWEST = 2.0  # mm, a value


@dataclass(frozen=True)
class Span:
    """A printed label on the card, its translation behind it included: millimetres.

    Attributes:
        left: where it begins.
        right: where it ends.
        y: of its middle.
    """

    left: float
    right: float
    y: float


def labels_on_card(texts: Lines, place: Registration) -> dict[str, Span]:
    """The Chinese labels among the lines that were read, by key.

    Args:
        texts: lines with their corners in the photo.
        place: of the card in the photo.
    """
    found: dict[str, Span] = {}
    translations = []
    for corners, text in texts:
        for segment in split_line(text, corners):
            form = LABEL_PLACES.get(segment.label)
            if form is None:
                continue
            quad = place.to_card(segment.corners)
            left, right = (float(quad[ends, 0].mean()) for ends in ([0, 3], [1, 2]))
            span = Span(left, right, float(quad[:, 1].mean()))
            if not 0 < span.right - span.left < _EDGE:  # nor if it is beyond the horizon
                continue
            if segment.english:
                translations.append((segment.label, span))
                continue
            off = abs(span.y - form.y)
            known = found.get(segment.label)
            nearer = known is None or off < abs(known.y - form.y)
            if nearer and off < _OFF[1] and abs(left - form.x) < _OFF[0] + form.spread_x:
                found[segment.label] = span
    for key, behind in translations:
        label = found.get(key)
        if label is None or abs(label.y - behind.y) > _ON_ROW:
            continue
        if label.left < behind.left < label.right + _BEHIND:
            found[key] = Span(label.left, max(label.right, behind.right), label.y)
    return found


def place_beside(
    name: str, key: str, labels: Mapping[str, Span], found: Mapping[str, tuple[str, Candidate]]
) -> tuple[float, float, float] | None:
    """A value's left and right edge and its middle, mm; None where there is no place for one.

    Args:
        name: of the field.
        key: of its label.
        labels: those that were read.
        found: the other fields that were, with their labels' keys; corners in the card's pixels.
    """
    # The older layout's begin has a label of its own, and 6年 behind the other one.
    label = (labels.get("start") if key == "valid" else None) or labels.get(key)
    if label is None:
        return None
    drops = [
        float(value.corners[:, 1].mean()) / PIXELS_PER_MM - MARGIN - labels[other].y
        for other, value in found.values()
        if other in labels
    ]
    drops = [drop for drop in drops if abs(drop) < _DROP]
    left = label.right + _GAP
    right = min(left + _LENGTHS[name], _EDGE)
    ends = [
        other.left
        for own, other in labels.items()
        if own != key and other.left > left and abs(other.y - label.y) < _DROP
    ]
    right = min([right, *ends])
    if right - left < _NARROWEST:
        return None
    return left, right, label.y + (float(np.median(drops)) if drops else 0.0)
