"""The electronic licence (电子驾驶证): a screenshot with the licence's rows and some of its own.

Which rows there are follows what public recognition services list for it; how it looks is made up,
because no real screenshot may be copied. So wording, order, columns and colours vary widely.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import cv2
import numpy as np

from openapi_shim.specimens.chance import between, chance, pick, stream, whole
from openapi_shim.specimens.exposure import expose
from openapi_shim.specimens.fonts import Face, choose_face
from openapi_shim.specimens.ink import Plate, cloud, press
from openapi_shim.specimens.licenses import License, invent_license
from openapi_shim.specimens.others.pictures import SCREENSHOT
from openapi_shim.specimens.pixels import Light, light
from openapi_shim.specimens.portrait import draw_portrait

EXTRA_NAMES = ("archive_number", "state", "penalty_points", "generated_at", "current_time")
"""What the electronic licence tells beyond the eleven fields."""

_WIDTH = 72.0  # of the telephone's screen, millimetres
_STATES = ("正常", "正常", "正常", "正常", "逾期未换证", "违法未处理", "超分", "扣留")
_INK = (0.12, 0.13, 0.15)
Row = tuple[str, str]
"""A label and its value."""


@dataclass(frozen=True)
class ElectronicSpecimen:
    """A screenshot of an invented person's electronic licence.

    Attributes:
        image: the JPEG.
        truth: the eleven fields in WeChat's form; those that it lacks are empty.
        extras: what it has beyond them, by ``EXTRA_NAMES``.
        seed: what it was made from.
    """

    image: bytes = field(repr=False)
    truth: dict[str, str]
    extras: dict[str, str]
    seed: int


def make_electronic(seed: int, *, quarters: int = 0) -> ElectronicSpecimen:
    """Makes the screenshot of a seed. The same arguments give the same bytes."""
    rng = stream(seed, "electronic")
    issued = invent_license(seed, "current")
    made = dt.datetime(2024, 1, 1) + dt.timedelta(seconds=whole(rng, 0, 60_000_000))  # noqa: DTZ001 - printed
    extras = dict(
        zip(
            EXTRA_NAMES,
            (
                issued.archive,
                pick(rng, _STATES),
                f"{pick(rng, (0, 0, 0, 3, 6, 9, 12))}分",
                f"{made:%Y-%m-%d %H:%M:%S}",
                f"{made + dt.timedelta(seconds=whole(rng, 1, 900)):%Y-%m-%d %H:%M:%S}",
            ),
            strict=True,
        )
    )
    truth = {**issued.truth, "address": ""}
    if chance(rng, 0.5):
        truth["official_seal"] = ""
    screen = _screenshot(rng, issued, truth, extras)
    image = expose(stream(seed, "exposure"), screen.clip(0, 1), SCREENSHOT, quarters)
    return ElectronicSpecimen(image, truth, extras, seed)


def _rows(rng: np.random.Generator, truth: dict[str, str], extras: dict[str, str]) -> list[Row]:
    """All rows from the top; the first three stand beside the portrait."""
    term: list[Row] = [("有效期限", f"{truth['valid_from']} 至 {truth['valid_to']}")]
    if chance(rng, 0.3):
        term = [("有效起始日期", truth["valid_from"]), ("有效期止", truth["valid_to"])]
    rows = [
        ("姓名", truth["name"]), ("性别", truth["sex"]), ("国籍", truth["nationality"]),
        ("证号", truth["id_num"]), ("出生日期", truth["birth_date"]),
        ("准驾车型", truth["car_class"]), ("初次领证日期", truth["issue_date"]), *term,
    ]  # fmt: skip
    if truth["official_seal"]:
        rows.append((pick(rng, ("发证机关", "发证单位")), truth["official_seal"]))
    own = [
        ("档案编号", extras["archive_number"]), ("状态", extras["state"]),
        (pick(rng, ("累积记分", "累计记分")), extras["penalty_points"]),
    ]  # fmt: skip
    if chance(rng, 0.4):
        own = own[1:] + own[:1]
    return rows + own


def _screenshot(
    rng: np.random.Generator,
    issued: License,
    truth: dict[str, str],
    extras: dict[str, str],
) -> Light:
    height, scale = _WIDTH * between(rng, 2.15, 2.3), between(rng, 10.0, 16.0)
    shape = (round(height * scale), round(_WIDTH * scale))
    screen = np.full((*shape, 3), 0.95, np.float32)
    tones = ((0.87, 0.95, 0.89), (0.86, 0.93, 0.97), (0.93, 0.95, 0.87), (1, 1, 1))
    top, bottom = round(16 * scale), round((height - 6) * scale)
    side = round(3 * scale)
    screen[: round(14 * scale)] = light(pick(rng, ((0.16, 0.42, 0.8), (0.2, 0.55, 0.4), (1, 1, 1))))
    card = screen[top:bottom, side:-side]
    card[:] = light(pick(rng, tones)) - 0.04 * cloud(rng, card.shape[:2], 5)[..., None]
    rows = _rows(rng, truth, extras)
    face = choose_face(rng, ("hei",), [value + label for label, value in rows])
    labels, values = Plate(_WIDTH, height, scale), Plate(_WIDTH, height, scale)
    _heading(rng, labels, face, bright=float(screen[2, 2].mean()) > 0.9)
    end = _lay_rows(rng, rows, labels, values, face)
    sitter = draw_portrait(rng, issued.truth["sex"], round(12.5 * scale), round(15.5 * scale))
    at = (round(26.5 * scale), round((_WIDTH - 19) * scale))
    screen[at[0] : at[0] + sitter.shape[0], at[1] : at[1] + sitter.shape[1]] = sitter
    _foot(rng, (labels, values), face, extras, end)
    gray = between(rng, 0.25, 0.5)
    press(screen, labels.mask(), (gray, gray, gray), rng, density=1.0, uneven=0.0, spread=0.3)
    press(screen, values.mask(), _INK, rng, density=1.0, uneven=0.0, spread=0.3)
    _code(rng, screen, (end + 3) * scale, scale)
    return screen


def _heading(rng: np.random.Generator, plate: Plate, face: Face, *, bright: bool) -> None:
    """The clock, the page's name where it can be seen, and the licence's title."""
    plate.text((5, 4.6), f"{whole(rng, 0, 23):02d}:{whole(rng, 0, 59):02d}", face, 3.0)
    if bright:
        plate.text(
            (_WIDTH / 2, 11), pick(rng, ("电子驾驶证", "我的电子驾驶证")), face, 3.8, anchor="m"
        )
    title = pick(rng, ("中华人民共和国机动车驾驶证", "机动车驾驶证(电子版)", "电子驾驶证"))
    plate.text((_WIDTH / 2, 22.5), title, face, 4.0 if len(title) < 12 else 3.7, anchor="m")


def _lay_rows(
    rng: np.random.Generator, rows: list[Row], labels: Plate, values: Plate, face: Face
) -> float:
    """Puts the rows on the plates; where they end, in millimetres."""
    em, pitch = between(rng, 2.5, 2.9), between(rng, 5.6, 6.4)
    if chance(rng, 0.35):
        return _lay_cells(rows, labels, values, face, em)
    colon = pick(rng, ("", "", "："))
    column = between(rng, 24, 28) if chance(rng, 0.5) else 0.0  # values flush in a column
    y = 30.0
    for label, value in rows:
        labels.text((6, y), label + colon, face, em)
        begin = column or 6 + em * (len(label) + len(colon)) + 2
        values.text((begin, y), value, face, _fitting(value, em * 1.06, _WIDTH - 6 - begin))
        y += pitch
    return y


def _lay_cells(rows: list[Row], labels: Plate, values: Plate, face: Face, em: float) -> float:
    """Labels over their values, two cells a line where both are short."""
    y, half = 29.0, (_WIDTH - 12) / 2
    place = 0
    for label, value in rows:
        wide = len(value) * em * 0.8 > half or y < 44  # beside the portrait there is one column
        if wide and place:
            y, place = y + 9.2, 0
        x = 6 + half * place
        room = _WIDTH - 26 if y < 44 else (_WIDTH - 12 if wide else half)
        labels.text((x, y), label, face, em * 0.85)
        values.text((x, y + em * 1.45), value, face, _fitting(value, em * 1.06, room))
        place = 0 if wide else 1 - place
        y += 0.0 if place else 9.2
    return y + (9.2 if place else 0.0) - 3


def _fitting(text: str, size: float, room: float) -> float:
    """The size in which a text fits the room, at most ``size``; millimetres."""
    wide = sum(0.58 if one.isascii() else 1.0 for one in text) * size
    return size * min(1.0, room / wide)


def _foot(
    rng: np.random.Generator,
    plates: tuple[Plate, Plate],
    face: Face,
    extras: dict[str, str],
    end: float,
) -> None:
    """The times under the code, in one line each."""
    size = between(rng, 2.2, 2.6)
    for number, (label, name) in enumerate(
        (("生成时间", "generated_at"), ("当前时间", "current_time"))
    ):
        y = end + 30 + 4.4 * number
        plates[0].text((14, y), label + pick(rng, (" ", "：", ":")), face, size)
        plates[1].text((14 + 5.4 * size, y), extras[name], face, size)


def _code(rng: np.random.Generator, screen: Light, top: float, scale: float) -> None:
    """A square code, in place; pixels."""
    cells, side = 29, round(22 * scale)
    bits = (rng.random((cells, cells)) > 0.5).astype(np.float32)
    for row, column in ((0, 0), (0, cells - 7), (cells - 7, 0)):
        bits[row : row + 7, column : column + 7] = 0
        bits[row + 1 : row + 6, column + 1 : column + 6] = 1
        bits[row + 2 : row + 5, column + 2 : column + 5] = 0
    code = cv2.resize(bits, (side, side), interpolation=cv2.INTER_NEAREST)
    left, begin = (screen.shape[1] - side) // 2, round(top)
    window = screen[begin : begin + side, left : left + side]
    window[:] = light(code)[: window.shape[0], : window.shape[1], None] * np.float32(0.9) + 0.05
