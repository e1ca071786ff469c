"""An address' second line where the detector missed it, or its begin: both are small things."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from openapi_shim.ocr.card import WIDTH
from openapi_shim.ocr.labels import part_of
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified, cut_level, rectangle

_TAIL = re.compile("[0-9A-Z\u4e00-\u9fff-]{1,8}")
_BEGIN, _NUMBER_ENDS = re.compile("-([0-9A-Z].*)"), re.compile("[0-9A-Z]$")
_SURE = 0.6  # what is read where nothing was detected must be no accident
_FULL = 0.75 * WIDTH  # mm: a line that ends beyond may have gone on below
_ONE_LINE = 7.0  # mm
_AIR = 0.5  # mm


def read_tail(reader: LineReader, card: Rectified, address: Candidate) -> Candidate | None:
    """The address with the short second line that the detector overlooked, or None.

    A line that was filled may have pushed a few characters to the next one; a lone digit is
    too small a thing for the detector.

    Args:
        reader: of lines.
        card: the rectified card.
        address: with corners in the card's pixels.
    """
    left, top, right, bottom = _extent(address)
    if right - MARGIN < _FULL or bottom - top > _ONE_LINE:
        return None
    corners = rectangle(left - _AIR, bottom - _AIR, left + 22, bottom + 4.4)
    text = reader.read([cut_level(card.pixels, corners)])[0]
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


def read_begin(reader: LineReader, card: Rectified, address: Candidate) -> Candidate | None:
    """The address with the dash its second line begins with, which was cut off, or None.

    Args:
        reader: of lines.
        card: the rectified card.
        address: of two lines, with corners in the card's pixels.
    """
    left, top, right, bottom = _extent(address)
    if bottom - top < _ONE_LINE:
        return None
    below = rectangle(left - _AIR, (top + bottom) / 2, right, bottom + _AIR)
    read = reader.read([cut_level(card.pixels, below)])[0].string.replace(" ", "")
    dashed = _BEGIN.fullmatch(read)
    if dashed is None or not address.value.endswith(dashed[1]):
        return None
    before = address.value.removesuffix(dashed[1])
    if not _NUMBER_ENDS.search(before):
        return None
    return replace(address, value=before + dashed[0], text=before + dashed[0])


def _extent(address: Candidate) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, millimetres of the picture."""
    left, top = address.corners.min(axis=0) / PIXELS_PER_MM
    right, bottom = address.corners.max(axis=0) / PIXELS_PER_MM
    return left, top, right, bottom
