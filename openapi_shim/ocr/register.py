"""Where the card lies in the photo: a homography from pixels to the card's millimetres.

Printed labels vote for a scale and a place along the known direction of the text; the winner is
then refined to a perspective by a robust least-squares fit, in which every line of text adds
that it must run level. No single label decides, and a label of the second page, which repeats
some of them, is outvoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.card import HEIGHT, LABEL_PLACES, VALUE_PLACES, WIDTH, Place
from openapi_shim.ocr.checks import clean_id, find_classes, find_dates
from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.labels import Segment

Matrix = npt.NDArray[np.float64]
"""3 × 3, homogeneous, pixels to millimetres."""

Coordinates = npt.NDArray[np.float64]
"""n × 2."""

CARD_CORNERS = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float64)
"""Millimetres, from the card's own top left clockwise."""

_MIDDLE = np.array([WIDTH / 2, HEIGHT / 2])
_LEVEL = 0.35  # mm, how far from level a line's ends may be
_SLACK = 1.5  # mm, added to the places' spread while voting
_ROUNDS = 12
_STILL = 1e-3  # standard deviations
# Priors, one standard deviation: stretch and shear, shift in mm, perspective per mm.
_PRIOR = np.array([0.2, 0.1, 0.1, 0.2, 12.0, 12.0, 0.004, 0.004])
# What is printed flush left, and how far from flush, in mm. Where a column stands differs from
# print to print, but that it is straight tells the perspective.
_COLUMNS = (
    (("id", "name", "address"), 0.7),
    (("birth", "issue", "class"), 0.5),
    (("birth value", "issue value", "class value"), 1.5),
)


# How long a line is, box and all, and the spread of that, in mm. Fonts differ; but a tilted card
# is foreshortened along one axis by far more than they do.
_LENGTHS = {"title": (53.0, 5.0), "id value": (36.0, 4.0), "birth value": (19.5, 2.0)}


@dataclass(frozen=True)
class Registration:
    """The card's place.

    Attributes:
        matrix: pixels to millimetres.
        anchors: keys of the labels and values that agree with it.
    """

    matrix: Matrix
    anchors: frozenset[str]

    def to_card(self, points: npt.ArrayLike) -> Coordinates:
        """N × 2 pixels to n × 2 millimetres."""
        return transform(self.matrix, points)

    def to_photo(self, points: npt.ArrayLike) -> Coordinates:
        """N × 2 millimetres to n × 2 pixels."""
        return transform(np.linalg.inv(self.matrix), points)

    @property
    def direction(self) -> float:
        """In which the text runs in the middle of the card, radians in the picture."""
        (x0, y0), (x1, y1) = self.to_photo([(0.4 * WIDTH, HEIGHT / 2), (0.6 * WIDTH, HEIGHT / 2)])
        return float(np.arctan2(y1 - y0, x1 - x0))

    def corners(self) -> Coordinates:
        """The card's corners in pixels, from its own top left clockwise."""
        return self.to_photo(CARD_CORNERS)


def apart(one: Matrix, other: Matrix) -> float:
    """By how much two places of the card differ, mm, at the corner that differs most."""
    moved = transform(other, transform(np.linalg.inv(one), CARD_CORNERS))
    return float(np.linalg.norm(moved - CARD_CORNERS, axis=1).max())


def transform(matrix: npt.NDArray[np.floating[Any]], points: npt.ArrayLike) -> Coordinates:
    """Applies a homography to n × 2 points."""
    points = np.asarray(points, np.float64).reshape(-1, 2)
    mapped = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], np.float64)


def register(
    segments: Sequence[Segment],
    lines: Sequence[Corners],
    direction: float,
    guess: Matrix | None = None,
) -> Registration | None:
    """Finds the card, or None when fewer than two labels agree.

    Args:
        segments: of all lines; those with a label are the anchors.
        lines: every line's corners, in pixels.
        direction: in which the text runs, in radians.
        guess: about where the card is, if that is known.
    """
    anchors = _Anchors.of(segments)
    best: Registration | None = None
    for start in (guess, _vote(anchors, direction)):
        if start is None:
            continue
        matrix = _refine(start, anchors.agreeing(start, 4.0), lines, _measured(segments))
        agreed = frozenset(anchors.agreeing(matrix, 3.0).keys)
        if len(agreed) >= 2 and (best is None or len(agreed) > len(best.anchors)):
            best = Registration(matrix, agreed)
    return best


