"""The card as seen from straight above: a warp from the photo to a picture of known scale."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.crops import LINE_HEIGHT, Corners, Pyramid
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.register import Matrix, Registration

# Text of 3 mm is then 24 px high; more was no better and took longer.
PIXELS_PER_MM = 8.0
MARGIN = 4.0
"""Millimetres around the card that are kept: a registration is not exact."""
_TO_PICTURE = np.array(
    [
        [PIXELS_PER_MM, 0, MARGIN * PIXELS_PER_MM],
        [0, PIXELS_PER_MM, MARGIN * PIXELS_PER_MM],
        [0, 0, 1.0],
    ]
)


@dataclass(frozen=True)
class Rectified:
    """The card's picture.

    Attributes:
        pixels: ``PIXELS_PER_MM`` on both axes, ``MARGIN`` around the card.
        from_photo: 3 × 3, the photo's pixels to this picture's.
    """

    pixels: Pixels
    from_photo: Matrix

    @property
    def to_card(self) -> Matrix:
        """3 × 3, this picture's pixels to the card's millimetres."""
        return np.linalg.inv(_TO_PICTURE)

    @property
    def place(self) -> Matrix:
        """3 × 3, the photo's pixels to the card's millimetres."""
        return self.to_card @ self.from_photo


def rectify(pyramid: Pyramid, registration: Registration, blur: float) -> Rectified:
    """Warps the card out of the photo.

    Args:
        pyramid: of the photo.
        registration: where the card is.
        blur: standard deviation in pixels of the result; a little of it calms a sensor's noise.
    """
    from_photo = _TO_PICTURE @ registration.matrix
    centre = registration.to_photo([(WIDTH / 2, HEIGHT / 2), (WIDTH / 2 + 1, HEIGHT / 2)])
    photo_scale = float(np.linalg.norm(centre[1] - centre[0]))
    pixels, factor = pyramid.level_for(photo_scale, PIXELS_PER_MM)
    shrink = np.diag([1 / factor, 1 / factor, 1.0])
    size = (
        round((WIDTH + 2 * MARGIN) * PIXELS_PER_MM),
        round((HEIGHT + 2 * MARGIN) * PIXELS_PER_MM),
    )
    warped = cv2.warpPerspective(
        pixels, from_photo @ shrink, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if blur:
        warped = cv2.GaussianBlur(warped, (0, 0), blur)
    return Rectified(np.asarray(warped, np.uint8), from_photo)


def rectangle(left: float, top: float, right: float, bottom: float) -> Corners:
    """Corners in the rectified card's pixels, from millimetres of the picture with its margin."""
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return corners * np.float32(PIXELS_PER_MM)


def cut_level(pixels: Pixels, corners: Corners) -> Pixels:
    """A level rectangle of a rectified card, as high as the reader takes lines."""
    (left, top), (right, bottom) = np.rint(corners[[0, 2]]).astype(int)
    height, width = pixels.shape[:2]
    strip = pixels[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    if not strip.size:
        return np.zeros((LINE_HEIGHT, LINE_HEIGHT, 3), np.uint8)
    wide = max(8, round(LINE_HEIGHT * strip.shape[1] / max(1, strip.shape[0])))
    line = cv2.resize(strip, (wide, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(line, np.uint8)


def level(corners: Corners) -> Corners:
    """The upright rectangle around any points."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
