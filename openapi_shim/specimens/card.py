"""The main page of the licence, drawn in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from openapi_shim.specimens.chance import between, chance, pick, stream, weighted
from openapi_shim.specimens.fonts import Face, choose_face
from openapi_shim.specimens.ink import Plate, line_width, press
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.paper import green_paper
from openapi_shim.specimens.pixels import Light
from openapi_shim.specimens.portrait import draw_portrait
from openapi_shim.specimens.seal import draw_seal

WIDTH, HEIGHT = 88.0, 60.0
"""Of the card, in millimetres."""

_TITLE = "中华人民共和国机动车驾驶证"
_SUBTITLE = "Driving License of the People's Republic of China"
_BLACK = (0.10, 0.10, 0.12)


@dataclass(frozen=True)
class Form:
    """One printer's form: where things stand, in millimetres from the card's top left corner.

    Rows are baselines of the values.

    Attributes:
        rows: number, name, address, second address line, birth, issue, class, bottom.
        left: where the labels of the left edge begin.
        values: where the values of the left edge begin.
        middle: where the labels right of the seal begin.
        dates: where the values right of the seal begin.
        sex: where the label 性别 begins.
        country: where the label 国籍 begins.
        wrap: greatest width of an address line.
        label: em of the Chinese labels.
        value: em of the values.
        seal: left, top and side of the seal.
        portrait: left, top, width and height of the portrait.
    """

    rows: tuple[float, ...]
    left: float
    values: float
    middle: float
    dates: float
    sex: float
    country: float
    wrap: float
    label: float
    value: float
    seal: tuple[float, float, float]
    portrait: tuple[float, float, float, float]


@dataclass(frozen=True)
class Press:
    """The fonts and inks of one card, and how far the printer drifts (millimetres)."""

    labels: Face
    values: Face
    drift: tuple[float, float]
    jitter: float
    stroke: float
    tracking: float
    stretch: float


def _form(rng: np.random.Generator) -> Form:
    value = between(rng, 3.05, 3.55)
    top = between(rng, 14.2, 15.4)
    pitch = between(rng, 5.3, 5.7)
    address = top + 2 * pitch
    middle = between(rng, 25.2, 27.2)
    middle_top = between(rng, 36.3, 37.6)
    step = between(rng, 5.6, 6.2)
    portrait_width = between(rng, 20.5, 22.0)
    portrait_top = between(rng, 29.2, 30.4)
    side = between(rng, 18.8, 20.4)
    return Form(
        rows=(
            top,
            top + pitch,
            address,
            address + value * between(rng, 1.12, 1.25),
            middle_top,
            middle_top + step,
            middle_top + 2 * step,
            between(rng, 55.6, 56.6),
        ),
        left=between(rng, 3.6, 5.0),
        values=between(rng, 13.2, 15.4),
        middle=middle,
        dates=middle + between(rng, 15.4, 17.2),
        sex=between(rng, 44.0, 47.5),
        country=between(rng, 58.5, 61.5),
        wrap=between(rng, 62.0, 69.5),
        label=value * between(rng, 0.58, 0.68),
        value=value,
        seal=(between(rng, 3.2, 5.0), between(rng, 31.4, 32.8), side),
        portrait=(
            between(rng, 83.6, 85.2) - portrait_width,
            portrait_top,
            portrait_width,
            between(rng, 26.4, 27.6),
        ),
    )


def _shifted(rng: np.random.Generator, form: Form) -> Form:
    """Another printer's form: rows, columns and sizes outside the ranges of the usual ones."""
    down, right = between(rng, -1.4, 1.4), between(rng, -1.2, 1.2)
    middle = form.middle + between(rng, 0.0, 2.0)
    return replace(
        form,
        rows=tuple(row + down * (1 - place / 7) for place, row in enumerate(form.rows)),
        left=form.left + max(right, -0.8),
        values=form.values + right + between(rng, 0.0, 2.0),
        middle=middle,
        dates=middle + between(rng, 16.5, 19.0),
        sex=form.sex - between(rng, 0.0, 3.0),
        country=form.country + between(rng, -2.0, 1.5),
        label=form.value * between(rng, 0.66, 0.76),
    )