@dataclass(frozen=True)
class _Anchors:
    """What was recognised by its form, as arrays of one length n.

    Attributes:
        keys: a label's, or with " value" a value's; one key may come several times.
        points: n × 2, left middles, pixels.
        places: n × 2, where they are printed, mm.
        spread: n × 2, mm.
    """

    keys: list[str]
    points: Coordinates
    places: Coordinates
    spread: Coordinates

    @classmethod
    def of(cls, segments: Sequence[Segment]) -> _Anchors:
        found = [anchor for segment in segments for anchor in _anchors_of(segment)]
        return cls(
            [key for key, _, _ in found],
            np.array([point for _, point, _ in found], float).reshape(-1, 2),
            np.array([(place.x, place.y) for _, _, place in found], float).reshape(-1, 2),
            np.array([(p.spread_x, p.spread_y) for _, _, p in found], float).reshape(-1, 2),
        )

    def agreeing(self, matrix: Matrix, limit: float) -> _Anchors:
        """The best anchor of each key, where it is within ``limit`` standard deviations."""
        distances = self.distances(matrix)
        best: dict[str, int] = {}
        for index, key in enumerate(self.keys):
            if distances[index] < min(limit, distances[best[key]] if key in best else limit):
                best[key] = index
        kept = sorted(best.values())
        return _Anchors(
            [self.keys[index] for index in kept],
            self.points[kept],
            self.places[kept],
            self.spread[kept],
        )

    def distances(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """How many standard deviations each label is from its place."""
        off = (transform(matrix, self.points) - self.places) / self.spread
        return np.asarray(np.hypot(off[:, 0], off[:, 1]), np.float64)


@dataclass(frozen=True)
class _Measures:
    """Lines whose length is known: both ends in pixels, length and spread in mm."""

    left: Coordinates
    right: Coordinates
    length: npt.NDArray[np.float64]
    spread: npt.NDArray[np.float64]


def _measured(segments: Sequence[Segment]) -> _Measures:
    found = []
    for segment in segments:
        keys = [key for key, _, _ in _anchors_of(segment) if key in _LENGTHS]
        if not keys or (keys[0] == "title" and segment.english):
            continue
        if keys[0] == "birth value" and len(segment.text) != 10:
            continue
        left, right = segment.corners[[0, 3]].mean(axis=0), segment.corners[[1, 2]].mean(axis=0)
        found.append((left, right, *_LENGTHS[keys[0]]))
    return _Measures(
        np.array([one[0] for one in found], float).reshape(-1, 2),
        np.array([one[1] for one in found], float).reshape(-1, 2),
        np.array([one[2] for one in found], float),
        np.array([one[3] for one in found], float),
    )


def _anchors_of(segment: Segment) -> list[tuple[str, Coordinates, Place]]:
    """(key, left middle in pixels, place) for all that a segment may be."""
    point = np.asarray((segment.corners[0] + segment.corners[3]) / 2, np.float64)
    if segment.label:
        if segment.label not in LABEL_PLACES or segment.english:
            return []
        return [(segment.label, point, LABEL_PLACES[segment.label])]
    text = segment.text
    kinds: tuple[str, ...] = ()
    if clean_id(text):
        kinds = ("id",)
    elif text in {"男", "女"}:
        kinds = ("sex",)
    elif text == "中国":
        kinds = ("nationality",)
    elif "至" in text or len(find_dates(text)) == 2:
        kinds = ("valid",)
    elif find_dates(text):
        kinds = ("birth", "issue", "valid")
    elif find_classes(text):
        kinds = ("class",)
    return [(f"{kind} value", point, VALUE_PLACES[kind]) for kind in kinds]


def _vote(anchors: _Anchors, direction: float) -> Matrix | None:
    """The similarity, turned by ``direction``, that most labels agree with."""
    if not anchors.keys:
        return None
    turn = np.array(
        [[np.cos(direction), np.sin(direction)], [-np.sin(direction), np.cos(direction)]]
    )
    points = anchors.points @ turn.T
    order = np.argsort(anchors.keys, kind="stable")
    keys = np.array(anchors.keys)[order]
    points, places, spread = points[order], anchors.places[order], anchors.spread[order] + _SLACK
    # Of several anchors of one key, which now follow one another, the best counts.
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    best_score, best = 0.0, None
    for first in range(len(keys)):
        between, seen = places[first + 1 :] - places[first], points[first + 1 :] - points[first]
        long, short = np.linalg.norm(between, axis=1), np.linalg.norm(seen, axis=1)
        fit = (keys[first + 1 :] != keys[first]) & (long >= 10) & ((seen * between).sum(axis=1) > 0)
        if not fit.any():
            continue
        second = np.flatnonzero(fit) + first + 1
        scale = (long[fit] / short[fit])[:, np.newaxis]
        shift = (places[first] + places[second] - scale * (points[first] + points[second])) / 2
        off = (points * scale[:, np.newaxis] + shift[:, np.newaxis] - places) / spread
        support = np.exp(-(off**2).sum(axis=2) / 2)
        scores = np.maximum.reduceat(support, begins, axis=1).sum(axis=1)
        winner = int(scores.argmax())
        if scores[winner] > best_score:
            best_score = float(scores[winner])
            similar = np.hstack([scale[winner] * turn, shift[winner][:, np.newaxis]])
            best = np.vstack([similar, [0, 0, 1]])
    return best


def _refine(
    start: Matrix, anchors: _Anchors, lines: Sequence[Corners], measures: _Measures
) -> Matrix:
    """Gauss-Newton on a correction of ``start``, with Cauchy weights against outliers."""
    left = np.array([(c[0] + c[3]) / 2 for c in lines if _is_long(c)], float).reshape(-1, 2)
    right = np.array([(c[1] + c[2]) / 2 for c in lines if _is_long(c)], float).reshape(-1, 2)
    seen = transform(start, anchors.points) - _MIDDLE
    wanted = anchors.places - _MIDDLE
    left, right = transform(start, left) - _MIDDLE, transform(start, right) - _MIDDLE
    on_card = (np.abs(left) < _MIDDLE + 6).all(axis=1) & (np.abs(right) < _MIDDLE + 6).all(axis=1)
    left, right = left[on_card], right[on_card]
    span = np.maximum(right[:, 0] - left[:, 0], 1.0)

    begin = transform(start, measures.left) - _MIDDLE
    end = transform(start, measures.right) - _MIDDLE
    near = (np.abs(begin) < _MIDDLE + 10).all(axis=1) & (np.abs(end) < _MIDDLE + 10).all(axis=1)
    begin, end = begin[near], end[near]
    first, second, flush = _column_pairs(anchors.keys)

    def residuals(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of k × 8 parameters: k rows."""
        rows = len(p)
        placed = _corrected(p, seen)
        off = ((placed - wanted) / anchors.spread).reshape(rows, -1)
        straight = (placed[:, first, 0] - placed[:, second, 0]) / flush
        slope = (_corrected(p, right) - _corrected(p, left))[:, :, 1]
        # Short lines say less about what is level.
        level = slope / (_LEVEL * np.sqrt(30.0 / span).clip(1.0))
        lengths = np.linalg.norm(_corrected(p, end) - _corrected(p, begin), axis=2)
        long = (lengths - measures.length[near]) / measures.spread[near]
        return np.concatenate([off, straight, level, long], axis=1)

    p = np.zeros(8)
    probes = np.vstack([np.zeros(8), np.diag(1e-4 * _PRIOR)])
    for _ in range(_ROUNDS):
        r, *probed = residuals(p + probes)
        jacobian = (np.array(probed) - r).T / (1e-4 * _PRIOR)
        weights = 1 / (1 + (r / 2) ** 2)
        normal = jacobian.T * weights @ jacobian + np.diag(_PRIOR**-2.0)
        gradient = jacobian.T @ (weights * r) + p / _PRIOR**2
        step = np.linalg.solve(normal, gradient)
        p = p - step
        if (np.abs(step) < _STILL * _PRIOR).all():
            break
    a, b, c, d, x, y, g, h = p
    correction = np.array([[1 + a, b, x], [c, 1 + d, y], [g, h, 1.0]])
    to_middle = np.array([[1, 0, -_MIDDLE[0]], [0, 1, -_MIDDLE[1]], [0, 0, 1.0]])
    return np.asarray(np.linalg.inv(to_middle) @ correction @ to_middle @ start, np.float64)


def _column_pairs(
    keys: Sequence[str],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Indices of anchors that stand one below the other, pairwise, and the spread in mm."""
    pairs = []
    for column, spread in _COLUMNS:
        rows = [keys.index(key) for key in column if key in keys]
        pairs += [(a, b, spread) for i, a in enumerate(rows) for b in rows[i + 1 :]]
    return (
        np.array([a for a, _, _ in pairs], np.intp),
        np.array([b for _, b, _ in pairs], np.intp),
        np.array([spread for _, _, spread in pairs], np.float64),
    )


def _corrected(p: npt.NDArray[np.float64], points: Coordinates) -> npt.NDArray[np.float64]:
    """``points`` (n × 2) moved by each of k × 8 corrections: k × n × 2."""
    a, b, c, d, x, y, g, h = p.T[:, :, np.newaxis]
    u, v = points.T
    w = 1 + g * u + h * v
    return np.stack([((1 + a) * u + b * v + x) / w, (c * u + (1 + d) * v + y) / w], axis=2)


def _is_long(corners: Corners) -> bool:
    long = float(np.linalg.norm(corners[1] - corners[0]))
    return long > 3 * float(np.linalg.norm(corners[3] - corners[0]))
