"""The red square seal: rows of characters, each stretched to fill its place."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.specimens.chance import between, chance, pick
from openapi_shim.specimens.fonts import Face, choose_face
from openapi_shim.specimens.pixels import Light, light


def seal_rows(text: str, rows: int) -> list[str]:
    """The text in rows of nearly the same length, the longer ones first."""
    short, longer = divmod(len(text), rows)
    lines, start = [], 0
    for number in range(rows):
        end = start + short + (1 if number < longer else 0)
        lines.append(text[start:end])
        start = end
    return lines


def _stamp(letter: str, face: Face, size: int) -> Image.Image:
    font = face.sized(size)
    canvas = Image.new("L", (size * 2, size * 2))
    ImageDraw.Draw(canvas).text((size // 2, size // 2), letter, fill=255, font=font)
    return canvas.crop(canvas.getbbox() or (0, 0, size, size))


def draw_seal(rng: np.random.Generator, text: str, side: float, scale: float) -> Light:
    """The seal's coverage, 0 to 1.

    Args:
        rng: chance.
        text: the authority.
        side: of the square, millimetres.
        scale: pixels per millimetre.
    """
    face = choose_face(rng, ("song", "kai", "heavy", "hei", "song"), [text])
    size = round(side * scale)
    image = Image.new("L", (size, size))
    pen = ImageDraw.Draw(image)
    border = max(2, round(between(rng, 0.55, 0.9) * scale))
    pen.rectangle((0, 0, size - 1, size - 1), outline=255, width=border)
    rows = 3 if len(text) <= 12 or (len(text) <= 15 and chance(rng, 0.3)) else 4
    lines = seal_rows(text, rows)
    inner = border + round(0.45 * scale)
    room = size - 2 * inner
    height = room / rows
    gap = between(rng, 0.06, 0.12)
    thick = 1 if face.style in {"song", "kai"} else 0
    for row, line in enumerate(lines):
        width = room / len(line)
        for column, letter in enumerate(line):
            glyph = _stamp(letter, face, max(12, round(height)))
            wide = max(2, round(width * (1 - gap)))
            tall = max(2, round(height * (1 - gap)))
            if letter in "一二":
                tall = round(tall * 0.5)
            glyph = glyph.resize((wide, tall), Image.Resampling.BILINEAR)
            x = inner + column * width + (width - wide) / 2
            y = inner + row * height + (height - tall) / 2
            image.paste(255, (round(x), round(y)), glyph)
    mask = np.asarray(image)
    if thick:
        mask = np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)))
    worn = rng.random((size // 3 + 1, size // 3 + 1), dtype=np.float32)
    worn = light(cv2.resize(worn, (size, size), interpolation=cv2.INTER_LINEAR))
    loss = between(rng, 0.0, 0.5) * pick(rng, (0.3, 0.6, 1.0))
    kept = light(1 - loss * np.clip(worn - 0.45, 0, 1) * 1.8)
    return light(mask) / np.float32(255) * kept
