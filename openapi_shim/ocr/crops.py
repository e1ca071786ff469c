"""Cutting lines out of a picture, along their own direction and at the reader's height."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.detect import Box

Corners = npt.NDArray[np.float32]
"""4 × 2, pixels (x, y): top left as read, then clockwise as read."""

LINE_HEIGHT = 48
MAX_LINE_WIDTH = 1600


class Pyramid:
    """A picture and its halves. Warping samples four pixels: large text must be shrunk first."""

    def __init__(self, pixels: Pixels) -> None:
        self.levels = [pixels]
        while min(self.levels[-1].shape[:2]) > 2 * LINE_HEIGHT and len(self.levels) < 4:
            self.levels.append(np.asarray(cv2.pyrDown(self.levels[-1]), np.uint8))

    def level_for(self, height: float, wanted: float) -> tuple[Pixels, float]:
        """The smallest picture that still has text of ``height`` at ``wanted`` or more.

        Returns the picture and its pixels per pixel of the first one.
        """
        level = min(int(np.log2(max(height / wanted, 1.0))), len(self.levels) - 1)
        return self.levels[level], 0.5**level


def corners_along(box: Box, direction: float) -> Corners:
    """The box's corners for text that runs roughly along ``direction`` (radians)."""
    along, across, angle = box.length, box.height, box.angle
    if abs(np.cos(angle - direction)) < np.sqrt(0.5):  # a single character may stand upright
        along, across, angle = across, along, angle + np.pi / 2
    if np.cos(angle - direction) < 0:
        angle += np.pi
    u = np.array([np.cos(angle), np.sin(angle)]) * along / 2
    v = np.array([-np.sin(angle), np.cos(angle)]) * across / 2
    centre = np.array(box.centre)
    return np.array([centre - u - v, centre + u - v, centre + u + v, centre - u + v], np.float32)


def cut_line(pyramid: Pyramid, corners: Corners, height: int = LINE_HEIGHT) -> Pixels:
    """The quadrilateral as a picture of ``height`` rows, as wide as its shape asks."""
    along = np.linalg.norm(corners[[1, 2]] - corners[[0, 3]], axis=1)
    across = np.linalg.norm(corners[[3, 2]] - corners[[0, 1]], axis=1)
    long, tall = float(along.mean()), float(across.mean())
    width = int(np.clip(round(height * long / max(tall, 1.0)), 8, MAX_LINE_WIDTH))
    pixels, factor = pyramid.level_for(tall, height)
    source = (corners + 0.5) * factor - 0.5
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    line = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(line, np.uint8)


def hull_along(parts: Sequence[Corners]) -> Corners:
    """The corners around quadrilaterals that all run the same way."""
    if len(parts) == 1:
        return parts[0]
    along = parts[0][1] - parts[0][0]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    across = np.array([-along[1], along[0]])
    points = np.concatenate(parts)
    u, v = points @ along, points @ across
    return np.array(
        [
            a * along + b * across
            for a, b in (
                (u.min(), v.min()),
                (u.max(), v.min()),
                (u.max(), v.max()),
                (u.min(), v.max()),
            )
        ],
        np.float32,
    )
