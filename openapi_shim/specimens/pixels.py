"""The kinds of pixel arrays that the drawing and the camera pass around."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""Height x width x 3, RGB, 0 to 255."""

Light = npt.NDArray[np.float32]
"""Height x width x 3 or height x width, 0 to 1."""


def light(values: Any) -> Light:
    """An array of OpenCV's or NumPy's as 32-bit floats."""
    return np.asarray(values, dtype=np.float32)


def picture(values: Light) -> Picture:
    """Light from 0 to 1 as bytes; what is beyond is clipped."""
    return np.asarray(np.clip(values * 255.0 + 0.5, 0, 255), dtype=np.uint8)


def moved(plane: Light, right: int, down: int) -> Light:
    """The plane moved by whole pixels; what comes in from outside is 0."""
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return light(cv2.warpAffine(plane, matrix, (plane.shape[1], plane.shape[0])))
