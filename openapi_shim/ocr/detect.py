"""Where there is text: boxes from the detector's probability map.

The network (differentiable binarization) paints the shrunken core of every text line; a box is
the core's minimum-area rectangle, grown back by the amount the training shrank it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.sessions import Floats, Model

Points = npt.NDArray[np.float32]
"""n × 2, pixels (x, y)."""

_AT_MOST = 150  # boxes; two pages of a licence have about 60: a newspaper is not read whole
_STRIDE = 32  # the network halves its input five times


@dataclass(frozen=True)
class Box:
    """A rectangle that holds one line of text, in pixels of the picture searched.

    Attributes:
        centre: (x, y).
        length: of the longer side.
        height: of the shorter side.
        angle: of the longer side against the x axis, radians, in (-π/2, π/2].
        score: the mean probability inside, 0 to 1.
    """

    centre: tuple[float, float]
    length: float
    height: float
    angle: float
    score: float


@dataclass(frozen=True)
class DetectorOptions:
    """Thresholds of the post-processing.

    Attributes:
        threshold: probability above which a pixel is text.
        box_threshold: mean probability a box needs.
        unclip: how far a box is grown: area × unclip / perimeter.
    """

    threshold: float = 0.25
    box_threshold: float = 0.45
    unclip: float = 1.6


USUAL = DetectorOptions()


def find_boxes(
    model: Model, pixels: Pixels, side: int, options: DetectorOptions = USUAL
) -> list[Box]:
    """Finds lines of text; the picture is shrunk to ``side`` pixels on its longer side."""
    height, width = pixels.shape[:2]
    factor = min(1.0, side / max(height, width))
    size = (_round_up(width * factor), _round_up(height * factor))
    shrunk = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    probability = model(as_tensor(np.asarray(shrunk, np.uint8)))[0, 0]
    return boxes_from_map(probability, width / size[0], height / size[1], options)


def as_tensor(pixels: Pixels) -> Floats:
    """Height × width × 3 bytes to 1 × 3 × height × width in -1 to 1."""
    tensor = pixels.astype(np.float32)
    tensor *= 2 / 255
    tensor -= 1
    return np.ascontiguousarray(tensor.transpose(2, 0, 1)[np.newaxis])


def _round_up(length: float) -> int:
    return max(_STRIDE, round(length / _STRIDE) * _STRIDE)


def boxes_from_map(
    probability: Floats, scale_x: float, scale_y: float, options: DetectorOptions
) -> list[Box]:
    """Boxes from a height × width map of probabilities, in the scaled picture's pixels."""
    core = (probability > options.threshold).astype(np.uint8)
    core = np.asarray(cv2.dilate(core, np.ones((2, 2), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) < 3:
            continue
        score = _mean_inside(probability, cv2.boxPoints(rectangle).astype(np.float32))
        if score < options.box_threshold:
            continue
        boxes.append(_grown(rectangle, scale_x, scale_y, score, options.unclip))
    boxes.sort(key=lambda box: -box.length * box.score)
    return boxes[:_AT_MOST]


def _mean_inside(probability: Floats, corners: Points) -> float:
    """The map's mean within a quadrilateral."""
    rows, columns = probability.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [np.rint(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(probability[top : bottom + 1, left : right + 1], mask)[0])


def _grown(
    rectangle: tuple[Sequence[float], Sequence[float], float],
    scale_x: float,
    scale_y: float,
    score: float,
    unclip: float,
) -> Box:
    (x, y), (side_a, side_b), degrees = rectangle
    grow = 2 * side_a * side_b * unclip / (2 * (side_a + side_b))
    side_a, side_b = side_a + grow, side_b + grow
    if side_a < side_b:
        side_a, side_b, degrees = side_b, side_a, degrees + 90
    # The two scales differ by the rounding to the stride alone; the mean is right to 2 %.
    radians = np.deg2rad(degrees)
    angle = float(np.arctan2(np.sin(radians) * scale_y, np.cos(radians) * scale_x))
    along = float(np.hypot(np.cos(radians) * scale_x, np.sin(radians) * scale_y))
    across = float(np.hypot(np.sin(radians) * scale_x, np.cos(radians) * scale_y))
    return Box((x * scale_x, y * scale_y), side_a * along, side_b * across, _half(angle), score)


def _half(angle: float) -> float:
    """The same line's angle within (-π/2, π/2]."""
    while angle <= -np.pi / 2:
        angle += np.pi
    while angle > np.pi / 2:
        angle -= np.pi
    return angle
