"""Sheets for the training: flat cards of no printer in particular, with every line's place.

Where things stand, in which font, ink and size, and on what paper, is drawn by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from openapi_shim.specimens.chance import between, chance, pick, whole
from openapi_shim.specimens.fonts import Face
from openapi_shim.specimens.paper import green_paper
from openapi_shim.specimens.portrait import draw_portrait
from openapi_shim.specimens.seal import seal_rows
from training.poor_photos.places import Places
from training.poor_photos.words import LABELS, invent

SCALE = 10.0
"""Pixels per millimetre of a sheet."""
WIDTH, HEIGHT = 96.0, 68.0
"""Of a sheet, in millimetres: a card and four millimetres around it."""
_RIM = 4.0

Pixels = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in millimetres of the sheet."""


@dataclass(frozen=True)
class Printed:
    """A piece of text on a sheet and the box of its ink; ``em`` is its size, millimetres."""

    text: str
    box: Box
    em: float


@dataclass
class Sheet:
    """A sheet.

    Attributes:
        pixels: blue green red.
        lines: the printed texts, left to right within a row.
        rows: what stands beside each other: lists of places in ``lines``.
        seal: its outer square.
        portrait: its rectangle.
        seal_lines: its rows, as ``lines``.
    """

    pixels: Pixels
    lines: list[Printed] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    seal: Box = (0, 0, 0, 0)
    portrait: Box = (0, 0, 0, 0)
    seal_lines: list[Printed] = field(default_factory=list)


class _Press:
    def __init__(self, faces: list[Face], rng: np.random.Generator) -> None:
        self.faces, self.rng = faces, rng
        self.size = round(WIDTH * SCALE), round(HEIGHT * SCALE)
        self.plate = Image.new("L", self.size)
        self.pen = ImageDraw.Draw(self.plate)

    def face(self, texts: str) -> Face:
        for place in self.rng.permutation(len(self.faces)):
            if self.faces[int(place)].covers(texts):
                return self.faces[int(place)]
        raise LookupError(texts)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: Face,
        em: float,
        *,
        tracking: float = 0.0,
        stroke: int = 0,
        stretch: float = 1.0,
    ) -> Printed:
        """Prints with the baseline's left end at x, y; both and ``em`` in millimetres."""
        font = face.sized(max(6, round(em * SCALE)))
        across = x * SCALE
        strip = Image.new(
            "L",
            (int(font.getlength(text) + len(text) * tracking * SCALE) + 40, round(2 * em * SCALE)),
        )
        pen = ImageDraw.Draw(strip)
        at = 10.0
        for letter in text:
            pen.text((at, 1.4 * em * SCALE), letter, 255, font, "ls", stroke_width=stroke)
            at += font.getlength(letter) + tracking * SCALE
        if stretch != 1.0:
            strip = strip.resize(
                (max(1, round(strip.width * stretch)), strip.height), Image.Resampling.BILINEAR
            )
        ink = strip.getbbox() or (0, 0, 1, 1)
        left, top = round(across - 10 * stretch), round((y - 1.4 * em) * SCALE)
        self.plate.paste(255, (left, top), strip)
        box = tuple((v + o) / SCALE for v, o in zip(ink, (left, top, left, top), strict=True))
        return Printed(text, box, em)  # type: ignore[arg-type]

    def cover(self) -> npt.NDArray[np.float32]:
        return np.asarray(self.plate, np.float32) / 255


