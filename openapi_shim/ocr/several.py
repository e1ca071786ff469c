"""Several main pages in one picture: which one is read, and whether there is another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.labels import Segment, split_line
from openapi_shim.ocr.layout import read_fields
from openapi_shim.ocr.passes import Lines, Pass
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.register import Registration, register

# What a second page repeats is no other licence; of these it must show two.
_MAIN = frozenset({"birth", "issue", "class", "class value", "sex", "sex value", "valid", "start"})
_ENOUGH = 2
_LARGER = 1.15  # times the area: then the other card is the one that was meant
_AS_GOOD = 3  # anchors that it may have less


def largest_card(seen: Pass) -> Pass:
    """The same pass for the largest of several main pages, if it is about as legible.

    Which card is found first depends on whose labels were read better, which is by chance.
    """
    if seen.registration is None:
        return seen
    other = another_card(seen.registration, seen.texts)
    if (
        other is None
        or area_of(other) < _LARGER * area_of(seen.registration)
        or len(other.anchors) < len(seen.registration.anchors) - _AS_GOOD
    ):
        return seen
    segments = [one for quad, text in seen.texts for one in split_line(text, quad)]
    return replace(
        seen,
        registration=other,
        candidates=read_fields(place_segments(segments, other)),
        located=False,
        rectified=False,
    )


def another_card(main: Registration, texts: Lines) -> Registration | None:
    """Where another main page lies, or None.

    Args:
        main: where the card that was read lies.
        texts: all lines of the picture, corners in its pixels.
    """
    others = [
        segment
        for quad, text in texts
        for segment in split_line(text, quad)
        if not _on_card(main, segment)
    ]
    found = register(others, [segment.corners for segment in others], _direction(others))
    if found is None or len(found.anchors & _MAIN) < _ENOUGH:
        return None
    return found


def area_of(card: Registration) -> float:
    """The card's area in the picture, in square pixels."""
    corners = card.corners()
    x, y = corners[:, 0], corners[:, 1]
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)


def _on_card(card: Registration, segment: Segment) -> bool:
    middle = card.to_card(segment.corners).mean(axis=0)
    return bool((middle > -2).all() and (middle < (WIDTH + 2, HEIGHT + 2)).all())


def _direction(segments: Sequence[Segment]) -> float:
    """In which the lines run, radians: the mean of their upper edges."""
    edges = [segment.corners[1] - segment.corners[0] for segment in segments]
    if not edges:
        return 0.0
    x, y = np.sum(edges, axis=0)
    return float(np.arctan2(y, x))
