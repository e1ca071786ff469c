"""Where a main page lies, by a small network of our own, before any text has been found.

The network tells each cell of the photo whether it lies on a main page, and where on it. A card's
cells together give its homography and which way it lies; a second page beside it, a holder's
rim, a finger or the picture's edge take cells away and leave the rest right. It looks three
times: at the whole photo, at the card alone, and at the card as seen from above; a fourth time
if that moved it far. Where the first look shows none, or the second does not bear it out, the
card may be small: it is looked for in parts of the photo. The text that is then read there is
the check.
``training/locator`` makes the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.register import CARD_CORNERS, Coordinates, Matrix, apart, transform
from openapi_shim.ocr.sessions import Floats, Model

SIDE = 256
"""Pixels, of the square that the network sees."""

_STRIDE = 8  # pixels a cell
_ON_CARD = 0.0  # logit
_FEWEST = 12  # cells
_NEAR = 4.0  # mm, from where the card's homography puts a cell that agrees with it
# Share of the cells; from afar some of a second page's are taken for the main page's.
_AFAR, _AGREEING = 0.35, 0.6
_AROUND = 1.3  # the second look's square, in sizes of the card's outline
_AROUND_ABOVE = 1.45  # the third look's, in widths of the card
_FAR_OFF = 6.0  # mm
_FINER = 1.5  # times the network's pixels: of what is shrunk for it


@dataclass(frozen=True)
class _Sight:
    """Where a look sees the card: pixels to millimetres, and the cells that agree on it."""

    matrix: Matrix
    cells: int


@dataclass(frozen=True)
class _Window:
    """A square of the photo: left, top and side in its pixels."""

    left: float
    top: float
    side: float


def locate(model: Model, pyramid: Pyramid) -> Matrix | None:
    """The homography from a photo's pixels to the main page's millimetres, or None.

    Args:
        model: the locator: 1 × 3 × 256 × 256 → 1 × 3 × 32 × 32.
        pyramid: of the photo.
    """
    height, width = pyramid.levels[0].shape[:2]
    side = float(max(height, width))
    afar = _look(model, pyramid, _Window((width - side) / 2, (height - side) / 2, side), _AFAR)
    if afar is not None and _around(pyramid, afar) is None:
        afar = None
    exact = None if afar is None else _closer(model, pyramid, afar)
    if exact is None:
        parts = (_look(model, pyramid, part, _AFAR) for part in _parts(width, height))
        closer = [_closer(model, pyramid, one) for one in parts if one]
        exact = max(filter(None, closer), key=lambda one: one.cells, default=afar)
    if exact is None:
        return None
    found = exact.matrix
    above = _look_from_above(model, pyramid, found)
    if above is not None and apart(found, above) > _FAR_OFF:
        found, above = above, _look_from_above(model, pyramid, above)
    return found if above is None else _mean(found, above)


def _parts(width: int, height: int) -> Iterator[_Window]:
    """Squares of half the photo's longer side, each half over the next or more."""
    side = max(width, height) / 2
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield _Window(left, top, side)


def _starts(length: float, side: float) -> Iterable[float]:
    count = max(1, math.ceil(2 * length / side - 1))
    return (float(start) for start in np.linspace(0, length - side, count))


def _closer(model: Model, pyramid: Pyramid, rough: _Sight) -> _Sight | None:
    """The card again, in a square of about its size."""
    window = _around(pyramid, rough)
    return None if window is None else _look(model, pyramid, window, _AGREEING)


def _around(pyramid: Pyramid, rough: _Sight) -> _Window | None:
    """The square around the card, or None where no card can be."""
    height, width = pyramid.levels[0].shape[:2]
    corners = transform(np.linalg.inv(rough.matrix), CARD_CORNERS)
    low, high = corners.min(axis=0), corners.max(axis=0)
    side = float((high - low).max()) * _AROUND
    if not 2 * _STRIDE < side < 4 * max(height, width):
        return None
    left, top = (low + high - side) / 2
    least = 0.1 * side  # of the photo
    if not (least - side < left < width - least and least - side < top < height - least):
        return None
    return _Window(float(left), float(top), side)


def _mean(one: Matrix, other: Matrix) -> Matrix:
    """The place between two: they err apart, so that it is nearer than either."""
    both = [transform(np.linalg.inv(matrix), CARD_CORNERS) for matrix in (one, other)]
    mean = np.mean(both, axis=0).astype(np.float32)
    if not cv2.isContourConvex(mean):
        return other
    return np.asarray(
        cv2.getPerspectiveTransform(mean, CARD_CORNERS.astype(np.float32)), np.float64
    )


