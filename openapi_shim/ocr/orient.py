"""Which way the text runs: the axis from the boxes, and which end is up from a small model."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from openapi_shim.ocr.crops import Pyramid, corners_along, cut_line
from openapi_shim.ocr.detect import Box
from openapi_shim.ocr.sessions import Model

_CLS_HEIGHT, _CLS_WIDTH = 48, 192
_VOTERS = 10


def text_axis(boxes: Sequence[Box]) -> float:
    """The lines' common direction in radians, in (-π/2, π/2]; 0 without a long box.

    The mean is taken where most of the length lies, so that a second text in the picture, say
    of a keyboard below the card, cannot bend it.
    """
    slim = [box for box in boxes if box.length > 2.5 * box.height] or list(boxes)
    if not slim:
        return 0.0
    angles = np.array([box.angle for box in slim])
    weights = np.array([box.length for box in slim])
    # An axis has no sign: angles are doubled so that -90° and 90° are the same.
    apart = np.abs(_half_turn(angles[:, np.newaxis] - angles[np.newaxis, :]))
    support = (weights[np.newaxis, :] * np.exp(-((apart / 0.12) ** 2))).sum(axis=1)
    best = angles[int(np.argmax(support))]
    offsets = _half_turn(angles - best)
    near = np.abs(offsets) < 0.25
    mean = float(np.average(offsets[near], weights=weights[near]))
    return float(_half_turn(np.array(best + mean)))


def _half_turn(angles: np.ndarray) -> np.ndarray:
    return (angles + np.pi / 2) % np.pi - np.pi / 2


def upside_down(model: Model, pyramid: Pyramid, boxes: Sequence[Box], axis: float) -> float:
    """How much more the lines look upside down along ``axis`` than upright: -1 to 1.

    The model sees 192 pixels of width, so it is shown the beginnings of the longest lines.
    """
    longest = sorted(boxes, key=lambda box: box.length / box.height, reverse=True)[:_VOTERS]
    if not longest:
        return 0.0
    batch = np.zeros((len(longest), 3, _CLS_HEIGHT, _CLS_WIDTH), np.float32)
    for index, box in enumerate(longest):
        line = cut_line(pyramid, corners_along(box, axis), _CLS_HEIGHT)
        width = min(_CLS_WIDTH, line.shape[1])
        # Whole line squeezed, as in training, up to twice; else its middle.
        if line.shape[1] > 2 * _CLS_WIDTH:
            start = (line.shape[1] - 2 * _CLS_WIDTH) // 2
            line = line[:, start : start + 2 * _CLS_WIDTH]
        squeezed = cv2.resize(line, (width, _CLS_HEIGHT), interpolation=cv2.INTER_AREA)
        batch[index, :, :, :width] = squeezed.transpose(2, 0, 1) / 127.5 - 1
    votes = model(batch)
    return float((votes[:, 1] - votes[:, 0]).mean())
