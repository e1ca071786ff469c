"""What is not a driving licence's main page: other documents, and pictures of nothing.

Their print is made up and their look is simple: what matters is that they hold names, numbers,
dates and titles such as a licence has. Positions, fonts and inks differ from seed to seed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from openapi_shim.specimens.backgrounds import draw_background
from openapi_shim.specimens.card import HEIGHT, WIDTH
from openapi_shim.specimens.chance import between, chance, pick, stream, whole
from openapi_shim.specimens.exposure import expose
from openapi_shim.specimens.fonts import Face, choose_face
from openapi_shim.specimens.grades import GRADES
from openapi_shim.specimens.ink import Plate, cloud, press
from openapi_shim.specimens.licenses import License, invent_license
from openapi_shim.specimens.page2 import draw_second_page
from openapi_shim.specimens.paper import green_paper
from openapi_shim.specimens.pixels import Light, light
from openapi_shim.specimens.portrait import draw_portrait
from openapi_shim.specimens.scene import photograph_page
from openapi_shim.specimens.seal import draw_seal

OTHERS = (
    "identity card",
    "identity card's back",
    "vehicle licence",
    "bank card",
    "form",
    "landscape",
    "blank",
    "second page",
)
"""The kinds of pictures that hold no main page of a driving licence."""

_INK = (0.1, 0.1, 0.12)
Rows = Sequence[tuple[float, float, str, float]]
"""Left, baseline, text, em; millimetres."""


def make_other(seed: int, kind: str, *, grade: str = "normal", quarters: int = 0) -> bytes:
    """A JPEG of something that is no driving licence. The same arguments give the same bytes.

    Args:
        seed: 0 or greater.
        kind: one of ``OTHERS``.
        grade: how good the photo is.
        quarters: quarter turns, clockwise.
    """
    if kind not in OTHERS:
        raise ValueError(f"unknown kind {kind!r}: choose one of {', '.join(OTHERS)}")
    if kind in {"landscape", "blank"}:
        return _empty(seed, kind, grade, quarters)
    issued = invent_license(seed, "current")

    def draw(scale: float) -> Light:
        if kind == "second page":
            return draw_second_page(seed, issued, scale)
        return _document(stream(seed, kind), issued, kind, scale)

    return photograph_page(seed, draw, GRADES[grade], quarters)


def _empty(seed: int, kind: str, grade: str, quarters: int) -> bytes:
    rng = stream(seed, kind)
    side = round(between(rng, *GRADES[grade].side))
    shape = (round(side * 0.75), side)
    if kind == "blank":
        ground = draw_background(rng, shape)
    else:
        sky = np.linspace(0.9, 0.5, shape[0], dtype=np.float32)[:, None, None]
        ground = light(sky * light([0.7, 0.85, 1.0]) + 0.1 * cloud(rng, shape, 9)[..., None])
        for depth in range(3):
            ridge = cloud(rng, (1, shape[1]), 5 + 4 * depth)[0] * 0.25 + 0.35 + 0.18 * depth
            below = np.arange(shape[0])[:, None] > ridge[None, :] * shape[0]
            tone = light([between(rng, 0.1, 0.5), between(rng, 0.3, 0.6), between(rng, 0.1, 0.4)])
            ground[below] = tone * (0.7 + 0.5 * cloud(rng, shape, 120)[below][:, None])
    return expose(stream(seed, "exposure"), ground, GRADES[grade], quarters)


def _document(rng: np.random.Generator, issued: License, kind: str, scale: float) -> Light:
    rows = _ROWS[kind](rng, issued)
    texts = [text for _, _, text, _ in rows]
    face = choose_face(rng, (pick(rng, ("hei", "song")),), texts)
    if kind == "vehicle licence":
        paper = green_paper(rng, WIDTH, HEIGHT, scale)
    else:
        shape = (round(HEIGHT * scale), round(WIDTH * scale))
        tone = light([between(rng, 0.75, 0.98) for _ in range(3)])
        paper = light(tone - 0.12 * cloud(rng, shape, 12)[..., None])
    if kind == "identity card":
        width, height = round(22 * scale), round(28 * scale)
        top, left = round(10 * scale), round(60 * scale)
        portrait = draw_portrait(rng, issued.truth["sex"], width, height)
        paper[top : top + height, left : left + width] = portrait
    press(paper, _plate(rows, face, scale), _INK, rng)
    if kind == "vehicle licence":
        red = Plate(WIDTH, HEIGHT, scale)
        red.paste(draw_seal(rng, issued.truth["official_seal"], 19.0, scale), 4.0, 34.0)
        press(paper, red.mask(), (0.85, 0.15, 0.2), rng, density=0.85)
    return paper


def _plate(rows: Rows, face: Face, scale: float) -> Light:
    plate = Plate(WIDTH, HEIGHT, scale)
    for left, baseline, text, size in rows:
        plate.text((left, baseline), text, face, size)
    return plate.mask()


def _identity(rng: np.random.Generator, issued: License) -> Rows:
    truth, top = issued.truth, between(rng, 9, 11)
    born = dt.date.fromisoformat(truth["birth_date"])
    return [
        (6, top, "姓名", 2.4), (16, top, truth["name"], 3.4),
        (6, top + 7, "性别", 2.4), (16, top + 7, truth["sex"], 3.2),
        (27, top + 7, "民族", 2.4), (37, top + 7, "汉", 3.2),
        (6, top + 14, "出生", 2.4),
        (16, top + 14, f"{born.year} 年 {born.month} 月 {born.day} 日", 3.0),
        (6, top + 21, "住址", 2.4), (16, top + 21, truth["address"][:12], 3.0),
        (16, top + 25.5, truth["address"][12:24], 3.0),
        (6, 53, "公民身份号码", 2.4), (30, 53, truth["id_num"], 3.8),
    ]  # fmt: skip


def _identity_back(rng: np.random.Generator, issued: License) -> Rows:
    first = dt.date.fromisoformat(issued.truth["issue_date"])
    term = f"{first:%Y.%m.%d}-{first.replace(year=first.year + 10, day=1):%Y.%m.%d}"
    return [
        (26, between(rng, 13, 16), "中华人民共和国", 5.0), (26, 25, "居 民 身 份 证", 6.0),
        (18, 45, "签发机关", 2.6), (32, 45, issued.truth["address"][:6] + "公安局", 3.0),
        (18, 52, "有效期限", 2.6), (32, 52, term, 3.0),
    ]  # fmt: skip


def _vehicle(rng: np.random.Generator, issued: License) -> Rows:
    truth = issued.truth
    plate = pick(rng, "京沪粤浙苏鲁") + pick(rng, "ABCDE") + f"{whole(rng, 10_000, 99_999)}"
    frame = "".join(pick(rng, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))
    return [
        (16, between(rng, 6, 7.5), "中华人民共和国机动车行驶证", 4.2),
        (5, 14, "号牌号码", 2.1), (17, 14, plate, 3.3),
        (44, 14, "车辆类型", 2.1), (55, 14, "小型轿车", 3.3),
        (5, 20, "所有人", 2.1), (17, 20, truth["name"], 3.3),
        (5, 26, "住址", 2.1), (17, 26, truth["address"][:20], 3.2),
        (5, 32, "使用性质", 2.1), (17, 32, "非营运", 3.2),
        (40, 32, "品牌型号", 2.1), (51, 32, f"大众牌SVW{whole(rng, 1000, 9999)}", 3.0),
        (26, 39, "车辆识别代号", 2.1), (41, 39, frame, 3.1),
        (26, 45, "发动机号码", 2.1), (41, 45, f"{whole(rng, 100000, 999999)}", 3.1),
        (26, 53, "注册日期", 2.1), (37, 53, truth["issue_date"], 3.0),
        (57, 53, "发证日期", 2.1), (67, 53, truth["valid_from"], 3.0),
    ]  # fmt: skip


def _bank(rng: np.random.Generator, _: License) -> Rows:
    digits = f"62{whole(rng, 10**16, 10**17 - 1)}"
    number = " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))
    bank = pick(rng, ("东方银行", "城市商业银行", "远洋银行"))
    rows = [
        (6, 11, bank, 5.0), (6, between(rng, 33, 37), number, 5.0),
        (20, 45, "VALID THRU", 2.0), (38, 45, f"{whole(rng, 1, 12):02d}/{whole(rng, 26, 35)}", 3.4),
        (66, 54, "UnionPay", 4.0),
    ]  # fmt: skip
    return [*rows, (6, 54, "储蓄卡 DEBIT", 3.0)] if chance(rng, 0.6) else rows


def _form(rng: np.random.Generator, issued: License) -> Rows:
    truth = issued.truth
    title = pick(rng, ("驾驶人体检表", "入职登记表", "住宿登记表", "会员申请表", "健康证明"))
    return [
        (30, 7, title, 4.4),
        (5, 15, "姓名", 2.8), (15, 15, truth["name"], 3.0),
        (44, 15, "性别", 2.8), (53, 15, truth["sex"], 3.0),
        (62, 15, "国籍", 2.8), (72, 15, truth["nationality"], 3.0),
        (5, 22, "证件号码", 2.8), (22, 22, truth["id_num"], 3.0),
        (5, 29, "出生日期", 2.8), (22, 29, truth["birth_date"], 3.0),
        (5, 36, "住址", 2.8), (15, 36, truth["address"][:22], 3.0),
        (5, 43, "联系电话", 2.8), (22, 43, f"1{whole(rng, 3 * 10**9, 9 * 10**9)}", 3.0),
        (5, 55, "填表日期", 2.8), (22, 55, truth["valid_from"], 3.0),
    ]  # fmt: skip


_ROWS = {
    "identity card": _identity,
    "identity card's back": _identity_back,
    "vehicle licence": _vehicle,
    "bank card": _bank,
    "form": _form,
}
