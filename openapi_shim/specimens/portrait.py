"""An invented portrait: a face of ellipses and soft shading, nobody's likeness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.specimens.chance import between, chance, pick, weighted
from openapi_shim.specimens.pixels import Light, light

Colour = tuple[int, int, int]

_SKINS: tuple[Colour, ...] = ((232, 196, 168), (224, 184, 154), (214, 172, 142), (238, 206, 182))
_HAIR: tuple[Colour, ...] = ((30, 26, 26), (40, 33, 31), (24, 23, 26), (56, 46, 41))
_CLOTHES: tuple[Colour, ...] = (
    (40, 44, 58), (64, 68, 76), (104, 42, 46), (36, 60, 88), (74, 88, 70), (216, 216, 220),
    (30, 32, 36), (120, 126, 140),
)  # fmt: skip
_BACKDROPS: tuple[tuple[Colour, float], ...] = (
    ((247, 248, 249), 3.0),
    ((240, 244, 248), 2.0),
    ((204, 223, 240), 0.6),
)
_WIDTH, _HEIGHT = 440, 600  # the drawing's own pixels


@dataclass(frozen=True)
class _Sitter:
    """Who sits for the portrait: colours, and the head's middle and radii in pixels."""

    skin: Colour
    hair: Colour
    lips: Colour
    x: float
    y: float
    rx: float
    ry: float
    long_hair: bool
    fringe: bool
    glasses: bool
    heavy_brow: bool


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (int(min(255, part * factor)) for part in colour)
    return red, green, blue


def _oval(pen: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
    pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill=fill)


def _bust(pen: ImageDraw.ImageDraw, sitter: _Sitter, clothes: Colour) -> None:
    x, y, skin = sitter.x, sitter.y, sitter.skin
    _oval(pen, x, 660, 232, 178, clothes)
    pen.polygon([(x - 96, 500), (x - 54, 462), (x + 54, 462), (x + 96, 500)], fill=clothes)
    neck = [(x - 55, y + 70), (x + 55, y + 70), (x + 64, 476), (x, 520), (x - 64, 476)]
    pen.polygon(neck, fill=_shade(skin, 0.86))
    _oval(pen, x, y + 118, 62, 50, _shade(skin, 0.74))  # the chin's shadow
    collar = (242, 242, 245) if sum(clothes) < 500 else _shade(clothes, 0.9)
    for side in (-1, 1):
        pen.polygon(
            [(x + side * 74, 484), (x + side * 58, 456), (x, 524), (x + side * 34, 562)],
            fill=collar,
        )
    pen.polygon(
        [(x - 8, 524), (x + 8, 524), (x + 16, 600), (x - 16, 600)], fill=_shade(collar, 0.9)
    )


def _head(pen: ImageDraw.ImageDraw, sitter: _Sitter) -> None:
    x, y, rx, ry, skin, hair = (
        sitter.x, sitter.y, sitter.rx, sitter.ry, sitter.skin, sitter.hair,
    )  # fmt: skip
    if not sitter.long_hair:
        for side in (-1, 1):
            _oval(pen, x + side * rx * 0.99, y + 22, 15, 34, _shade(skin, 0.86))
    _oval(pen, x, y - 22, rx * 1.07, ry * 0.98, hair)
    pen.polygon(
        [(x - rx * 1.06, y - 40), (x + rx * 1.06, y - 40), (x + rx, y + 2), (x - rx, y + 2)],
        fill=hair,
    )
    _oval(pen, x, y + 8, rx * 0.96, ry * 0.80, skin)  # forehead and cheeks
    _oval(pen, x, y + 34, rx * 0.90, ry * 0.78, skin)  # jaw
    _oval(pen, x, y + 84, rx * 0.60, ry * 0.46, skin)  # chin
    if sitter.fringe:
        part = sitter.x + (sitter.rx * 0.35 if sitter.heavy_brow else -sitter.rx * 0.3)
        pen.polygon(
            [(x - rx * 0.98, y - 10), (x - rx * 0.9, y - 60), (part, y - ry * 0.62),
             (x + rx * 0.9, y - 60), (x + rx * 0.98, y - 10), (x + rx * 1.02, y - 70),
             (x, y - ry * 0.98), (x - rx * 1.02, y - 70)],
            fill=hair,
        )  # fmt: skip


def _features(pen: ImageDraw.ImageDraw, sitter: _Sitter) -> None:
    x, y, skin = sitter.x, sitter.y, sitter.skin
    eyes = y + 8
    for side in (-1, 1):
        at = x + side * 43
        _oval(pen, at, eyes - 4, 29, 17, _shade(skin, 0.91))
        _oval(pen, at, eyes, 20, 8, (236, 230, 226))
        _oval(pen, at, eyes, 9, 9, (44, 32, 28))
        pen.arc((at - 23, eyes - 12, at + 23, eyes + 13), 195, 345, fill=(58, 42, 38), width=5)
        tilt = side * 3
        brow = [(at - 27, eyes - 30 + tilt), (at, eyes - 35), (at + 27, eyes - 30 - tilt)]
        pen.line(brow, fill=_shade(sitter.hair, 1.7), width=9 if sitter.heavy_brow else 5)
        _oval(pen, x + side * 12, y + 67, 6, 4, _shade(skin, 0.64))
        pen.line(
            [(x + side * 22, y + 58), (x + side * 20, y + 68)], fill=_shade(skin, 0.8), width=5
        )
    pen.line([(x + 13, eyes + 6), (x + 16, y + 52)], fill=_shade(skin, 0.9), width=9)
    _oval(pen, x, y + 99, 32, 10, sitter.lips)
    pen.line(
        [(x - 32, y + 97), (x, y + 99), (x + 32, y + 97)], fill=_shade(sitter.lips, 0.62), width=4
    )
    _oval(pen, x, y + 118, 20, 4, _shade(skin, 0.88))


