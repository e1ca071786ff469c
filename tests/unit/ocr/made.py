"""Values made by hand for the tests: lines as the reader would give them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.labels import LABELS, Segment
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.placed import Placed
from openapi_shim.ocr.read_lines import Glyph, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM

SEAL_RED = (60, 50, 190)


def read_text(string: str, probability: float = 0.99) -> Text:
    """A line as read, its characters evenly spaced."""
    count = max(1, len(string))
    glyphs = tuple(
        Glyph(character, probability, (index + 0.5) / count)
        for index, character in enumerate(string)
    )
    return Text(glyphs)


def rectangle(left: float, top: float, right: float, bottom: float) -> Corners:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def segment(label: str, text: str, corners: Corners, probability: float = 0.99) -> Segment:
    compact = text.replace(" ", "")
    count = len(compact)
    places = tuple((index + 0.5) / count for index in range(count))
    return Segment(label, compact, text, (probability,) * count, places, corners)


def text_of(key: str) -> str:
    return LABELS[key][0]


def placed(label: str, text: str, left: float, y: float, *, height: float = 4.5) -> Placed:
    """A segment on the card: characters of Latin script are half as wide as the others."""
    size = 0.75 * height
    width = sum(size * (0.55 if c.isascii() else 1.0) for c in text) + 0.25 * height
    top, bottom = y - height / 2, y + height / 2
    corners = rectangle(left, top, left + width, bottom)
    return Placed(segment(label, text, corners), left, left + width, y, height)


def candidate(value: str, confidence: float = 0.99, weakest: float = 0.99) -> Candidate:
    return Candidate(value, value, confidence, weakest, rectangle(0, 0, 10, 5))


def card_with_seal(left: float, top: float, side: float, rows: int) -> Pixels:
    """A rectified card with a framed seal of ``rows`` rows of blocks; millimetres."""
    card = np.full((544, 768, 3), (200, 225, 205), np.uint8)
    x, y, width = (round(v * PIXELS_PER_MM) for v in (left + MARGIN, top + MARGIN, side))
    cv2.rectangle(card, (x, y), (x + width, y + width), SEAL_RED, 5)
    pitch = width / rows
    for row in range(rows):
        for column in range(4):
            corner = (round(x + 10 + column * width / 4.2), round(y + row * pitch + 0.14 * pitch))
            end = (corner[0] + width // 6, round(corner[1] + 0.72 * pitch))
            cv2.rectangle(card, corner, end, SEAL_RED, 3)
            cv2.line(card, corner, end, SEAL_RED, 3)
    return card


def at(value: str, left: float, middle: float) -> Candidate:
    """A candidate whose box begins at ``left`` and has its middle at ``middle``, mm."""
    edges = np.array(
        [
            [left, middle - 2],
            [left + 20, middle - 2],
            [left + 20, middle + 2],
            [left, middle + 2],
        ],
        np.float32,
    )
    corners = ((edges + MARGIN) * PIXELS_PER_MM).astype(np.float32)
    return replace(candidate(value), corners=corners)
