"""A photo with what was read drawn on it: boxes, labels and confidence, and a panel beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from openapi_shim.cli.readings import CHECK_WORDS, EXTRA_LABELS, LABELS, two_digits
from openapi_shim.ocr import Field, Reading
from openapi_shim.ocr.decode import decode
from openapi_shim.specimens.fonts import faces

Points = npt.NDArray[np.float64]
"""4 × 2, pixels (x, y)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; pixels."""

_SIDE = 1500  # pixels of the drawn photo's longer side
_SMALLEST = 900  # smaller photos are enlarged to this: labels must be legible
_PANEL = 640
_FINE = 2  # boxes are drawn so much larger, then shrunk: smooth edges
_INK, _FAINT, _GROUND = (28, 32, 38), (120, 126, 134), (250, 250, 248)
_GOOD, _FAIR, _POOR = (22, 133, 84), (200, 130, 20), (200, 48, 48)
_QUALITY = 90


@dataclass(frozen=True)
class _Mark:
    """A box on the photo, with the fields that stand there."""

    names: tuple[str, ...]
    corners: Points
    confidence: float
    words: str


def has_font() -> bool:
    """Whether Chinese labels can be drawn; otherwise boxes bear numbers."""
    return bool(faces())


def annotate(data: bytes, reading: Reading) -> bytes:
    """The photo in ``data`` with ``reading`` drawn on it and listed beside it, as a JPEG.

    It is turned upright by quarter turns. Without a CJK font the boxes bear the fields' numbers
    from 1 in the order of WeChat's answer, and the panel is left out.
    """
    photo = decode(data)
    turns = _quarter_turns(reading)
    pixels = np.ascontiguousarray(np.rot90(photo.pixels, turns)[:, :, ::-1])
    image = Image.fromarray(pixels)
    side = max(image.size)
    factor = min(_SIDE, max(side, _SMALLEST)) / side
    size = (round(image.width * factor), round(image.height * factor))
    image = image.resize(size, Image.Resampling.LANCZOS)
    scale = factor / photo.scale
    marks = [
        _Mark(names, _turned(corners, turns, (photo.width, photo.height)) * scale, sure, words)
        for names, corners, sure, words in _boxes(reading)
    ]
    drawn = _draw_marks(image, marks)
    if has_font():
        drawn = _with_panel(drawn, reading)
    _, encoded = cv2.imencode(
        ".jpg", np.asarray(drawn)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    return bytes(encoded)


def _boxes(reading: Reading) -> list[tuple[tuple[str, ...], Points, float, str]]:
    """Every place once: begin and end of validity often stand in one line."""
    places: dict[tuple[tuple[float, float], ...], list[tuple[str, Field]]] = {}
    extras = reading.details.extras if reading.details else {}
    for name, item in [*reading, *extras.items()]:
        if item.quad is not None and item.value:
            places.setdefault(item.quad, []).append((name, item))
    boxes = []
    for quad, items in places.items():
        names = tuple(name for name, _ in items)
        sure = min(item.confidence for _, item in items)
        words = f"{_called(names)} {two_digits(sure)}" if has_font() else _numbers(names)
        boxes.append((names, np.array(quad, float), sure, words))
    return boxes


def _called(names: Sequence[str]) -> str:
    if names == ("valid_from", "valid_to"):
        return "有效期限"
    return "·".join(LABELS.get(name) or EXTRA_LABELS[name] for name in names)


def _numbers(names: Sequence[str]) -> str:
    order = [*LABELS, *EXTRA_LABELS]
    return " ".join(str(order.index(name) + 1) for name in names)


def _quarter_turns(reading: Reading) -> int:
    """How many quarter turns anticlockwise bring the text upright."""
    quads = [np.array(item.quad) for _, item in reading if item.quad is not None]
    edges = [(quad[1] - quad[0]) + (quad[2] - quad[3]) for quad in quads]
    if not edges:
        return 0
    x, y = np.sum(edges, axis=0)
    return round(float(np.arctan2(y, x)) / (np.pi / 2)) % 4


def _turned(corners: Points, turns: int, size: tuple[int, int]) -> Points:
    """Corners in the picture after anticlockwise quarter turns."""
    x, y = corners[:, 0], corners[:, 1]
    width, height = size
    return np.stack(
        {
            0: (x, y),
            1: (y, width - x),
            2: (width - x, height - y),
            3: (height - y, x),
        }[turns],
        axis=1,
    )


def _colour(confidence: float) -> tuple[int, int, int]:
    return _GOOD if confidence >= 0.9 else _FAIR if confidence >= 0.7 else _POOR


def _draw_marks(image: Image.Image, marks: Sequence[_Mark]) -> Image.Image:
    overlay = Image.new("RGBA", (image.width * _FINE, image.height * _FINE))
    pen = ImageDraw.Draw(overlay)
    line = max(3, round(max(image.size) / 550)) * _FINE
    for mark in marks:
        shape = [(float(x), float(y)) for x, y in mark.corners * _FINE]
        pen.polygon(shape, fill=(*_colour(mark.confidence), 26))
        pen.line([*shape, shape[0], shape[1]], fill=(*_colour(mark.confidence), 235), width=line)
    size = max(13, round(max(image.size) / 80)) * _FINE
    taken = [_bounds(mark.corners * _FINE) for mark in marks]
    for mark, box in zip(marks, list(taken), strict=True):
        taken.append(_draw_tag(pen, mark, box, taken, size, overlay.size))
    small = overlay.resize(image.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(image.convert("RGBA"), small).convert("RGB")


def _bounds(corners: Points) -> Box:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _draw_tag(
    pen: ImageDraw.ImageDraw,
    mark: _Mark,
    box: Box,
    taken: Sequence[Box],
    size: int,
    limits: tuple[int, int],
) -> Box:
    """Draws a label where it covers the least of what else is drawn; the place it takes."""
    font = chinese_font(size)
    width, height = pen.textlength(mark.words, font=font) + 0.7 * size, 1.35 * size
    left, top, right, bottom = box
    middle = (top + bottom) / 2 - height / 2
    spots = [
        (left, top - height),
        (right + 0.2 * size, middle),
        (right - width, top - height),
        (left, bottom),
        (left - width - 0.2 * size, middle),
        (right - width, bottom),
    ]

    def cost(spot: tuple[float, float]) -> float:
        place = (spot[0], spot[1], spot[0] + width, spot[1] + height)
        covered = sum(_shared(place, other) for other in taken)
        beyond = width * height - _shared(place, (0, 0, limits[0], limits[1]))
        return covered + 4 * beyond

    x, y = min(spots, key=cost)
    place = (x, y, x + width, y + height)
    pen.rounded_rectangle(place, radius=0.3 * size, fill=(*_colour(mark.confidence), 240))
    pen.text((x + width / 2, y + height / 2), mark.words, font=font, fill="white", anchor="mm")
    return place


def _shared(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, tall)


@lru_cache(maxsize=16)
def chinese_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A sans-serif CJK face if there is one, else Pillow's own."""
    known = sorted(faces(), key=lambda face: (face.style != "hei", face.name))
    return known[0].sized(size) if known else ImageFont.load_default(size)


