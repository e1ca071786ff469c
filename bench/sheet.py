"""Errors as a picture to look at: each photo with what was read wrong beneath it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from openapi_shim.specimens.fonts import faces

_WIDTH, _HEIGHT = 480, 360
_LINE = 15
_COLUMNS = 4


@dataclass(frozen=True)
class Miss:
    """A photo of which something was not read exactly.

    Attributes:
        title: grade and number.
        image: the photo's bytes.
        wrong: field, truth, value.
    """

    title: str
    image: bytes
    wrong: Sequence[tuple[str, str, str]]


def draw_sheet(misses: Sequence[Miss], path: Path) -> None:
    """Writes the contact sheet; its kind is told by the file's ending."""
    lines = 1 + max((len(miss.wrong) for miss in misses), default=0)
    tall = _HEIGHT + _LINE * lines
    rows = max(1, math.ceil(len(misses) / _COLUMNS))
    sheet = Image.new("RGB", (_COLUMNS * _WIDTH, rows * tall), "white")
    pen = ImageDraw.Draw(sheet)
    font = faces()[0].sized(_LINE - 3)
    for number, miss in enumerate(misses):
        left, top = number % _COLUMNS * _WIDTH, number // _COLUMNS * tall
        photo = Image.open(BytesIO(miss.image))
        photo.thumbnail((_WIDTH - 4, _HEIGHT - 4))
        sheet.paste(photo, (left, top))
        said = [f"{name}: {truth} → {value or '–'}" for name, truth, value in miss.wrong]
        for line, text in enumerate([miss.title, *said]):
            shown = text
            while font.getlength(shown) > _WIDTH - 8:
                shown = f"{shown[:-2]}…"
            pen.text((left, top + _HEIGHT + line * _LINE), shown, fill="black", font=font)
    sheet.save(path)