def _text_faces(rng: np.random.Generator, issued: License) -> Press:
    truth = issued.truth
    values = [value for name, value in truth.items() if name != "official_seal"]
    style = weighted(
        rng, [("hei", 4.0), ("song", 3.0), ("kai", 1.2), ("heavy", 0.5), ("bold", 0.6)]
    )
    face = choose_face(rng, (style,), [*values, "年至长期0123456789X-"])
    labels = choose_face(
        rng,
        (weighted(rng, [("hei", 3.0), ("song", 2.0), ("kai", 0.6)]),),
        [_TITLE, "证号住址初领准有效"],
    )
    stroke = (
        weighted(rng, [(0.0, 2.0), (0.07, 1.5)]) if face.style not in {"bold", "heavy"} else 0.0
    )
    if face.style == "song":
        stroke = 0.07
    return Press(
        labels=labels,
        values=face,
        drift=(float(rng.normal(0, 0.5)), float(rng.normal(0, 0.35))),
        jitter=0.16,
        stroke=stroke,
        tracking=weighted(rng, [(0.0, 3.0), (0.15, 1.0), (0.3, 0.7)]),
        stretch=weighted(rng, [(1.0, 3.0), (0.9, 1.0), (1.06, 0.6)]),
    )


class _Sheet:
    """The two black plates of a card: the form printed first, the values printed later."""

    def __init__(self, rng: np.random.Generator, form: Form, machine: Press, scale: float) -> None:
        self.rng, self.form, self.machine = rng, form, machine
        self.fixed = Plate(WIDTH, HEIGHT, scale)
        self.later = Plate(WIDTH, HEIGHT, scale)
        self.gap = between(rng, 0.92, 1.08)  # English label below the Chinese one, in labels

    def label(self, x: float, baseline: float, chinese: str, english: str) -> None:
        """A bilingual label; the value's baseline is given."""
        size, face = self.form.label, self.machine.labels
        y = baseline - 0.32 * size
        self.fixed.text((x, y), chinese, face, size)
        self.fixed.text((x, y + size * self.gap), english, face, size * 0.76, stretch=0.95)

    def value(
        self, x: float, baseline: float, text: str, *, size: float = 1.0, end: float = WIDTH - 2.5
    ) -> float:
        """A value, printed smaller where it would go beyond ``end``; returns where it ends.

        ``size`` is against the form's values.
        """
        machine = self.machine
        dx, dy = machine.drift
        at = (
            x + dx + float(self.rng.normal(0, machine.jitter)),
            baseline + dy + float(self.rng.normal(0, machine.jitter)),
        )
        em, tracking, stretch = self.form.value * size, machine.tracking, machine.stretch
        wide = line_width(text, machine.values, em, tracking=tracking, stretch=stretch)
        fit = min(1.0, (end - x) / wide)
        wide = self.later.text(
            at, text, machine.values, em * fit,
            tracking=tracking * fit, stroke=machine.stroke, stretch=stretch,
        )  # fmt: skip
        return x + wide


def address_lines(text: str, width: float, em: float) -> list[str]:
    """The address in one or two lines: digits and letters take half an em, the rest one."""
    total = sum(0.55 if letter.isascii() else 1.0 for letter in text) * em
    if total <= width:
        return [text]
    used, place = 0.0, 0
    while used <= width:
        used += (0.55 if text[place].isascii() else 1.0) * em
        place += 1
    return [text[: place - 1], text[place - 1 :]]


def _upper_rows(sheet: _Sheet, truth: dict[str, str]) -> None:
    form, rng = sheet.form, sheet.rng
    number, name, address, second = form.rows[:4]
    sheet.label(form.left, number, "证号", "No.")
    sheet.value(
        form.values + between(rng, 4, 16),
        number,
        truth["id_num"],
        size=between(rng, 1.0, 1.16),
    )
    sheet.label(form.left, name, "姓名", "Name")
    end = sheet.value(form.values, name, truth["name"], end=50.0)
    sex = max(form.sex, end + 1.0)
    country = max(form.country, sex + 2 * form.label + form.value + 4.0)
    sheet.label(sex, name, "性别", "Sex")
    sheet.value(sex + 2 * form.label + between(rng, 0.8, 2.0), name, truth["sex"])
    sheet.label(country, name, "国籍", "Nationality")
    indent = 4.4 * form.label if len(truth["nationality"]) < 4 else 3.0 * form.label
    sheet.value(country + indent, name, truth["nationality"])
    sheet.label(form.left, address, "住址", "Address")
    fit = form.value * sheet.machine.stretch + sheet.machine.tracking
    lines = address_lines(truth["address"], form.wrap, fit)
    for line, row in zip(lines, (address, second), strict=False):
        sheet.value(form.values, row, line)