def _with_panel(image: Image.Image, reading: Reading) -> Image.Image:
    """The picture with the values, warnings and checks listed on its right."""
    column = _Column(_PANEL)
    column.heading("驾驶证" if reading.details is None else _kind(reading))
    for name, item in reading:
        column.value(LABELS[name], item)
    details = reading.details
    if details is not None:
        if details.extras:
            column.rule()
        for name, item in details.extras.items():
            column.value(EXTRA_LABELS[name], item)
        if details.warnings or details.checks:
            column.rule()
        for one in details.warnings:
            column.note("!", one.message, _FAIR)
        for check in details.checks:
            colour = {True: _GOOD, False: _POOR, None: _FAINT}[check.holds]
            column.note(CHECK_WORDS[check.holds], check.message, colour)
    panel = column.finished()
    height = max(image.height, panel.height)
    sheet = Image.new("RGB", (image.width + panel.width, height), _GROUND)
    sheet.paste(image, (0, (height - image.height) // 2))
    sheet.paste(panel, (image.width, 0))
    return sheet


def _kind(reading: Reading) -> str:
    electronic = reading.details is not None and reading.details.kind == "electronic"
    return "电子驾驶证" if electronic else "驾驶证"


class _Column:
    """Lines of text from the top of a panel downwards."""

    def __init__(self, width: int) -> None:
        self._image = Image.new("RGB", (width, 2400), _GROUND)
        self._pen = ImageDraw.Draw(self._image)
        self._width, self._y = width, 28.0
        self._edge = 30

    def heading(self, text: str) -> None:
        self._pen.text((self._edge, self._y), text, font=chinese_font(30), fill=_INK)
        self._y += 56

    def rule(self) -> None:
        self._y += 8
        ends = (self._edge, self._y, self._width - self._edge, self._y)
        self._pen.line(ends, fill=(222, 222, 218), width=2)
        self._y += 16

    def value(self, label: str, item: Field) -> None:
        """A label, its value, and how sure it is as a bar and a number."""
        self._pen.text((self._edge, self._y + 3), label, font=chinese_font(17), fill=_FAINT)
        left, right = self._edge + 128, self._width - self._edge
        text, colour = (item.value, _INK) if item.value else ("—", _FAINT)
        lines = self._wrapped(text, right - left - 74, 21)
        if item.value:
            number = two_digits(item.confidence)
            shown = _colour(item.confidence)
            self._pen.text(
                (right, self._y + 3), number, font=chinese_font(17), fill=shown, anchor="ra"
            )
            end = right - 44 + 44 * item.confidence
            self._pen.rectangle((right - 44, self._y + 26, right, self._y + 29), fill="#e2e2de")
            self._pen.rectangle((right - 44, self._y + 26, end, self._y + 29), fill=shown)
        for line in lines:
            self._pen.text((left, self._y), line, font=chinese_font(21), fill=colour)
            self._y += 29
        self._y += 8

    def note(self, sign: str, text: str, colour: tuple[int, int, int]) -> None:
        self._pen.text((self._edge + 6, self._y), sign, font=chinese_font(18), fill=colour)
        for line in self._wrapped(text, self._width - 2 * self._edge - 34, 16):
            self._pen.text((self._edge + 34, self._y + 1), line, font=chinese_font(16), fill=_INK)
            self._y += 23
        self._y += 5

    def _wrapped(self, text: str, room: float, size: int) -> list[str]:
        """The text in lines of at most ``room`` pixels; words of Latin script stay whole."""
        lines, line = [], ""
        font = chinese_font(size)
        words = text.split(" ") if text.isascii() or " " in text else list(text)
        gap = " " if len(words) > 1 and " " in text else ""
        for word in words:
            longer = f"{line}{gap}{word}" if line else word
            if line and self._pen.textlength(longer, font=font) > room:
                lines.append(line)
                line = word
            else:
                line = longer
        return [*lines, line]

    def finished(self) -> Image.Image:
        """The panel as high as what stands in it."""
        return self._image.crop((0, 0, self._width, min(self._image.height, round(self._y) + 24)))
