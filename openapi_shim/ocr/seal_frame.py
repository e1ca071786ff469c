"""Finds the seal's frame on a rectified card: a red square, whole, worn, or joined to other ink.

Outlines of the red ink are asked first. Each is judged by the ink along its weakest side: a frame
that a label, a finger or a crease adds to has a side with none. Where no outline has four good
sides, squares of every size and a few turns are laid over the ink itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.card import SEAL
from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM

_SMALLEST, _LARGEST = 13.0, 27.0  # mm, a seal's side
_UNEVEN = 1.5  # a seal's longest side by its shortest; a piece of a frame has other shapes
_FILLED = 0.8  # of the smallest rectangle around a worn frame's pieces
_PIECE = 3.0  # mm, a worn frame's piece at least
_AROUND = 61  # pixels: ink is redder than this square around it
_FAINTEST = 0.03  # more red than around, in shares of all light: a copy without colours has less
_ALONG = 40  # points of a side that are looked at
_ACROSS = (-1.0, 0.0, 1.0, 2.0, 3.0)  # pixels inwards: a frame's width
_ENOUGH = 0.35  # ink along each side of a frame; of the reddest
_ALIKE = 0.1  # frames of about as much ink; the place tells
_BETTER = 0.1  # by which a square laid over the ink has to beat the outlines
_LEAST = 0.3  # ink along each side of such a square
_TURNS = (-6, -4, -2, 0, 2, 4, 6)  # degrees
_SQUARE = 1.15  # such a square's height by its width, or the other way around, at most
_MOVED = 6  # pixels by which a side's ends are moved to where its ink is
_BENT = 0.004  # ink that one pixel of a side's turn has to bring
_PLATEAU = 0.03  # of ink, by which places of a side are about as good
_HALF_WIDTH = 1.0  # pixels from there to the frame's outer edge

Ink = npt.NDArray[np.float32]


def find_frame(card: Pixels) -> Corners | None:
    """The red square's four corners in a rectified card's pixels, or None."""
    left, top, right, bottom = (
        round((edge + MARGIN) * PIXELS_PER_MM)
        for edge in (SEAL[0] - 5, SEAL[1] - 6, SEAL[2] + 6, SEAL[3] + 3)
    )
    zone = card[top:bottom, left:right]
    expected = np.array([(SEAL[0] + SEAL[2]) / 2 + MARGIN, (SEAL[1] + SEAL[3]) / 2 + MARGIN])
    offset = np.array([left, top])
    ink = _ink_of(zone)
    found = [quad for contour in _outlines(zone) if (quad := _as_square(contour)) is not None]
    worth = [_weakest_side(ink, quad) for quad in found]
    if max(worth, default=-1.0) < _ENOUGH and (quad := _of_pieces(zone)) is not None:
        found.append(quad)
        worth.append(_weakest_side(ink, quad))
    best = max(worth, default=-1.0)
    if best < _ENOUGH and (square := _laid_over(ink)) is not None:
        square = _fitted(ink, square)
        if _weakest_side(ink, square) > max(best + _BETTER, _LEAST):
            return np.asarray(square + offset, np.float32)

    def cost(quad: Corners) -> float:
        off_centre = (quad.mean(axis=0) + offset) / PIXELS_PER_MM - expected
        askew = (quad[0] - quad[1] + quad[2] - quad[3]) / PIXELS_PER_MM
        return float(np.linalg.norm(off_centre) + np.linalg.norm(askew))

    likely = [quad for quad, one in zip(found, worth, strict=True) if one > best - _ALIKE]
    return np.asarray(min(likely, key=cost) + offset, np.float32) if likely else None


def redness(pixels: Pixels, blur: float) -> Ink:
    """How much more red than green and blue each point is, in shares of its light.

    So it does not go by the lamp. ``blur`` is a Gaussian's standard deviation in pixels.
    """
    calm = cv2.GaussianBlur(pixels, (0, 0), blur).astype(np.float32)
    blue, green, red = cv2.split(calm)
    others = blue + green
    return np.asarray((red - others / 2) / np.maximum(others + red, 30), np.float32)


def _ink_of(zone: Pixels) -> Ink:
    """How much redder than what is around it each point is, 1 for the reddest.

    Of a copy without colours, little anywhere.
    """
    red = redness(zone, 1.2)
    red -= cv2.blur(red, (_AROUND, _AROUND))
    reddest = max(float(np.percentile(red, 98)), _FAINTEST)
    return np.asarray(np.clip(red / reddest, -0.5, 1), np.float32)


def _weakest_side(ink: Ink, quad: Corners) -> float:
    """The mean ink along the side that has the least; -0.5 to 1.

    Args:
        ink: height × width, 1 where it is reddest.
        quad: 4 corners from the top left clockwise, in pixels of ``ink``.
    """
    ends = np.roll(quad, -1, axis=0)
    along = np.linspace(0.04, 0.96, _ALONG, dtype=np.float32)
    step = (ends - quad) / np.linalg.norm(ends - quad, axis=1, keepdims=True)
    inwards = np.stack([-step[:, 1], step[:, 0]], axis=1)
    # 4 sides × depths × points × 2.
    points = (
        (quad[:, None] + (ends - quad)[:, None] * along[:, None])[:, None]
        + inwards[:, None, None] * np.array(_ACROSS)[:, None, None]
    ).astype(np.float32)
    return float(_ink_at(ink, points).mean(axis=2).max(axis=1).min())


def _ink_at(ink: Ink, points: npt.NDArray[np.float32]) -> Ink:
    flat = points.reshape(-1, _ALONG, 2)
    found = cv2.remap(
        ink, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=-0.5,
    )  # fmt: skip
    return np.asarray(found, np.float32).reshape(points.shape[:-1])


def _laid_over(ink: Ink) -> Corners | None:
    """The upright or slightly turned square whose weakest side has the most ink."""
    height, width = ink.shape[0] // 2, ink.shape[1] // 2
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    low, high = (round(side * PIXELS_PER_MM / 2) for side in (_SMALLEST + 1, _LARGEST - 1))
    best, found = 0.0, None
    for turn in _TURNS:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1)
        turned = cv2.warpAffine(small, matrix, (width, height), borderValue=-0.5)
        # A line's neighbours count, too: a side is not quite straight.
        across = np.pad(np.cumsum(cv2.dilate(turned, np.ones((3, 1))), axis=1), ((0, 0), (1, 0)))
        down = np.pad(np.cumsum(cv2.dilate(turned, np.ones((1, 3))), axis=0), ((1, 0), (0, 0)))
        for wide in range(low, min(high, width - 1) + 1, 2):
            rows = (across[:, wide:] - across[:, :-wide])[:, :-1] / wide
            last = min(round(wide * _SQUARE), high, height - 1)
            for tall in range(max(low, round(wide / _SQUARE)), last + 1, 2):
                columns = (down[tall:] - down[:-tall])[:-1] / tall
                sides = rows[:-tall], rows[tall:], columns[:, :-wide], columns[:, wide:]
                weakest = np.minimum.reduce(sides)
                y, x = divmod(int(weakest.argmax()), weakest.shape[1])
                if weakest[y, x] > best:
                    quad = np.array([[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]])
                    back = cv2.invertAffineTransform(matrix)
                    moved = cv2.transform(quad[None].astype(np.float32), back)[0] * 2
                    best, found = float(weakest[y, x]), np.asarray(moved, np.float32)
    return found


def _fitted(ink: Ink, quad: Corners) -> Corners:
    """The same square with each side where its ink is, along its outer edge."""
    off = np.arange(-_MOVED, _MOVED + 1, dtype=np.float32)
    first, last = (one.reshape(-1, 1) for one in np.meshgrid(off, off))
    along = np.linspace(0.06, 0.94, _ALONG, dtype=np.float32)
    lines = []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        step = (end - start) / np.linalg.norm(end - start)
        outwards = np.array([step[1], -step[0]])
        moved = first + (last - first) * along
        points = start + (end - start) * along[:, None] + moved[..., None] * outwards
        worth = _ink_at(ink, points.astype(np.float32)).mean(axis=1)
        worth -= _BENT * np.abs(first - last)[:, 0]
        # A thick frame is a plateau: its outermost line is wanted.
        alike = worth > worth.max() - _PLATEAU
        place = int(np.where(alike, (first + last)[:, 0], -np.inf).argmax())
        ends = first[place, 0] + _HALF_WIDTH, last[place, 0] + _HALF_WIDTH
        lines.append((start + outwards * ends[0], end + outwards * ends[1]))
    return np.array([_crossing(*pair) for pair in zip([lines[-1], *lines], lines, strict=False)])


_Segment = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _crossing(one: _Segment, another: _Segment) -> npt.NDArray[np.float64]:
    first, second = one[1] - one[0], another[1] - another[0]
    between = another[0] - one[0]
    share = (between[0] * second[1] - between[1] * second[0]) / (
        first[0] * second[1] - first[1] * second[0]
    )
    return np.asarray(one[0] + share * first)


def _of_pieces(zone: Pixels) -> Corners | None:
    """A worn frame's square, by its pieces and the characters."""
    pieces = cv2.convexHull(_red_pieces(zone))
    # A corner may be missing, which the smallest rectangle around the pieces has.
    box = cv2.boxPoints(cv2.minAreaRect(pieces))
    filled = cv2.contourArea(pieces) > _FILLED * cv2.contourArea(box)
    return _as_square(box) if filled else None


