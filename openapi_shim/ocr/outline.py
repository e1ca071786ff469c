"""Cards by their outline: for photos whose text is too faint to be found before rectifying."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.register import CARD_CORNERS, Matrix

_SIDE = 400  # pixels of the longer side in which outlines are looked for
_AT_MOST = 3
_SMALLEST, _LARGEST = 0.025, 0.97  # of the photo's area


def card_outlines(pixels: Pixels) -> list[Matrix]:
    """Homographies from pixels to millimetres for whatever has a card's shape, largest first.

    Which end is up is not told: a card may come out upside down.
    """
    factor = _SIDE / max(pixels.shape[:2])
    small = np.asarray(
        cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )
    area = small.shape[0] * small.shape[1]
    found: list[tuple[float, Corners]] = []
    for mask in _masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            size = cv2.contourArea(contour)
            corners = _corners(contour) if _SMALLEST * area < size < _LARGEST * area else None
            if corners is not None and not any(_same(corners, other) for _, other in found):
                found.append((size, corners))
    found.sort(key=lambda pair: -pair[0])
    return [_to_card(corners / factor) for _, corners in found[:_AT_MOST]]


def _masks(small: Pixels) -> Iterator[npt.NDArray[np.uint8]]:
    """Bright against dark, and green against the rest."""
    calm = cv2.medianBlur(small, 7)
    blue, green, red = (calm[:, :, channel].astype(np.int16) for channel in range(3))
    for gray in (
        np.asarray(cv2.cvtColor(calm, cv2.COLOR_BGR2GRAY), np.uint8),
        np.clip(2 * green - red - blue + 64, 0, 255).astype(np.uint8),
        np.asarray(cv2.cvtColor(calm, cv2.COLOR_BGR2HSV)[:, :, 1], np.uint8),
    ):
        _, mask = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for kernel in (5, 11):
            opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((kernel, kernel), np.uint8))
            yield np.asarray(opened, np.uint8)


def _corners(contour: cv2.typing.MatLike) -> Corners | None:
    """Four corners, a long side first, if the contour is a quadrilateral of a card's shape."""
    hull = cv2.convexHull(contour)
    if cv2.contourArea(contour) < 0.85 * cv2.contourArea(hull):
        return None
    length = cv2.arcLength(hull, closed=True)
    quad = hull
    for tolerance in (0.02, 0.03, 0.05, 0.08):
        quad = cv2.approxPolyDP(hull, tolerance * length, closed=True)
        if len(quad) <= 4:
            break
    if len(quad) != 4:
        return None
    corners = quad.reshape(4, 2).astype(np.float32)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    first, second = sides[0] + sides[2], sides[1] + sides[3]
    if not 1.1 < max(first, second) / max(min(first, second), 1.0) < 2.2:
        return None
    return corners if first > second else np.roll(corners, -1, axis=0)


def _same(first: Corners, second: Corners) -> bool:
    apart = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    return bool(apart < 0.2 * np.linalg.norm(first[1] - first[0]))


def _to_card(corners: Corners) -> Matrix:
    # Clockwise on the screen, so that the card is not mirrored.
    if cv2.contourArea(corners.astype(np.float32), oriented=True) < 0:
        corners = corners[[1, 0, 3, 2]]
    to_card = cv2.getPerspectiveTransform(
        corners.astype(np.float32), CARD_CORNERS.astype(np.float32)
    )
    return np.asarray(to_card, np.float64)
