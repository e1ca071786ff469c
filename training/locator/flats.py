"""Flat pictures for the locator's training: cards, second pages, things that are neither, grounds.

    python -m training.locator.flats OUT.npz [--cards 500] [--strange 450]

Half of the cards are the generator's own; the others share only what the rules fix (title on
top, seal at the lower left, portrait at the right) and draw the rest by chance, so that the
network cannot learn one generator's paper, fonts or places. Seeds are even: the other half is
for reports.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.specimens import card, page2
from openapi_shim.specimens.backgrounds import draw_background
from openapi_shim.specimens.chance import between, chance, pick, whole
from openapi_shim.specimens.fonts import faces
from openapi_shim.specimens.licenses import LAYOUTS, invent_license

SCALE = 4.0
"""Pixels per millimetre of a flat card: finer than the network can see."""

_FIRST = 500_000  # seed; even ones only
_GROUND = 288
_WORDS = (
    "中华人民共和国机动车驾驶证姓名性别住址省市区县公安局"
    "交通警察支队有效期限证号路街道国籍0123456789-ABC"
)


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """RGB, 0 to 1, to blue green red bytes."""
    whole_range = np.clip(pixels[..., :3] * 255, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(whole_range[..., ::-1])


def _colour(rng: np.random.Generator, low: float, high: float) -> tuple[int, int, int]:
    return tuple(int(v) for v in rng.uniform(low, high, 3))


def _words(rng: np.random.Generator, count: int) -> str:
    return "".join(pick(rng, _WORDS) for _ in range(count))


class _Pen:
    """Draws in millimetres on a page of a card's size."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        size = round(card.WIDTH * SCALE), round(card.HEIGHT * SCALE)
        base = rng.uniform(120, 250) + rng.normal(0, 25, 3)
        y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        waves = sum(
            np.sin((x * np.cos(a) + y * np.sin(a)) / between(rng, 1.5, 12) + between(rng, 0, 6))
            for a in rng.uniform(0, 3.14, 3)
        )
        tilt = (
            rng.normal(0, 0.1, 3)[None, None] * x[..., None] + rng.normal(0, 0.1, 3) * y[..., None]
        )
        paper = base + waves[..., None] * rng.normal(0, between(rng, 0, 8), 3) + tilt
        self.image = Image.fromarray(np.clip(paper, 0, 255).astype(np.uint8))
        self.draw = ImageDraw.Draw(self.image)
        self.ink = _colour(rng, 0, 90)
        self.face = pick(rng, faces())

    def text(
        self, x: float, y: float, text: str, em: float, ink: tuple[int, ...] | None = None
    ) -> float:
        font = self.face.sized(max(6, round(em * SCALE)))
        self.draw.text((x * SCALE, y * SCALE), text, fill=ink or self.ink, font=font, anchor="lm")
        return x + font.getlength(text) / SCALE

    def row(self, x: float, y: float, label: int, value: int, gap: float) -> None:
        if chance(self.rng, 0.85):
            self.text(x, y, _words(self.rng, label), between(self.rng, 1.6, 2.6))
            self.text(x, y + 2, "Abcdef"[: 2 * label], between(self.rng, 1.2, 1.8))
        self.text(x + gap, y, _words(self.rng, value), between(self.rng, 2.6, 4.0))

    def box(self, x: float, y: float, w: float, h: float, **how: object) -> None:
        corners = [v * SCALE for v in (x, y, x + w, y + h)]
        self.draw.rectangle(corners, **how)

    def done(self) -> np.ndarray:
        return np.ascontiguousarray(np.asarray(self.image)[..., ::-1])