def _outlines(zone: Pixels) -> Iterator[cv2.typing.MatLike]:
    """Contours of what may be the seal's ink: by its redness, its darkness in blue and green.

    And by how much redder it is than what is around it: a lamp's reflection is red, too.
    """
    blue, green, reds = cv2.split(cv2.GaussianBlur(zone, (0, 0), 1.0))
    red = np.clip(reds.astype(np.int16) - cv2.max(blue, green) + 40, 0, 255).astype(np.uint8)
    dark = cv2.min(blue, green)
    mean = cv2.ADAPTIVE_THRESH_MEAN_C
    for mask in (
        cv2.threshold(red, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1],
        cv2.adaptiveThreshold(dark, 255, mean, cv2.THRESH_BINARY_INV, 41, 6),
        cv2.adaptiveThreshold(red, 255, mean, cv2.THRESH_BINARY, 41, -12),
    ):
        yield from _contours(mask, 3)


def _red_pieces(zone: Pixels) -> cv2.typing.MatLike:
    """A worn frame's pieces with the characters, all points together: no outline holds them.

    What counts is redness less that of what lies around.
    """
    red = redness(zone, 2.0)
    red -= cv2.blur(red, (101, 101))
    scaled = np.clip(red / max(float(np.percentile(red, 99)), 1e-6) * 200, 0, 255)
    _, mask = cv2.threshold(scaled.astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    height, width = mask.shape
    pieces = [np.zeros((1, 1, 2), np.int32)]
    for contour in _contours(mask, 11):
        x, y, wide, high = cv2.boundingRect(contour)
        # What reaches the zone's edge is a cover or a table; noise is small.
        inside = x > 0 and y > 0 and x + wide < width and y + high < height
        if inside and max(wide, high) > _PIECE * PIXELS_PER_MM:
            pieces.append(np.asarray(contour, np.int32))
    return np.concatenate(pieces[1:] or pieces)


def _contours(mask: cv2.typing.MatLike, reach: int) -> Sequence[cv2.typing.MatLike]:
    """Outlines of a mask whose gaps of less than ``reach`` pixels are closed."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    return cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]


def _as_square(contour: cv2.typing.MatLike) -> Corners | None:
    """The contour's corners from the top left clockwise, if it is about a seal's square."""
    hull = cv2.convexHull(contour)
    width, height = (value / PIXELS_PER_MM for value in cv2.boundingRect(hull)[2:])
    if not (_SMALLEST < width < _LARGEST and _SMALLEST < height < _LARGEST):
        return None
    points = hull.reshape(-1, 2).astype(np.float32)
    sums, differences = points.sum(axis=1), points[:, 0] - points[:, 1]
    quad = points[[sums.argmin(), differences.argmax(), sums.argmax(), differences.argmin()]]
    # A square's hull is filled by its corners; a cross of text lines is not.
    if cv2.contourArea(quad) < 0.9 * cv2.contourArea(hull):
        return None
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    if sides.max() > _UNEVEN * sides.min():
        return None
    return np.asarray(quad, np.float32)
