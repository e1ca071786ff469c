"""An invented portrait: a face of ellipses and soft shading, nobody's likeness."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.specimens.chance import between, chance, pick
from openapi_shim.specimens.pixels import Light, light

_SKINS = ((236, 200, 172), (226, 186, 156), (214, 172, 140), (240, 208, 184))
_HAIR = ((28, 24, 24), (38, 30, 28), (20, 20, 24), (52, 42, 38))
_CLOTHES = ((40, 44, 58), (64, 68, 76), (110, 40, 44), (34, 60, 88), (74, 90, 70), (224, 224, 226))
_GROUNDS = ((246, 247, 248), (238, 242, 246), (250, 250, 248), (206, 224, 240))
_WIDTH, _HEIGHT = 440, 600  # the drawing's own pixels


def _shade(colour: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    red, green, blue = (int(min(255, part * factor)) for part in colour)
    return red, green, blue


def _ellipse(
    pen: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, fill: tuple[int, int, int]
) -> None:
    pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill=fill)


def draw_portrait(rng: np.random.Generator, sex: str, width: int, height: int) -> Light:
    """A portrait of ``width`` x ``height`` pixels, RGB, 0 to 1."""
    skin, hair, clothes = pick(rng, _SKINS), pick(rng, _HAIR), pick(rng, _CLOTHES)
    ground = pick(rng, _GROUNDS)
    image = Image.new("RGB", (_WIDTH, _HEIGHT), ground)
    pen = ImageDraw.Draw(image)
    x, y = _WIDTH / 2 + between(rng, -6, 6), _HEIGHT * 0.44
    rx, ry = between(rng, 98, 112), between(rng, 132, 148)
    long_hair = sex == "女" and chance(rng, 0.7)
    if long_hair:
        _ellipse(pen, x, y + 20, rx * 1.32, ry * 1.42, hair)
        pen.rectangle((x - rx * 1.3, y, x + rx * 1.3, y + ry * 1.25), fill=hair)
    pen.polygon(  # shoulders
        [(-20, 620), (20, 520), (x - 120, 468), (x, 450), (x + 120, 468), (420, 520), (460, 620)],
        fill=clothes,
    )
    pen.polygon(  # neck
        [(x - 52, y + 80), (x + 52, y + 80), (x + 66, 482), (x, 512), (x - 66, 482)],
        fill=_shade(skin, 0.84),
    )
    collar = (244, 244, 246) if sum(clothes) < 500 else _shade(clothes, 0.88)
    pen.polygon([(x - 72, 470), (x - 58, 458), (x, 520), (x - 26, 556)], fill=collar)
    pen.polygon([(x + 72, 470), (x + 58, 458), (x, 520), (x + 26, 556)], fill=collar)
    if not long_hair:
        for side in (-1, 1):
            _ellipse(pen, x + side * rx * 1.0, y + 12, 17, 34, _shade(skin, 0.88))
    _ellipse(pen, x, y - 34, rx * 1.10, ry * 0.98, hair)
    pen.polygon(  # face: a jaw under an ellipse
        [(x - rx, y - 30), (x - rx * 0.92, y + 60), (x - rx * 0.46, y + ry * 0.92), (x, y + ry),
         (x + rx * 0.46, y + ry * 0.92), (x + rx * 0.92, y + 60), (x + rx, y - 30)],
        fill=skin,
    )  # fmt: skip
    _ellipse(pen, x, y + 2, rx, ry * 0.99, skin)
    parting = between(rng, -0.5, 0.5)
    _ellipse(pen, x - rx * 0.4 * parting, y - ry * 0.86, rx * 0.98, ry * 0.36, hair)
    pen.polygon(
        [(x - rx * 1.06, y - 20), (x - rx * 0.86, y - 92), (x + rx * parting, y - ry * 0.74),
         (x + rx * 0.86, y - 92), (x + rx * 1.06, y - 20), (x + rx * 0.9, y - ry),
         (x - rx * 0.9, y - ry)],
        fill=hair,
    )  # fmt: skip
    _face(pen, rng, x, y, skin, sex)
    return _finish(rng, image, (x, y), width, height)


def _face(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    x: float,
    y: float,
    skin: tuple[int, int, int],
    sex: str,
) -> None:
    eyes, brow = y + between(rng, -4, 6), between(rng, 28, 34)
    glasses = chance(rng, 0.25)
    for side in (-1, 1):
        cx = x + side * 43
        _ellipse(pen, cx, eyes - 2, 27, 15, _shade(skin, 0.90))
        _ellipse(pen, cx, eyes, 20, 8, (242, 238, 234))
        _ellipse(pen, cx, eyes, 9, 9, (42, 30, 26))
        _ellipse(pen, cx - 3, eyes - 3, 2.5, 2.5, (235, 235, 235))
        pen.arc((cx - 22, eyes - 11, cx + 22, eyes + 12), 195, 345, fill=(50, 36, 32), width=4)
        tilt = side * 3
        pen.line(
            (cx - 27, eyes - brow + tilt, cx + 27, eyes - brow - tilt),
            fill=(58, 44, 40),
            width=8 if sex == "男" else 5,
        )
        if glasses:
            pen.rounded_rectangle(
                (cx - 34, eyes - 21, cx + 34, eyes + 24), 12, outline=(46, 42, 44), width=4
            )
    if glasses:
        pen.line((x - 9, eyes - 4, x + 9, eyes - 4), fill=(46, 42, 44), width=4)
    pen.polygon(
        [(x - 6, eyes + 10), (x - 20, y + 62), (x + 20, y + 62), (x + 7, eyes + 10)],
        fill=_shade(skin, 0.95),
    )
    _ellipse(pen, x, y + 60, 21, 12, _shade(skin, 0.93))
    for side in (-1, 1):
        _ellipse(pen, x + side * 11, y + 66, 6, 4, _shade(skin, 0.62))
    lips = (176, 96, 92) if sex == "女" else (172, 112, 100)
    _ellipse(pen, x, y + 96, 31, 9, lips)
    pen.line((x - 31, y + 95, x, y + 97, x + 31, y + 95), fill=_shade(lips, 0.62), width=3)


def _finish(
    rng: np.random.Generator,
    image: Image.Image,
    centre: tuple[float, float],
    width: int,
    height: int,
) -> Light:
    face = light(cv2.GaussianBlur(np.asarray(image), (0, 0), 4.0)) / np.float32(255)
    x = np.linspace(0, _WIDTH, _WIDTH, dtype=np.float32)[None, :]
    y = np.linspace(0, _HEIGHT, _HEIGHT, dtype=np.float32)[:, None]
    side = pick(rng, (-1.0, 1.0))
    lit = (
        1.05
        - 0.16
        * np.clip(np.hypot((x - centre[0] - side * 34) / 150, (y - centre[1] + 26) / 205), 0, 1.4)
        ** 2
    )
    ground = face[4, 4]  # the backdrop is lit by itself
    subject = np.clip(np.abs(face - ground).max(axis=2, keepdims=True) * 8 - 0.4, 0, 1)
    face = face * (1 + (light(lit)[..., None] - 1) * subject)
    grain = rng.normal(0, 0.012, face.shape[:2]).astype(np.float32)
    tone = light([between(rng, 0.97, 1.03), 1.0, between(rng, 0.96, 1.04)])
    face = face * tone * between(rng, 0.92, 1.03) + grain[..., None]
    return light(cv2.resize(face, (width, height), interpolation=cv2.INTER_AREA)).clip(0.02, 1)
