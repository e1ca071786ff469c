"""An address' second line where the detector missed it, or its begin: both are small things."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from openapi_shim.ocr.card import WIDTH
from openapi_shim.ocr.labels import part_of
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified, cut_level, level, rectangle

_TAIL = re.compile("[0-9A-Z\u4e00-\u9fff-]{1,8}")
_BEGIN, _NUMBER_ENDS = re.compile("-([0-9A-Z].*)"), re.compile("[0-9A-Z]$")
_SURE = 0.6  # what is read where nothing was detected must be no accident
_FULL = 0.75 * WIDTH  # mm: a line that ends beyond may have gone on below
_ONE_LINE = 7.0  # mm
_AIR = 0.5  # mm


def read_tail(reader: LineReader, card: Rectified, address: Candidate) -> Candidate | None:
    """The address with the short second line that the detector overlooked, or None.

    A line that was filled may have pushed a few characters to the next one; a lone 号 is too
    small a thing for the detector.

    Args:
        reader: of lines.
        card: the rectified card.
        address: with corners in the card's pixels.
    """
    left, top, right, bottom = _extent(address)
    if right - MARGIN < _FULL or bottom - top > _ONE_LINE:
        return None
    corners = rectangle(left - _AIR, bottom - _AIR, left + 22, bottom + 4.4)
    read = reader.read([cut_level(card.pixels, corners)])[0]
    tail = "".join(glyph.character for glyph in read.glyphs if not glyph.character.isspace())
    if not _TAIL.fullmatch(tail) or min(g.probability for g in read.glyphs) < _SURE:
        return None
    if read.glyphs[0].position > 0.2:  # a line begins where the one above begins
        return None
    weakest = min(address.weakest, *(glyph.probability for glyph in read.glyphs))
    extent = part_of(corners, 0.0, min(1.0, read.glyphs[-1].position + 0.1))
    around = np.concatenate([address.corners, extent])
    value, text = address.value + tail, address.text + tail
    return Candidate(value, text, address.confidence, weakest, level(around))


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
    read = reader.read([cut_level(card.pixels, below)])[0]
    dashed = _BEGIN.fullmatch(read.string.replace(" ", ""))
    sure = next((one.probability for one in read.glyphs if one.character == "-"), 0.0)
    if dashed is None or sure < _SURE or not address.value.endswith(dashed[1]):
        return None
    before = address.value.removesuffix(dashed[1])
    if not _NUMBER_ENDS.search(before):
        return None
    whole = before + dashed[0]
    return replace(address, value=whole, text=whole, weakest=min(address.weakest, sure))


def _extent(address: Candidate) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, millimetres of the picture."""
    left, top = address.corners.min(axis=0) / PIXELS_PER_MM
    right, bottom = address.corners.max(axis=0) / PIXELS_PER_MM
    return left, top, right, bottom
