"""A made-up page of another document: words, lines, a portrait and seals, in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from openapi_shim.specimens.chance import between, pick, weighted
from openapi_shim.specimens.fonts import choose_face
from openapi_shim.specimens.ink import Plate, cloud, press
from openapi_shim.specimens.paper import green_paper
from openapi_shim.specimens.pixels import Light, light
from openapi_shim.specimens.portrait import draw_portrait
from openapi_shim.specimens.seal import draw_seal

ID_1 = (85.6, 54.0)
"""Millimetres of a bank card or an identity card."""
LICENCE = (88.0, 60.0)
A5 = (210.0, 148.0)
A4 = (210.0, 297.0)

Word = tuple[float, float, str, float]
"""Left, baseline, text, em; millimetres."""


@dataclass
class Page:
    """What is printed on one page.

    Attributes:
        size: width and height.
        tone: of the paper, RGB, 0 to 1; None for a licence's green security paper.
        words: the form: titles and labels.
        values: what was filled in, in a font of its own.
        lines: of a table: left, top, right, bottom of each box.
        portrait: left, top, width, height and the sitter's sex.
        seals: text, left, top, side of square ones; a negative side is a round one's diameter.
        label_ink: RGB, 0 to 1.
        value_ink: likewise.
        label_styles: fonts the form may have.
    """

    size: tuple[float, float]
    tone: tuple[float, float, float] | None = (0.96, 0.96, 0.95)
    words: list[Word] = field(default_factory=list)
    values: list[Word] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    portrait: tuple[float, float, float, float, str] | None = None
    seals: list[tuple[str, float, float, float]] = field(default_factory=list)
    label_ink: tuple[float, float, float] = (0.1, 0.1, 0.12)
    value_ink: tuple[float, float, float] = (0.1, 0.1, 0.12)
    label_styles: Sequence[str] = ("hei", "song")

    def title(self, baseline: float, text: str, em: float) -> None:
        """A line in the middle of the page."""
        wide = sum(0.55 if letter.isascii() else 1.0 for letter in text) * em
        self.words.append(((self.size[0] - wide) / 2, baseline, text, em))

    def row(
        self, x: float, y: float, label: str, value: str, *, em: float, gap: float = 1.2
    ) -> float:
        """A label and its value on one row; where the value begins."""
        wide = sum(0.55 if letter.isascii() else 1.0 for letter in label) * em
        self.words.append((x, y, label, em))
        self.values.append((x + wide + gap, y, value, em * 1.12))
        return x + wide + gap


def draw_page(rng: np.random.Generator, page: Page, scale: float) -> Light:
    """The page at ``scale`` pixels per millimetre, RGB, 0 to 1.

    Fonts, the size of the print, its place on the page and the inks' strength are by chance.
    """
    width, height = page.size
    paper = _paper(rng, page, scale)
    if page.portrait is not None:
        _portrait(rng, paper, page.portrait, scale)
    labels = choose_face(
        rng, (pick(rng, page.label_styles),), [text for _, _, text, _ in page.words]
    )
    style = weighted(rng, [("hei", 3.0), ("song", 3.0), ("kai", 1.0), ("bold", 0.6)])
    values = choose_face(rng, (style,), [text for _, _, text, _ in page.values])
    size = between(rng, 0.93, 1.07)
    for words, face, ink in (
        (page.words, labels, page.label_ink),
        (page.values, values, page.value_ink),
    ):
        plate = Plate(width, height, scale)
        dx, dy = float(rng.normal(0, 0.6)), float(rng.normal(0, 0.4))
        for left, baseline, text, em in words:
            plate.text((left + dx, baseline + dy), text, face, em * size)
        press(paper, plate.mask(), ink, rng, density=between(rng, 0.78, 0.97), uneven=0.12)
    ruled = Plate(width, height, scale)
    for box in page.lines:
        ruled.box(*box, line=between(rng, 0.15, 0.3))
    press(paper, ruled.mask(), page.label_ink, rng, density=0.75)
    for text, left, top, side in page.seals:
        red = Plate(width, height, scale)
        stamp = (
            _round_seal(rng, text, -side, scale) if side < 0 else draw_seal(rng, text, side, scale)
        )
        red.paste(stamp, left, top)
        press(paper, red.mask(), (0.85, 0.15, 0.2), rng, density=between(rng, 0.6, 0.88))
    return paper


def _paper(rng: np.random.Generator, page: Page, scale: float) -> Light:
    width, height = page.size
    if page.tone is None:
        return green_paper(rng, width, height, scale)
    shape = (round(height * scale), round(width * scale))
    tone = light([min(1.0, part * between(rng, 0.96, 1.02)) for part in page.tone])
    paper = light(tone - between(rng, 0.01, 0.1) * cloud(rng, shape, 12)[..., None])
    if between(rng, 0, 1) < 0.35:  # a printed pattern of fine lines
        x = np.linspace(0, width / between(rng, 0.8, 3.0) * 6.283, shape[1], dtype=np.float32)
        y = np.linspace(0, between(rng, 4, 14), shape[0], dtype=np.float32)
        wave = np.sin(x[None, :] + 3 * np.sin(y[:, None]))
        paper -= light(np.clip(wave - 0.7, 0, 1) * between(rng, 0.08, 0.3))[..., None]
    return paper.clip(0, 1)


def _portrait(
    rng: np.random.Generator,
    paper: Light,
    place: tuple[float, float, float, float, str],
    scale: float,
) -> None:
    left, top = round(place[0] * scale), round(place[1] * scale)
    width, height = round(place[2] * scale), round(place[3] * scale)
    paper[top : top + height, left : left + width] = draw_portrait(rng, place[4], width, height)


def _round_seal(rng: np.random.Generator, text: str, side: float, scale: float) -> Light:
    """An office's round stamp: a ring, a star's dot, and the text across."""
    size = round(side * scale)
    plate = Plate(side, side, scale)
    em = side * 0.78 / max(4, len(text) / 2)
    face = choose_face(rng, ("song",), [text])
    half = (len(text) + 1) // 2
    for number, part in enumerate((text[:half], text[half:])):
        plate.text((side / 2, side * (0.34 + 0.45 * number)), part, face, em, anchor="m")
    mask = np.asarray(plate.mask() * 255, np.uint8)
    middle = size // 2
    cv2.circle(mask, (middle, middle), middle - 2, 255, max(2, round(0.7 * scale)), cv2.LINE_AA)
    cv2.circle(mask, (middle, middle), max(2, round(side * 0.06 * scale)), 255, -1, cv2.LINE_AA)
    return light(mask) / np.float32(255)
