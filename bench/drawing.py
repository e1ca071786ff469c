"""Drawing on pictures for the documents: outlines, tags that keep clear of each other, captions."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from openapi_shim.cli.annotated import chinese_font
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.register import Matrix, transform

Colour = tuple[int, int, int]
Shape = tuple[float, float, float, float]
"""Left, top, right, bottom; pixels."""

Points = npt.NDArray[np.float64]
"""n × 2, or one point; pixels of the finished picture."""

INK, GROUND = (28, 32, 38), (250, 250, 248)
_FINE = 2  # drawn so much larger, then shrunk: smooth edges
_TEXT = 14
# Where a tag may stand: along and down a quadrilateral, 0 to 1, and whether inside of it.
_SPOTS = (
    (1.0, 0.5, 1),
    (0.0, 0.5, 1),
    (0.0, 0.0, 0),
    (0.0, 1.0, 0),
    (1.0, 0.5, 0),
    (0.0, 0.5, 0),
    (1.0, 0.0, 0),
    (1.0, 1.0, 0),
    (0.5, 0.0, 0),
    (0.5, 1.0, 0),
)
_AT_MOST = 60_000  # bytes of a file: a page of the documents shows seven


class Canvas:
    """A picture to draw on; what is drawn is given in the pixels of the picture it came from.

    Args:
        pixels: the picture, blue green red.
        width: of the finished picture, pixels.
        window: the part of ``pixels`` to show: left, top, right, bottom.
    """

    def __init__(self, pixels: Pixels, width: int, window: Shape | None = None) -> None:
        left, top, right, bottom = window or (0, 0, pixels.shape[1], pixels.shape[0])
        scale = width / (right - left)
        self.size = (width, round((bottom - top) * scale))
        self._matrix: Matrix = np.array(
            [[scale, 0, -left * scale], [0, scale, -top * scale], [0, 0, 1.0]]
        )
        fine = np.diag([_FINE, _FINE, 1.0]) @ self._matrix
        size = (self.size[0] * _FINE, self.size[1] * _FINE)
        how = cv2.INTER_AREA if scale * _FINE < 1 else cv2.INTER_CUBIC
        shown = cv2.warpAffine(pixels, fine[:2], size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        self._image = Image.fromarray(np.ascontiguousarray(shown[:, :, ::-1]))
        self._pen = ImageDraw.Draw(self._image, "RGBA")
        self._taken: list[npt.NDArray[np.float32]] = []

    def outline(
        self, corners: npt.ArrayLike, colour: Colour, width: float = 1.5, fill: int = 0
    ) -> None:
        """A closed line; ``fill`` is how opaque its inside is, 0 to 255."""
        points = [(float(x), float(y)) for x, y in self._fine(corners)]
        if fill:
            self._pen.polygon(points, fill=(*colour, fill))
        if width:
            self._pen.line([*points, *points[:2]], (*colour, 255), round(width * _FINE), "curve")

    def dot(self, point: npt.ArrayLike, colour: Colour, radius: float = 4) -> None:
        """A filled circle with a light rim."""
        ((x, y),) = self._fine(point)
        for reach, paint in ((radius + 1.5, GROUND), (radius, colour)):
            r = reach * _FINE
            self._pen.ellipse((x - r, y - r, x + r, y + r), fill=paint)

    def cross(self, point: npt.ArrayLike, colour: Colour) -> None:
        """A small upright cross, of which tags keep clear."""
        ((x, y),) = self._fine(point)
        reach = 6 * _FINE
        self._taken.append(_rectangle(np.array([x, y]) / _FINE - 7, np.array([14.0, 14.0])))
        for ends in ((x - reach, y, x + reach, y), (x, y - reach, x, y + reach)):
            self._pen.line(ends, GROUND, 4 * _FINE)
        for ends in ((x - reach, y, x + reach, y), (x, y - reach, x, y + reach)):
            self._pen.line(ends, colour, 2 * _FINE)

    def arrow(self, start: npt.ArrayLike, end: npt.ArrayLike, colour: Colour) -> None:
        """From one point to another."""
        (a,), (b,) = self._fine(start), self._fine(end)
        along = (b - a) / max(float(np.linalg.norm(b - a)), 1.0)
        across = np.array([-along[1], along[0]])
        head = 14 * _FINE
        self._pen.line([*a, *(b - along * head / 2)], (*colour, 255), 5 * _FINE)
        tip = [b, b - along * head + across * head / 2, b - along * head - across * head / 2]
        self._pen.polygon([(float(x), float(y)) for x, y in tip], fill=colour)

    def keep_clear(self, corners: npt.ArrayLike) -> None:
        """Tags avoid this shape, a convex one."""
        self._taken.append(transform(self._matrix, corners).astype(np.float32))

    def tag(self, words: str, corners: npt.ArrayLike, colour: Colour) -> None:
        """Words on a ground of ``colour`` at an edge of a quadrilateral, where they cover least."""
        quad = transform(self._matrix, corners)
        font = chinese_font(_TEXT * _FINE)
        size = np.array([self._pen.textlength(words, font=font) / _FINE + 8, _TEXT + 5.0])
        spots = [_at(quad, size, spot) for spot in _SPOTS]
        place = min(spots, key=lambda spot: self._cost(spot, size))
        # No tag may hide another one: that costs more than to cover what is drawn.
        self._taken += [_rectangle(place, size)] * 3
        (left, top), (right, bottom) = place * _FINE, (place + size) * _FINE
        self._pen.rounded_rectangle(
            (left, top, right, bottom), radius=3 * _FINE, fill=(*colour, 235)
        )
        centre = ((left + right) / 2, (top + bottom) / 2)
        self._pen.text(centre, words, fill="white", font=font, anchor="mm")

    def finished(self) -> Image.Image:
        """The picture at its own size."""
        return self._image.resize(self.size, Image.Resampling.LANCZOS)

    def _fine(self, points: npt.ArrayLike) -> Points:
        return transform(self._matrix, points) * _FINE

    def _cost(self, place: Points, size: Points) -> float:
        tag = _rectangle(place, size)
        covered = sum(cv2.intersectConvexConvex(tag, other)[0] for other in self._taken)
        frame = _rectangle(np.zeros(2), np.array(self.size, float))
        return float(covered + 4 * (size.prod() - cv2.intersectConvexConvex(tag, frame)[0]))


def _at(quad: Points, size: Points, spot: tuple[float, float, float]) -> Points:
    """The top left of a tag of ``size`` whose middle lies at a spot of a quadrilateral."""
    along, down, inwards = spot
    point = quad[0] + along * (quad[1] - quad[0]) + down * (quad[3] - quad[0])
    outwards = np.sign([along - 0.5, down - 0.5]) * (abs(np.array([along, down]) - 0.5) > 0.4)
    # At a corner the tag stands above or below, flush with the side.
    step = np.array([-outwards[0] if outwards.all() else outwards[0], outwards[1]])
    return np.asarray(point + step * (size / 2 + 2) * (1 - 2 * inwards) - size / 2, float)


def _rectangle(place: Points, size: Points) -> npt.NDArray[np.float32]:
    wide, tall = size
    corners = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)])
    return np.asarray(corners + place, np.float32)


def beside(images: Sequence[Image.Image], gap: int = 10) -> Image.Image:
    """Pictures in a row."""
    width = sum(image.width for image in images) + gap * (len(images) - 1)
    row = Image.new("RGB", (width, max(image.height for image in images)), GROUND)
    left = 0
    for image in images:
        row.paste(image, (left, (row.height - image.height) // 2))
        left += image.width + gap
    return row


def with_legend(image: Image.Image, entries: Sequence[tuple[Colour | None, str]]) -> Image.Image:
    """A strip below the picture: a patch of colour, where there is one, and what it means."""
    font = chinese_font(_TEXT)
    pen = ImageDraw.Draw(image)
    lines: list[list[tuple[Colour | None, str]]] = [[]]
    x = 8.0
    for entry in entries:
        wide = pen.textlength(entry[1], font=font) + (18 if entry[0] else 0) + 20
        if x + wide > image.width and lines[-1]:
            lines.append([])
            x = 8.0
        lines[-1].append(entry)
        x += wide
    tall = 22
    sheet = Image.new("RGB", (image.width, image.height + tall * len(lines) + 8), GROUND)
    sheet.paste(image, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for row, line in enumerate(lines):
        x, y = 8.0, image.height + 5 + tall * row
        for colour, words in line:
            if colour:
                pen.rectangle((x, y + 4, x + 11, y + 15), fill=colour)
                x += 18
            pen.text((x, y), words, fill=INK, font=font)
            x += pen.textlength(words, font=font) + 20
    return sheet


def save_small(image: Image.Image, path: Path) -> None:
    """Writes a JPEG of at most 60 kB."""
    for quality in range(90, 20, -3):
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= _AT_MOST:
            break
    path.write_bytes(buffer.getvalue())