def _glasses(pen: ImageDraw.ImageDraw, sitter: _Sitter) -> None:
    frame, eyes = (52, 46, 48), sitter.y + 8
    for side in (-1, 1):
        at = sitter.x + side * 44
        box = (at - 34, eyes - 20, at + 34, eyes + 26)
        pen.rounded_rectangle(box, 14, outline=frame, width=4)
        pen.line(
            [(at + side * 34, eyes - 6), (sitter.x + side * sitter.rx, eyes - 8)],
            fill=frame,
            width=4,
        )
    pen.line([(sitter.x - 10, eyes - 3), (sitter.x + 10, eyes - 3)], fill=frame, width=4)


def _blurred(image: Image.Image, sigma: float) -> Light:
    return light(cv2.GaussianBlur(np.asarray(image), (0, 0), sigma)) / np.float32(255)


def _soft(sitter: _Sitter, at: tuple[float, float], radii: tuple[float, float]) -> Light:
    """A soft spot, 1 in its middle, placed from the head's middle in pixels."""
    x = (np.arange(_WIDTH, dtype=np.float32)[None, :] - sitter.x - at[0]) / radii[0]
    y = (np.arange(_HEIGHT, dtype=np.float32)[:, None] - sitter.y - at[1]) / radii[1]
    return light(np.exp(-(x**2 + y**2)))


def _lit(rng: np.random.Generator, face: Light, backdrop: Colour, sitter: _Sitter) -> Light:
    """Studio light: a lamp from one side, cheeks, forehead and nose that catch it, hair's grain."""
    side = pick(rng, (-1.0, 1.0))
    shape = 0.80 + 0.24 * _soft(sitter, (side * 30, -20), (135, 185))
    shape += 0.05 * _soft(sitter, (side * 44, 44), (34, 30)) + 0.06 * _soft(
        sitter, (2, 36), (9, 40)
    )
    shape += 0.06 * _soft(sitter, (side * 14, -62), (60, 30))
    plain = light(backdrop) / np.float32(255)
    subject = np.clip(np.abs(face - plain).max(axis=2, keepdims=True) * 8 - 0.3, 0, 1)
    warm = light([1.05, 0.97, 0.95]) - 1
    blush = sum(_soft(sitter, (cheek * 56, 52), (34, 26)) for cheek in (-1, 1)) * 0.7
    face = face * (1 + light(blush)[..., None] * warm)
    face = face * (1 + (shape[..., None] - 1) * subject)
    dark = np.clip(1 - face.max(axis=2) * 4, 0, 1)  # hair and dark cloth
    strands = cv2.resize(rng.random((60, _WIDTH), dtype=np.float32), (_WIDTH, _HEIGHT))
    shine = light(strands - 0.35) * _soft(sitter, (side * 34, -118), (80, 46)) * dark
    return light(face + shine[..., None] * 0.25)


def draw_portrait(rng: np.random.Generator, sex: str, width: int, height: int) -> Light:
    """A portrait of ``width`` x ``height`` pixels, RGB, 0 to 1."""
    woman = sex == "女"
    sitter = _Sitter(
        skin=pick(rng, _SKINS),
        hair=pick(rng, _HAIR),
        lips=(184, 104, 98) if woman else (176, 118, 104),
        x=_WIDTH / 2 + between(rng, -6, 6),
        y=_HEIGHT * 0.43,
        rx=between(rng, 98, 112),
        ry=between(rng, 140, 150),
        long_hair=woman and chance(rng, 0.7),
        fringe=chance(rng, 0.45),
        glasses=chance(rng, 0.25),
        heavy_brow=not woman,
    )
    backdrop, clothes = weighted(rng, list(_BACKDROPS)), pick(rng, _CLOTHES)
    image = Image.new("RGB", (_WIDTH, _HEIGHT), backdrop)
    pen = ImageDraw.Draw(image)
    if sitter.long_hair:
        _oval(pen, sitter.x, sitter.y + 30, sitter.rx * 1.26, sitter.ry * 1.30, sitter.hair)
    _bust(pen, sitter, clothes)
    _head(pen, sitter)
    soft = _blurred(image, 7.0)
    _features(pen, sitter)
    if sitter.glasses:
        _glasses(pen, sitter)
    face = 0.35 * soft + 0.65 * _blurred(image, 3.4)
    face = _lit(rng, light(face), backdrop, sitter)
    tone = light([between(rng, 0.97, 1.03), 1.0, between(rng, 0.96, 1.04)])
    grain = rng.normal(0, 0.012, face.shape[:2]).astype(np.float32)
    face = face * tone * between(rng, 0.94, 1.02) + grain[..., None]
    return light(cv2.resize(face, (width, height), interpolation=cv2.INTER_AREA)).clip(0.02, 1)