def _look(model: Model, pyramid: Pyramid, window: _Window, share: float) -> _Sight | None:
    answer = model(_as_tensor(_seen(pyramid, window)))[0]
    points, places = _cells(answer)
    if len(points) < _FEWEST:
        return None
    points = points * (window.side / SIDE) + (window.left - 0.5, window.top - 0.5)
    return _fitted(points, places, share)


def _look_from_above(model: Model, pyramid: Pyramid, place: Matrix) -> Matrix | None:
    """Where the card is seen in a picture that ``place`` rectifies."""
    scale = SIDE / (WIDTH * _AROUND_ABOVE)  # pixels a millimetre of what the network sees
    centre = np.array([WIDTH, HEIGHT]) / 2
    middle = transform(np.linalg.inv(place), np.stack([centre, centre + np.array([1.0, 0.0])]))
    wide = float(np.linalg.norm(middle[1] - middle[0]))  # pixels a millimetre
    pixels, factor = pyramid.level_for(wide, _FINER * scale)
    corner = SIDE / 2 - scale * centre
    to_view = np.array([[scale, 0, corner[0]], [0, scale, corner[1]], [0, 0, 1.0]])
    seen = cv2.warpPerspective(
        pixels,
        to_view @ place @ np.diag([1 / factor, 1 / factor, 1.0]),
        (SIDE, SIDE),
        borderMode=cv2.BORDER_REPLICATE,
    )
    points, places = _cells(model(_as_tensor(np.asarray(seen, np.uint8)))[0])
    if len(points) < _FEWEST:
        return None
    found = _fitted(points - 0.5, places, _AGREEING)
    return None if found is None else found.matrix @ to_view @ place


def _cells(answer: Floats) -> tuple[Coordinates, Coordinates]:
    """The middles of the cells on the card, in the network's pixels, and where they lie on it."""
    rows, columns = np.nonzero(answer[0] > _ON_CARD)
    points = np.stack([columns, rows], axis=1).astype(np.float64) * _STRIDE + _STRIDE / 2
    places = (answer[1:, rows, columns].T.astype(np.float64) + 1) / 2 * (WIDTH, HEIGHT)
    return points, places


def _seen(pyramid: Pyramid, window: _Window) -> Pixels:
    """The window as the network takes it; what lies beyond the photo is its rim, continued."""
    pixels, factor = pyramid.level_for(window.side, _FINER * SIDE)
    height, width = pixels.shape[:2]
    left, top = round(factor * window.left), round(factor * window.top)
    side = max(1, round(factor * window.side))
    right, bottom = left + side, top + side
    inside = pixels[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    scale = SIDE / (right - left)
    size = (max(1, round(inside.shape[1] * scale)), max(1, round(inside.shape[0] * scale)))
    small = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    before = (round(max(0, -top) * scale), round(max(0, -left) * scale))
    square = cv2.copyMakeBorder(
        small,
        before[0],
        max(0, SIDE - size[1] - before[0]),
        before[1],
        max(0, SIDE - size[0] - before[1]),
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(square[:SIDE, :SIDE], np.uint8)


def _as_tensor(square: Pixels) -> Floats:
    return np.ascontiguousarray(square.transpose(2, 0, 1)[np.newaxis], np.float32) / 127.5 - 1


def _fitted(points: Coordinates, places: Coordinates, share: float) -> _Sight | None:
    """The homography on which most cells agree, if at least ``share`` of them do."""
    matrix, agreeing = cv2.findHomography(points, places, cv2.RANSAC, _NEAR, maxIters=300)
    if np.size(matrix) != 9 or float(agreeing.mean()) < share:  # none: no array at all
        return None
    try:
        back = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return None
    # Nothing of the card lies behind the camera, and it is not seen from its back.
    depths = np.column_stack([CARD_CORNERS, np.ones(4)]) @ back[2]
    if depths.min() * depths.max() <= 0:
        return None
    corners = transform(back, CARD_CORNERS).astype(np.float32)
    if not cv2.isContourConvex(corners) or cv2.contourArea(corners, oriented=True) <= 0:
        return None
    return _Sight(np.asarray(matrix, np.float64), int(agreeing.sum()))
