"""Reading places of the rectified card in which no text was found, but where some may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

import cv2
import numpy as np

from openapi_shim.ocr.card import WIDTH
from openapi_shim.ocr.checks import find_classes
from openapi_shim.ocr.crops import LINE_HEIGHT, Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.labels import part_of
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified

_TAIL = re.compile("[0-9A-Z\u4e00-\u9fff-]{1,4}")
_SURE = 0.6  # what is read where nothing was detected must be no accident
_FULL = 0.75 * WIDTH  # mm: a line that ends beyond may have gone on below
_ONE_LINE = 7.0  # mm


def read_tail(reader: LineReader, card: Rectified, address: Candidate) -> Candidate | None:
    """The address with the short second line that the detector overlooked, or None.

    A line that was filled may have pushed a character or two to the next one; a lone digit is
    too small a thing for the detector.

    Args:
        reader: of lines.
        card: the rectified card.
        address: with corners in the card's pixels.
    """
    left, top = address.corners.min(axis=0) / PIXELS_PER_MM
    right, bottom = address.corners.max(axis=0) / PIXELS_PER_MM
    if right - MARGIN < _FULL or bottom - top > _ONE_LINE:
        return None
    corners = _rectangle(left - 0.5, bottom - 0.5, left + 22, bottom + 4.4)
    text = _read(reader, card.pixels, corners)
    tail = "".join(glyph.character for glyph in text.glyphs if not glyph.character.isspace())
    if not _TAIL.fullmatch(tail) or min(g.probability for g in text.glyphs) < _SURE:
        return None
    if text.glyphs[0].position > 0.2:  # a line begins where the one above begins
        return None
    weakest = min(address.weakest, *(glyph.probability for glyph in text.glyphs))
    extent = part_of(corners, 0.0, min(1.0, text.glyphs[-1].position + 0.1))
    around = np.concatenate([address.corners, extent])
    (x0, y0), (x1, y1) = around.min(axis=0), around.max(axis=0)
    hull = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    return Candidate(address.value + tail, address.text + tail, address.confidence, weakest, hull)


def read_class(
    reader: LineReader, card: Rectified, fields: Mapping[str, Candidate]
) -> Candidate | None:
    """The class, from where it must be: below the two dates, a row further on, or None.

    A single letter in a box is often no text to the detector.
    """
    birth, issue = fields.get("birth_date"), fields.get("issue_date")
    if birth is None or issue is None:
        return None
    pitch = float(issue.corners[:, 1].mean() - birth.corners[:, 1].mean()) / PIXELS_PER_MM
    height = float(np.ptp(issue.corners[:, 1])) / PIXELS_PER_MM
    if not 3.5 < pitch < 9.0:
        return None
    left = min(float(c.corners[:, 0].min()) for c in (birth, issue)) / PIXELS_PER_MM
    middle = float(issue.corners[:, 1].mean()) / PIXELS_PER_MM + pitch
    corners = _rectangle(left - 0.5, middle - height / 2, left + 16, middle + height / 2)
    text = _read(reader, card.pixels, corners)
    value = find_classes(text.string)
    if not value or min(glyph.probability for glyph in text.glyphs) < _SURE:
        return None
    weakest = 0.9 * min(glyph.probability for glyph in text.glyphs)
    return Candidate(value, text.string, 0.9 * text.confidence, weakest, corners)


def _rectangle(left: float, top: float, right: float, bottom: float) -> Corners:
    """Millimetres (with the margin) to pixels of the rectified card."""
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return corners * np.float32(PIXELS_PER_MM)


def _read(reader: LineReader, pixels: Pixels, corners: Corners) -> Text:
    (left, top), (right, bottom) = np.rint(corners[[0, 2]]).astype(int)
    height, width = pixels.shape[:2]
    strip = pixels[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    wide = max(8, round(LINE_HEIGHT * strip.shape[1] / max(1, strip.shape[0])))
    line = cv2.resize(strip, (wide, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
    return reader.read([np.asarray(line, np.uint8)])[0]
