"""Printing on paper: plates of text in millimetres, and ink that soaks in."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openapi_shim.specimens.fonts import Face
from openapi_shim.specimens.pixels import Light, light


class Plate:
    """A printing plate: text goes on it, then it is pressed on the paper in one colour.

    Attributes:
        scale: pixels per millimetre.
    """

    def __init__(self, width: float, height: float, scale: float) -> None:
        """A blank plate of ``width`` x ``height`` millimetres."""
        self.scale = scale
        self._image = Image.new("L", (round(width * scale), round(height * scale)))
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        face: Face,
        size: float,
        *,
        anchor: str = "l",
        tracking: float = 0.0,
        stroke: float = 0.0,
        stretch: float = 1.0,
    ) -> float:
        """Puts a line of text on the plate.

        Args:
            at: left end (``anchor="l"``) or middle (``"m"``) on the baseline, millimetres.
            text: what to print.
            face: the font.
            size: em in millimetres.
            anchor: ``l`` or ``m``.
            tracking: extra space after each character, millimetres.
            stroke: thickening of the strokes, millimetres.
            stretch: width against the font's own.

        Returns:
            The line's width in millimetres.
        """
        font = face.sized(max(6, round(size * self.scale)))
        advances = [font.getlength(letter) * stretch + tracking * self.scale for letter in text]
        total = sum(advances)
        x = at[0] * self.scale - (total / 2 if anchor == "m" else 0.0)
        y = at[1] * self.scale
        width = round(stroke * self.scale)
        if stretch == 1.0:
            for letter, advance in zip(text, advances, strict=True):
                self._draw.text(
                    (x, y), letter, fill=255, font=font, anchor="ls", stroke_width=width
                )
                x += advance
            return total / self.scale
        height = int(size * self.scale * 1.5)
        strip = Image.new("L", (int(total / stretch) + 8, height))
        pen = ImageDraw.Draw(strip)
        place = 0.0
        for letter, advance in zip(text, advances, strict=True):
            pen.text(
                (place, height * 0.75), letter, fill=255, font=font, anchor="ls", stroke_width=width
            )
            place += advance / stretch
        strip = strip.resize(
            (max(1, round(strip.width * stretch)), height), Image.Resampling.BILINEAR
        )
        self._image.paste(255, (round(x), round(y - height * 0.75)), strip)
        return total / self.scale

    def box(self, left: float, top: float, right: float, bottom: float, line: float) -> None:
        """Draws a frame; all in millimetres, ``line`` being its thickness."""
        corners = [value * self.scale for value in (left, top, right, bottom)]
        self._draw.rectangle(corners, outline=255, width=max(1, round(line * self.scale)))

    def bar(self, left: float, top: float, right: float, bottom: float) -> None:
        """Fills a rectangle; all in millimetres."""
        corners = [value * self.scale for value in (left, top, right, bottom)]
        self._draw.rectangle(corners, fill=255)

    def paste(self, mask: Light, left: float, top: float) -> None:
        """Puts a mask (0 to 1, at the plate's scale) on the plate, its corner in millimetres."""
        stamp = Image.fromarray(np.asarray(mask * 255, dtype=np.uint8))
        self._image.paste(255, (round(left * self.scale), round(top * self.scale)), stamp)

    def mask(self) -> Light:
        """The plate as coverage from 0 to 1."""
        return light(np.asarray(self._image)) / np.float32(255)


def line_width(text: str, face: Face, size: float, *, tracking: float, stretch: float) -> float:
    """How wide ``Plate.text`` would print a line, in millimetres."""
    return float(face.sized(100).getlength(text)) / 100 * size * stretch + tracking * len(text)


def cloud(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Light:
    """Smooth random blotches from 0 to 1, with about ``cells`` of them along the longer side."""
    height, width = shape
    step = max(height, width) / cells
    coarse = rng.random((int(height / step) + 3, int(width / step) + 3), dtype=np.float32)
    return light(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)).clip(0, 1)


def press(
    paper: Light,
    plate: Light,
    colour: tuple[float, float, float],
    rng: np.random.Generator,
    *,
    density: float = 0.92,
    uneven: float = 0.1,
    spread: float = 0.6,
) -> None:
    """Presses a plate on paper, in place.

    Args:
        paper: RGB, 0 to 1.
        plate: coverage, 0 to 1, of the same size.
        colour: RGB of the ink, 0 to 1.
        rng: for the unevenness.
        density: how much of the paper full ink hides.
        uneven: how much the density varies over the sheet.
        spread: standard deviation of the ink's spread in pixels.
    """
    rows, columns = np.flatnonzero(plate.any(axis=1)), np.flatnonzero(plate.any(axis=0))
    if not len(rows):
        return
    top, bottom = max(0, rows[0] - 4), rows[-1] + 5
    left, right = max(0, columns[0] - 4), columns[-1] + 5
    part = plate[top:bottom, left:right]
    soaked = light(cv2.GaussianBlur(part, (0, 0), spread)) if spread > 0 else part
    shape = (part.shape[0], part.shape[1])
    cover = soaked * (density * (1.0 - uneven * cloud(rng, shape, 40)))
    window = paper[top:bottom, left:right]
    for channel, tone in enumerate(colour):
        window[..., channel] *= 1.0 - cover * np.float32(1.0 - tone)