def _paper(rng: np.random.Generator, papers: Pixels) -> npt.NDArray[np.float32]:
    wide, high = round(WIDTH * SCALE), round(HEIGHT * SCALE)
    if chance(rng, 0.6):
        paper = papers[int(rng.integers(len(papers)))]
        paper = paper[:: pick(rng, (1, -1)), :: pick(rng, (1, -1))]
        paper = cv2.resize(paper, (wide, high)).astype(np.float32) / 255
        paper *= rng.uniform(0.85, 1.05, 3).astype(np.float32)
        return paper
    base = rng.uniform(0.65, 0.98) + rng.normal(0, 0.06, 3)
    y, x = np.mgrid[0:high:2, 0:wide:2].astype(np.float32)
    waves = np.zeros_like(x)
    for _ in range(whole(rng, 1, 3)):
        a, bend = between(rng, 0, 3.14), between(rng, 0, 20)
        phase = x * np.cos(a) + y * np.sin(a)
        phase += bend * np.sin((y * np.cos(a) - x * np.sin(a)) / between(rng, 30, 120))
        waves += np.sin(phase / between(rng, 1.2, 14))
    paper = base + waves[..., None] * rng.normal(0, between(rng, 0, 0.05), 3)
    return cv2.resize(paper.astype(np.float32), (wide, high))


def _seal(rng: np.random.Generator, press: _Press, text: str, at: Box) -> list[Printed]:
    """Draws the seal's plate; its characters fill their cells, its rows mostly the seal."""
    face = press.face(text)
    left, top, right, bottom = (v * SCALE for v in at)
    line = max(2, round(between(rng, 0.35, 1.0) * SCALE))
    press.pen.rectangle((left, top, right, bottom), outline=255, width=line)
    rows = 3 if len(text) <= 12 or chance(rng, 0.25) else 4
    if len(text) <= 8 and chance(rng, 0.3):
        rows = 2
    elif len(text) >= 12 and chance(rng, 0.25):
        rows = 5
    lines = seal_rows(text, rows)
    if chance(rng, 0.3):  # uneven rows
        cuts = sorted(rng.choice(np.arange(2, len(text) - 1), rows - 1, replace=False).tolist())
        if min(np.diff([0, *cuts, len(text)])) > 1 and max(np.diff([0, *cuts, len(text)])) < 7:
            lines = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    inner = line + between(rng, 0.2, 1.0) * SCALE
    gap, thick = between(rng, 0.0, 0.14), whole(rng, 0, 2)
    high = (bottom - top - 2 * inner) / len(lines)
    filled = chance(rng, 0.85)
    alike, centred = chance(rng, 0.2), chance(rng, 0.5)
    printed = []
    for row, letters in enumerate(lines):
        cells = max(map(len, lines)) if alike else len(letters)
        wide = (right - left - 2 * inner) / cells
        begin = left + inner + (wide * (cells - len(letters)) / 2 if centred else 0)
        upper = top + inner + row * high
        end, lower = begin + wide * len(letters), upper + high
        extent = (begin / SCALE, upper / SCALE, end / SCALE, lower / SCALE)
        printed.append(Printed(letters, extent, high / SCALE))
        for column, letter in enumerate(letters):
            font = face.sized(64)
            glyph = Image.new("L", (128, 128))
            ImageDraw.Draw(glyph).text((32, 24), letter, 255, font, stroke_width=thick)
            box = glyph.getbbox() or (0, 0, 64, 64)
            if not filled or letter in "一二三":
                box = (32, 24, 96, 96)
            size = max(2, round(wide * (1 - gap))), max(2, round(high * (1 - gap)))
            if not filled:
                size = (min(size), min(size))
            stamp = glyph.crop(box).resize(size, Image.Resampling.BILINEAR)
            x = begin + column * wide + (wide - size[0]) / 2
            y = upper + (high - size[1]) / 2
            press.plate.paste(255, (round(x), round(y)), stamp)
    return printed


def _inked(
    rng: np.random.Generator,
    paper: npt.NDArray[np.float32],
    cover: npt.NDArray[np.float32],
    colour: npt.NDArray[np.float64],
    density: float,
    worn: float,
) -> None:
    if chance(rng, 0.7):
        cover = cv2.GaussianBlur(cover, (0, 0), between(rng, 0.4, 1.1))
    cells = rng.random((whole(rng, 8, 180), whole(rng, 8, 240)), np.float32)
    cloud = cv2.resize(cells, (cover.shape[1], cover.shape[0]))
    cover = cover * np.float32(density) * (1 - np.float32(worn) * cloud)
    for channel in range(3):
        paper[..., channel] *= 1 - cover * np.float32(1 - colour[channel])