def _middle_rows(sheet: _Sheet, truth: dict[str, str]) -> None:
    form, rng = sheet.form, sheet.rng
    birth, issue, klass = form.rows[4:7]
    end = form.portrait[0] - 0.4
    sheet.label(form.middle, birth, "出生日期", pick(rng, ("Date of Birth", "Birthday")))
    sheet.value(form.dates, birth, truth["birth_date"], end=end)
    sheet.label(
        form.middle, issue, "初次领证日期", pick(rng, ("Date of First Issue", "Issue Date"))
    )
    sheet.value(form.dates, issue, truth["issue_date"], end=end)
    sheet.label(form.middle, klass, "准驾车型", "Class")
    sheet.value(form.dates, klass, truth["car_class"], size=between(rng, 1.0, 1.1), end=end)
    if chance(rng, 0.35):
        top = klass - form.value * 1.15
        sheet.fixed.box(
            form.dates - 1.2, top, form.dates + between(rng, 14, 17), top + form.value * 1.6, 0.12
        )


def _bottom_row(sheet: _Sheet, issued: License) -> None:
    form, rng, truth = sheet.form, sheet.rng, issued.truth
    row = form.rows[7]
    if issued.layout == "older":
        sheet.label(form.left, row, "有效起始日期", "Valid From")
        start = form.left + 6 * form.label + between(rng, 0.8, 2.2)
        second = between(rng, 41.0, 43.5)
        sheet.value(start, row, truth["valid_from"], end=second - 0.4)
        sheet.label(second, row, "有效期限", "Valid For")
        sheet.value(second + 4 * form.label + between(rng, 1.0, 2.4), row, issued.years)
        return
    sheet.label(form.left, row, "有效期限", "Valid Period")
    space = pick(rng, (" ", " ", "  ", ""))
    text = f"{truth['valid_from']}{space}至{space}{truth['valid_to']}"
    start = form.left + 4 * form.label + between(rng, 1.5, 4.0)
    sheet.value(start, row, text, end=form.portrait[0] - 0.4)


def _title(sheet: _Sheet, face: Face) -> None:
    rng = sheet.rng
    middle, y = WIDTH / 2 + between(rng, -1.5, 1.5), between(rng, 6.3, 7.0)
    size = between(rng, 3.7, 4.3)
    wide = sheet.fixed.text(
        (middle, y), _TITLE, face, size, anchor="m", tracking=between(rng, 0.0, 0.5)
    )
    english = sheet.form.label * 0.98
    plain = len(_SUBTITLE) * english * 0.5
    sheet.fixed.text(
        (middle, y + english * 1.45), _SUBTITLE, sheet.machine.labels, english, anchor="m",
        stretch=0.92, tracking=max(0.0, (wide - plain) / len(_SUBTITLE)) * 0.8,
    )  # fmt: skip


def draw_card(seed: int, issued: License, scale: float, *, shifted: bool = False) -> Light:
    """The main page at ``scale`` pixels per millimetre, RGB, 0 to 1."""
    rng = stream(seed, "card")
    form, machine = _form(rng), _text_faces(rng, issued)
    if shifted:
        form = _shifted(stream(seed, "shifted"), form)
    paper = green_paper(stream(seed, "paper"), WIDTH, HEIGHT, scale)
    sheet = _Sheet(rng, form, machine, scale)
    _title(sheet, choose_face(rng, pick(rng, (("bold",), ("hei",), ("heavy",))), [_TITLE]))
    _upper_rows(sheet, issued.truth)
    _middle_rows(sheet, issued.truth)
    _bottom_row(sheet, issued)
    _place_portrait(rng, paper, form, issued.truth["sex"], scale)
    press(paper, sheet.fixed.mask(), _BLACK, rng, density=between(rng, 0.8, 0.92), spread=0.5)
    red = Plate(WIDTH, HEIGHT, scale)
    left, top, side = form.seal
    red.paste(
        draw_seal(stream(seed, "stamp"), issued.truth["official_seal"], side, scale), left, top
    )
    colour = (between(rng, 0.80, 0.90), between(rng, 0.10, 0.24), between(rng, 0.12, 0.26))
    press(paper, red.mask(), colour, rng, density=between(rng, 0.78, 0.95), uneven=0.25)
    press(paper, sheet.later.mask(), _BLACK, rng, density=between(rng, 0.86, 0.97), uneven=0.14)
    return paper


def _place_portrait(
    rng: np.random.Generator, paper: Light, form: Form, sex: str, scale: float
) -> None:
    left, top, width, height = (round(value * scale) for value in form.portrait)
    portrait = draw_portrait(rng, sex, width, height)
    window = paper[top : top + height, left : left + width]
    window[...] = portrait[: window.shape[0], : window.shape[1]]