def strange_card(rng: np.random.Generator) -> np.ndarray:
    """A main page of no known printer, blue green red bytes."""
    pen = _Pen(rng)
    j = lambda low, high: between(rng, low, high)  # noqa: E731  (a short name for short lines)
    pen.text(j(10, 26), j(4, 8), _words(rng, whole(rng, 11, 14)), j(3.2, 4.8))
    if chance(rng, 0.8):
        pen.text(
            j(14, 30), j(8, 11), "Driving License of the People's Republic of China", j(1.3, 2)
        )
    pen.row(j(2, 8), j(12, 17), 2, 0, 0)
    pen.text(j(16, 34), j(12, 17), "".join(pick(rng, "0123456789") for _ in range(18)), j(3, 4.2))
    y = j(18, 23)
    pen.row(j(2, 8), y, 2, whole(rng, 2, 4), j(7, 12))
    pen.row(j(38, 48), y, 2, 1, j(5, 9))
    pen.row(j(56, 64), y, 2, 2, j(7, 12))
    y = j(24, 29)
    pen.row(j(2, 8), y, 2, whole(rng, 8, 18), j(7, 12))
    if chance(rng, 0.5):
        pen.text(j(10, 17), y + j(3.5, 5), _words(rng, whole(rng, 1, 14)), j(2.6, 4))
    red = pick(
        rng, (_colour(rng, 0, 255), (whole(rng, 120, 230), whole(rng, 0, 90), whole(rng, 0, 90)))
    )
    side, left, top = j(15, 24), j(1.5, 7), j(29, 37)
    pen.box(left, top, side, side, outline=red, width=whole(rng, 1, 4))
    lines = whole(rng, 2, 4)
    for line in range(lines):
        em = side / (lines + 1)
        pen.text(
            left + 1.5,
            top + side * (line + 0.5) / lines,
            _words(rng, int((side - 3) / em)),
            em,
            red,
        )
    x, gap, step = j(23, 32), j(11, 22), j(4.5, 6.8)
    y = j(34, 40)
    for line in range(3):
        words = "2013-09-05" if line < 2 else "C1"
        pen.row(x, y + step * line, 4, 0, gap)
        pen.text(x + gap, y + step * line, words, j(2.6, 3.8))
    pen.row(j(2, 12), j(53, 57.5), 4, 0, 0)
    pen.text(j(14, 30), j(53, 57.5), "2013-09-05 至 2019-09-05", j(2.6, 3.8))
    if chance(rng, 0.93):
        width, height = j(17, 25), j(21, 31)
        left, top = j(82, 86) - width, 58 - j(0, 5) - height
        pen.box(left, top, width, height, fill=_colour(rng, 90, 255))
        middle, skin = left + width * j(0.4, 0.6), _colour(rng, 60, 230)
        shoulders = [
            v * SCALE for v in (left + 1, top + height * 0.7, left + width - 1, top + height * 1.3)
        ]
        pen.draw.pieslice(shoulders, 180, 360, fill=_colour(rng, 0, 255))
        for grow, fill in ((1.25, _colour(rng, 0, 120)), (1.0, skin)):
            rx, ry = width * 0.22 * grow, height * 0.24 * grow
            head = [
                v * SCALE
                for v in (
                    middle - rx,
                    top + height * 0.45 - ry,
                    middle + rx,
                    top + height * 0.45 + ry,
                )
            ]
            pen.draw.ellipse(head, fill=fill)
    return pen.done()


def other_page(rng: np.random.Generator) -> np.ndarray:
    """A page of a card's size that is no main page, blue green red bytes."""
    pen = _Pen(rng)
    for _ in range(whole(rng, 0, 14)):
        pen.text(
            between(rng, 2, 60),
            between(rng, 3, 57),
            _words(rng, whole(rng, 2, 18)),
            between(rng, 1.5, 6),
        )
    for _ in range(whole(rng, 0, 2)):
        pen.box(
            between(rng, 2, 60),
            between(rng, 3, 40),
            between(rng, 5, 30),
            between(rng, 5, 25),
            fill=_colour(rng, 0, 255),
        )
    return pen.done()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--cards", type=int, default=500)
    parser.add_argument("--strange", type=int, default=450)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    mains, others = [], []
    for index in range(options.cards):
        seed = _FIRST + 2 * index
        issued = invent_license(seed, LAYOUTS[index % 2])
        mains.append(_bytes(card.draw_card(seed, issued, SCALE)))
        if index % 3 == 0:
            others.append(_bytes(page2.draw_second_page(seed, issued, SCALE)))
    rng = np.random.default_rng(_FIRST)
    mains += [strange_card(rng) for _ in range(options.strange)]
    others += [other_page(rng) for _ in range(len(others))]
    grounds = [_bytes(draw_background(rng, (_GROUND, _GROUND))) for _ in range(200)]
    np.savez(options.out, mains=np.stack(mains), others=np.stack(others), grounds=np.stack(grounds))


if __name__ == "__main__":
    main()
