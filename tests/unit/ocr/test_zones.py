"""Reading places without searching them: where they are, and what may be read there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from openapi_shim.ocr.beside import Span
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import Glyph, LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified
from openapi_shim.ocr.zones import (
    is_print_about,
    read_missing,
    redness,
    row_offsets,
    without_translations,
)
from tests.unit.ocr.made import at


class Scripted(LineReader):
    """Says the same for every zone, and remembers what it was asked."""

    def __init__(self, says: str, probability: float = 0.9) -> None:
        super().__init__(lambda tensor: tensor, ("",))
        self.says, self.probability = says, probability
        self.asked: list[tuple[int, str]] = []

    def read(self, lines: list[Pixels], alphabet: str = "") -> list[Text]:  # type: ignore[override]
        self.asked += [(line.shape[1], alphabet) for line in lines]
        glyphs = tuple(Glyph(c, self.probability, 0.95) for c in self.says)
        return [Text(glyphs) for _ in lines]


CARD = Rectified(
    np.zeros((round(68 * PIXELS_PER_MM), round(96 * PIXELS_PER_MM), 3), np.uint8), np.eye(3)
)
FOUND = {"birth_date": at("1990-01-02", 48, 39.5), "id_num": at("1", 24, 14.0)}
LEGIBLE = FOUND | {
    name: at("x", 48, 80) for name in ("address", "official_seal", "nationality")
}  # elsewhere, so that they tell nothing of the rows


def test_rows_are_measured_against_the_form() -> None:
    assert row_offsets(FOUND) == pytest.approx({38.5: 1.0, 14.5: -0.5})
    assert row_offsets({"birth_date": at("1990-01-02", 48, 55.0)}) == {}


@pytest.mark.parametrize(
    ("name", "says", "value"),
    [
        ("sex", "女", "女"),
        ("sex", "男女", None),
        ("car_class", "A1A2", "A1A2"),
        ("car_class", "A1A", None),
        ("id_num", "11010519491231002X", "11010519491231002X"),
        ("id_num", "110105194912310021", None),
        ("issue_date", "2010-05-06", "2010-05-06"),
        ("issue_date", "2010-15-06", None),
        ("name", "张三", "张三"),
        ("name", "张3", None),
        ("valid_from", "2010-05-06至2016-05-06", "2010-05-06"),
        ("valid_to", "2010-05-06至2016-05-06", "2016-05-06"),
        ("valid_to", "2010-05-06至长期", "长期"),
        ("valid_to", "2010-05-06 10年", "2020-05-06"),
        ("valid_to", "2010-05-06", None),
    ],
)
def test_a_zone_counts_only_in_its_form(name: str, says: str, value: str | None) -> None:
    found = read_missing(Scripted(says), CARD, LEGIBLE, [name], {})
    assert (found[name].value if name in found else None) == value
    assert set(found) <= {name}


def test_the_reader_is_told_what_may_stand_there() -> None:
    reader = Scripted("C1")
    read_missing(reader, CARD, LEGIBLE, ["car_class"], {})
    assert len(reader.asked) == 3
    assert all(set("C1") <= set(alphabet) for _, alphabet in reader.asked)
    alone = Scripted("C1")
    undated = LEGIBLE | {"name": at("x", 15, 20.5)}
    del undated["birth_date"]
    read_missing(alone, CARD, undated, ["car_class"], {})
    assert alone.asked[0][0] < reader.asked[0][0]  # the date stands beside it


@pytest.mark.parametrize("fields", [{}, FOUND, dict(list(LEGIBLE.items())[2:])])
def test_without_rows_or_with_few_fields_nothing_is_read(fields: dict[str, Candidate]) -> None:
    reader = Scripted("男")
    assert read_missing(reader, CARD, fields, ["sex"], {}) == {}
    assert reader.asked == []


def test_long_lines_are_tried_only_where_hardly_anything_else_is_missing() -> None:
    reader = Scripted("张三")
    assert set(read_missing(reader, CARD, LEGIBLE, ["name", "sex"], {})) == {"name"}
    assert read_missing(reader, CARD, LEGIBLE, ["name", "sex", "car_class"], {}) == {}


LABELS = {
    key: Span(left, left + 8, middle)
    for key, left, middle in (
        ("name", 5, 20.5),
        ("sex", 42, 20.5),
        ("nationality", 60, 20.5),
        ("issue", 29, 44.5),
        ("class", 29, 50),
    )
}


def test_where_hardly_a_field_was_found_the_labels_tell_where_to_read() -> None:
    reader = Scripted("2010-05-06")
    found = read_missing(reader, CARD, {}, ["issue_date", "birth_date"], LABELS)
    assert set(found) == {"issue_date"}  # the other's label was not read
    left, middle = found["issue_date"].corners.mean(axis=0) / PIXELS_PER_MM - MARGIN
    assert left > 37
    assert 43 < middle < 46
    few = dict(list(LABELS.items())[1:])
    assert read_missing(reader, CARD, {}, ["issue_date"], few) == {}


def test_labels_alone_tell_of_nothing_that_is_hardly_read() -> None:
    assert read_missing(Scripted("男", 0.3), CARD, {}, ["sex"], LABELS) == {}
    assert read_missing(Scripted("男", 0.8), CARD, {}, ["sex"], LABELS)["sex"].value == "男"


@pytest.mark.parametrize("says", ["Nae谢珩", "名谢珩", "谢珩性别", "Na·谢珩", "名Name谢珩"])
def test_what_is_left_of_labels_is_not_of_the_value(says: str) -> None:
    assert read_missing(Scripted(says), CARD, {}, ["name"], LABELS)["name"].value == "谢珩"


@pytest.mark.parametrize("says", ["Name", "名", "性别", ""])
def test_labels_alone_are_no_value(says: str) -> None:
    assert read_missing(Scripted(says), CARD, {}, ["name"], LABELS) == {}


def line(left: float, middle: float, wide: float, high: float) -> np.ndarray[Any, Any]:
    edges = np.array([[0, -high], [2 * wide, -high], [2 * wide, high], [0, high]], np.float32) / 2
    moved: np.ndarray[Any, Any] = edges + np.array([left, middle]) + MARGIN
    return (moved * PIXELS_PER_MM).astype(np.float32)


def test_english_labels_are_left_out_and_an_addresses_second_line_is_not() -> None:
    kept = [
        line(17, 5.5, 53, 4.5),  # the title
        line(5, 20.5, 6, 3.5),  # 姓名
        line(15, 20.5, 12, 4.2),  # its value
        line(15, 27.5, 55, 4.4),  # an address
        line(15, 31.5, 15, 3.7),  # and on
        line(29, 38.5, 12, 3.4),  # 出生日期
        line(29, 44.5, 16, 3.4),
    ]
    english = [line(20, 9.3, 45, 3.4), line(5, 23.1, 5, 2.6), line(29, 41, 10, 2.6)]
    found = without_translations([*english, *kept])
    assert len(found) == len(kept)
    assert all((one == other).all() for one, other in zip(found, kept, strict=True))
    assert without_translations([]) == []


@pytest.mark.parametrize("off", [-6, -3, 0, 3, 6, 9])
def test_an_addresses_second_line_stays_where_the_card_lies_lower_or_higher(off: float) -> None:
    address = [line(15, 27.5 + off, 55, 4.4), line(15, 31.5 + off, 15, 3.7)]
    assert len(without_translations(address)) == 2


def inked(colour: tuple[int, int, int], quad: np.ndarray[Any, Any]) -> Pixels:
    """The empty card on green paper with strokes of a colour (BGR) on a line."""
    pixels = np.full((CARD.pixels.shape[0], CARD.pixels.shape[1], 3), (215, 230, 220), np.uint8)
    (left, top), (right, bottom) = quad.min(axis=0).astype(int), quad.max(axis=0).astype(int)
    pixels[top + 8 : bottom - 8, left:right:3] = colour
    return pixels


BLACK, RED = (40, 40, 40), (60, 50, 190)


@pytest.mark.parametrize(
    ("place", "colour", "counts"),
    [
        ((15, 33.0), BLACK, True),  # an address' second line, above the seal
        ((15, 36.5), BLACK, True),  # the same, where the card lies a little off
        ((5, 37.0), RED, False),  # the seal's first row
        ((5, 45.0), BLACK, False),  # on a copy without colours
        ((29, 38.5), RED, True),  # beside the seal everything counts
        ((72, 44.0), BLACK, False),  # the portrait
    ],
)
def test_what_may_be_print_on_a_card_that_lies_about_there(
    place: tuple[float, float], colour: tuple[int, int, int], counts: bool
) -> None:
    quad = line(*place, 12, 4)
    assert is_print_about(inked(colour, quad))(quad) is counts


def test_redness_of_ink_under_any_light() -> None:
    quad = line(5, 40, 15, 4)
    warm = np.array([0.6, 0.8, 1.0])  # a lamp's light, which takes blue away
    for colour, low, high in ((BLACK, -0.3, 0.3), (RED, 0.6, 1.0)):
        pixels = inked(colour, quad)
        assert low < redness(pixels, quad) < high
        assert low < redness((pixels * warm).astype(np.uint8), quad) < high
    assert redness(CARD.pixels, quad) == pytest.approx(1.0)  # no ink at all
    assert redness(CARD.pixels, quad + 10_000) == 0.0  # beside the picture
