"""A picture of all values that were not exact, each as it stands in its photo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.cli.annotated import chinese_font
from openapi_shim.cli.readings import LABELS, two_digits
from openapi_shim.cli.scores import Miss
from openapi_shim.ocr.decode import Photo, decode

AT_MOST = 200
"""Misses that one sheet shows."""

_WIDTH, _CROP, _HEIGHT = 1400, 560, 96
_GROUND, _INK, _FAINT, _WRONG = "#fafaf8", "#1c2026", "#787e86", "#c83030"


def draw_sheet(misses: Sequence[Miss]) -> bytes:
    """A JPEG with one row a miss: its place in the photo, what is true, and what was read."""
    shown = misses[:AT_MOST]
    sheet = Image.new("RGB", (_WIDTH, max(1, len(shown)) * _HEIGHT), _GROUND)
    pen = ImageDraw.Draw(sheet)
    if not shown:
        pen.text((24, 30), "no errors", font=chinese_font(24), fill=_INK)
    for number, miss in enumerate(shown):
        top = number * _HEIGHT
        sheet.paste(_crop(miss), (12, top + 8))
        left = _CROP + 36
        head = f"{LABELS[miss.name]}  {miss.file.name}  {two_digits(miss.found.confidence)}"
        pen.text((left, top + 8), head, font=chinese_font(16), fill=_FAINT)
        pen.text((left, top + 32), miss.wanted or "—", font=chinese_font(22), fill=_INK)
        pen.text((left, top + 62), miss.found.value or "—", font=chinese_font(22), fill=_WRONG)
        pen.line((0, top + _HEIGHT - 1, _WIDTH, top + _HEIGHT - 1), fill="#deded8")
    pixels = np.asarray(sheet)[:, :, ::-1]
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])[1])


@lru_cache(maxsize=4)
def _photo(file: Path) -> Photo:
    return decode(file.read_bytes())


def _crop(miss: Miss) -> Image.Image:
    """The value upright and at a readable size; a grey field where it was not found."""
    size = (_CROP, _HEIGHT - 16)
    if miss.found.quad is None:
        return Image.new("RGB", size, "#e2e2de")
    photo = _photo(miss.file)
    quad = np.array(miss.found.quad, np.float32) / photo.scale
    long = float(np.linalg.norm(quad[1] - quad[0]))
    tall = max(1.0, float(np.linalg.norm(quad[3] - quad[0])))
    factor = min(size[0] / long, size[1] / tall)
    width, height = max(1, round(long * factor)), max(1, round(tall * factor))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    line = cv2.warpPerspective(photo.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)
    cut = Image.new("RGB", size, _GROUND)
    cut.paste(Image.fromarray(np.ascontiguousarray(line[:, :, ::-1])), (0, (size[1] - height) // 2))
    return cut
