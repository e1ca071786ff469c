"""The second page (副页): number, name, file number, record and a barcode."""

from __future__ import annotations

import datetime as dt

import numpy as np

from openapi_shim.specimens.card import HEIGHT, WIDTH
from openapi_shim.specimens.chance import between, chance, pick, stream, weighted, whole
from openapi_shim.specimens.fonts import choose_face
from openapi_shim.specimens.ink import Plate, press
from openapi_shim.specimens.licenses import FOREVER, License
from openapi_shim.specimens.paper import green_paper
from openapi_shim.specimens.pixels import Light

_TITLE = "中华人民共和国机动车驾驶证副页"
_BLACK = (0.10, 0.10, 0.12)


def _record(rng: np.random.Generator, issued: License) -> list[str]:
    truth = issued.truth
    lines = []
    if chance(rng, 0.4):
        first = dt.date.fromisoformat(truth["issue_date"])
        until = first.replace(year=first.year + 1)
        lines.append(f"实习期至{until:%Y年%m月%d日}。")
    if truth["valid_to"] == FOREVER:
        since = dt.date.fromisoformat(truth["valid_from"])
        lines.append(f"自{since:%Y年%m月%d日}至长期有效。")
    else:
        ends = dt.date.fromisoformat(truth["valid_to"])
        lines += [f"请于{ends:%Y年%m月%d日}前九十日内", "申请换领新驾驶证。"]
    return lines


def second_page_values(seed: int, issued: License) -> dict[str, str]:
    """What the second page says of its own."""
    return {
        "second_page_id_num": issued.truth["id_num"],
        "second_page_name": issued.truth["name"],
        "archive_number": issued.archive,
        "record": "".join(_record(stream(seed, "second page"), issued)),
    }


def _barcode(
    rng: np.random.Generator, plate: Plate, left: float, top: float, height: float
) -> float:
    """Draws bars from ``left``; returns where they end. Millimetres."""
    x, module = left, between(rng, 0.17, 0.22)
    for _ in range(58):
        bar, gap = pick(rng, (1, 1, 2, 3)), pick(rng, (1, 1, 2, 3))
        plate.bar(x, top, x + bar * module, top + height)
        x += (bar + gap) * module
    return x


def draw_second_page(seed: int, issued: License, scale: float) -> Light:
    """The second page at ``scale`` pixels per millimetre, RGB, 0 to 1."""
    rng = stream(seed, "second page")
    paper = green_paper(stream(seed, "paper"), WIDTH, HEIGHT, scale)  # the main page's print run
    fixed, later = Plate(WIDTH, HEIGHT, scale), Plate(WIDTH, HEIGHT, scale)
    record = _record(rng, issued)
    name, number = issued.truth["name"], issued.truth["id_num"]
    labels = choose_face(rng, ("hei", "song"), [_TITLE, "证号姓名档案编号记录"])
    style = weighted(rng, [("hei", 3.0), ("song", 2.0), ("kai", 1.0)])
    face = choose_face(rng, (style,), [name, number, *record])
    value, label = between(rng, 3.0, 3.4), between(rng, 1.95, 2.2)
    dx, dy = float(rng.normal(0, 0.5)), float(rng.normal(0, 0.35))
    fixed.text((WIDTH / 2, between(rng, 6.0, 7.0)), _TITLE, labels, 3.7, anchor="m", tracking=0.3)
    left, top = between(rng, 4.0, 5.5), between(rng, 13.5, 15.0)
    rows = [top, top + 6.0, top + 12.0]

    def row(x: float, y: float, chinese: str, english: str) -> None:
        fixed.text((x, y - 0.3 * label), chinese, labels, label)
        fixed.text((x, y + 0.7 * label), english, labels, label * 0.76)

    row(left, rows[0], "证号", "No.")
    later.text((left + 20 + dx, rows[0] + dy), number, face, value)
    row(left, rows[1], "姓名", "Name")
    size = value * (0.82 if len(name) > 9 else 1.0)
    end = later.text((left + 10 + dx, rows[1] + dy), name, face, size)
    files = max(44.0, left + 12 + end)
    row(files, rows[1], "档案编号", "File No.")
    later.text((files + 9.6 + dx, rows[1] + dy), issued.archive, face, value * 0.95)
    row(left, rows[2], "记录", "Record")
    for place, line in enumerate(record):
        later.text((left + 12 + dx, rows[2] + dy + place * value * 1.3), line, face, value)
    bar_left, bar_top = between(rng, 22.0, 32.0), between(rng, 43.5, 45.0)
    bar_end = _barcode(rng, later, bar_left, bar_top, 7.5)
    serial = f"*{issued.archive[:2]}{whole(rng, 0, 99_999_999_999):011d}*"
    later.text(
        ((bar_left + bar_end) / 2, bar_top + 10.6), serial, face, 2.7, anchor="m", tracking=0.3
    )
    press(paper, fixed.mask(), _BLACK, rng, density=between(rng, 0.8, 0.92), spread=0.5)
    press(paper, later.mask(), _BLACK, rng, density=between(rng, 0.86, 0.97), uneven=0.14)
    return paper