def draw_sheet(
    rng: np.random.Generator, faces: list[Face], papers: Pixels, places: Places
) -> Sheet:
    """Draws one sheet; ``papers`` are n × height × width × 3, blue green red."""
    values, issued = invent(rng, places)
    j = lambda low, high: between(rng, low, high)  # noqa: E731  (a short name for short lines)
    paper = _paper(rng, papers)
    form, later, red = (_Press(faces, rng) for _ in range(3))
    usual = "".join(value for name, value in values.items() if name != "official_seal")
    face, small = later.face(usual + "年至长期"), form.face("证号姓名住址性别初次领准驾")
    em, label = j(2.5, 4.0), j(1.7, 2.7)
    how = {
        "tracking": pick(rng, (0.0, 0.0, 0.0, 0.15, 0.3, 0.5)),
        "stroke": pick(rng, (0, 0, 0, 1, 1, 2)),
        "stretch": pick(rng, (1.0, 1.0, 1.0, j(0.82, 1.15), j(0.5, 0.82))),
    }
    lines: list[Printed] = []
    rows: list[list[int]] = []
    drift = rng.normal(0, 0.5, 2)

    def row(y: float, *parts: tuple[float, str, str], scale: float = 1.0) -> None:
        placed = []
        end = 0.0
        for start, name, value in parts:
            x = max(start, end + j(0.8, 2.0))
            if name:
                chinese, english = LABELS[name]
                below = y + _RIM - j(0.1, 0.5) * label
                text = pick(rng, chinese)
                placed.append(form.text(x + _RIM, below, text, small, label))
                placed.append(
                    form.text(
                        x + _RIM,
                        below + j(0.75, 1.1) * label,
                        pick(rng, english),
                        small,
                        0.76 * label,
                    )
                )
                x = max(placed[-2].box[2] - _RIM, x + j(6, 10)) + j(0.3, 2)
            if value:
                at = drift + rng.normal(0, 0.15, 2)
                left = x + _RIM + max(0, float(at[0]))
                placed.append(
                    later.text(left, y + _RIM + float(at[1]), value, face, em * scale, **how)
                )
                end = placed[-1].box[2] - _RIM
        # The English labels stand below: they are lines of their own.
        keep = [one for one in placed if one.text.isascii() and one.em < label]
        # The end of a long country's name may be off the sheet.
        beside = [one for one in placed if one not in keep and one.box[2] <= WIDTH]
        rows.append(list(range(len(lines), len(lines) + len(beside))))
        lines.extend(beside)
        rows.extend([len(lines) + place] for place in range(len(keep)))
        lines.extend(keep)

    title = "中华人民共和国机动车驾驶证"
    heading = form.face(title)
    lines.append(
        form.text(
            j(12, 28) + _RIM, j(6, 8.5) + _RIM, title, heading, j(3.2, 4.6), tracking=j(0, 0.6)
        )
    )
    if chance(rng, 0.9):
        english = "Driving License of the People's Republic of China"
        lines.append(
            form.text(j(14, 26) + _RIM, j(9.2, 11.5) + _RIM, english, heading, j(1.5, 2.2))
        )
    rows.extend([place] for place in range(len(lines)))
    left = j(2.5, 6)
    y = j(13, 17)
    row(y, (left, "id_num", ""), (j(15, 32), "", values["id_num"]), scale=j(0.95, 1.2))
    y += j(5, 6.2)
    row(
        y,
        (left, "name", values["name"]),
        (j(42, 48), "sex", values["sex"]),
        (j(56, 62), "nationality", values["nationality"]),
    )
    y += j(5, 6.2)
    per_line = max(6, round(j(52, 68) / (em * how["stretch"] + how["tracking"])))
    first, second = values["address"][:per_line], values["address"][per_line:][:per_line]
    row(y, (left, "address", first))
    if second:
        row(y + em * j(1.1, 1.35), (rows and lines[rows[-2][-1]].box[0] - _RIM, "", second))
    y, step, middle = j(34, 39), j(5.2, 6.6), j(24.5, 29)
    for name in ("birth_date", "issue_date", "car_class"):
        row(y, (middle, name, values[name]))
        y += step
    years = issued.years if chance(rng, 0.5) else pick(rng, ("6年", "10年", "长期"))
    space = pick(rng, (" ", " ", "", "  "))
    if chance(rng, 0.35):
        row(j(54.5, 57), (left, "valid", values["valid_from"]), (j(40, 45), "valid", years))
    else:
        until = f"{values['valid_from']}{space}至{space}{values['valid_to']}"
        row(j(54.5, 57), (left, "valid", until))
    side, x, top = j(15, 22), j(2, 6), j(28, 34)
    seal = (x + _RIM, top + _RIM, x + _RIM + side, top + _RIM + side * j(0.95, 1.05))
    seal_lines = _seal(rng, red, values["official_seal"], seal)
    portrait_at = (0.0, 0.0, 0.0, 0.0)
    if chance(rng, 0.9):
        corner = round(j(63, 70) * SCALE), round(j(30, 38) * SCALE)
        size = round(j(17, 22) * SCALE), round(j(20, 27) * SCALE)
        portrait = draw_portrait(rng, values["sex"], *size)[..., ::-1]
        window = paper[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]]
        ends = corner[0] + window.shape[1], corner[1] + window.shape[0]
        portrait_at = (*(v / SCALE for v in corner), *(v / SCALE for v in ends))
        window[...] = portrait[: window.shape[0], : window.shape[1]]
    ink = rng.uniform(0.0, 0.3) + rng.normal(0, 0.03, 3)
    faded = j(0.4, 1) if chance(rng, 0.3) else 1.0
    _inked(
        rng, paper, form.cover(), np.clip(ink, 0, 0.5), j(0.75, 0.97) * max(faded, 0.7), j(0, 0.2)
    )
    redness = np.array([j(0.05, 0.4), j(0.05, 0.35), j(0.65, 0.95)])
    _inked(rng, paper, red.cover(), redness, pick(rng, (j(0.6, 0.97), j(0.4, 0.7))), j(0, 0.5))
    _inked(rng, paper, later.cover(), np.clip(ink, 0, 0.4), j(0.8, 0.98) * faded, j(0, 0.25))
    pixels = np.clip(paper * 255, 0, 255).astype(np.uint8)
    return Sheet(pixels, lines, rows, seal, portrait_at, seal_lines)


def draw_papers(count: int) -> Pixels:
    """The specimens' security paper: count × height × width × 3, blue green red."""
    papers = [green_paper(np.random.default_rng(seed), WIDTH, HEIGHT, 8.0) for seed in range(count)]
    return np.clip(np.stack(papers) * 255, 0, 255).astype(np.uint8)[..., ::-1]


def all_faces() -> list[Face]:
    """Every installed font file that has the commonest characters and a rare one.

    More fonts than the specimens use, where their packages are installed.
    """
    from pathlib import Path  # noqa: PLC0415

    found = []
    for path in sorted(Path("/usr/share/fonts").rglob("*.tt[cf]")):
        index = 2 if path.name.startswith("Noto") else 0
        try:
            ImageFont.truetype(str(path), 20, index=index)
        except OSError:
            continue
        face = Face(path.name, "", str(path), index)
        if "Thin" not in path.name and face.covers("证号姓名住址公安局交通警察支队龙0123456789-·"):
            found.append(face)
    return found
