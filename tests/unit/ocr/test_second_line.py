"""An address' second line, as a reader that says what it is told sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified
from openapi_shim.ocr.second_line import read_begin, read_tail
from tests.unit.ocr.made import candidate, read_text, rectangle

CARD = Rectified(
    np.zeros((round(68 * PIXELS_PER_MM), round(96 * PIXELS_PER_MM), 3), np.uint8), np.eye(3)
)


class Told:
    """Says the same of any line, at its begin."""

    def __init__(self, says: str, probability: float = 0.95) -> None:
        glyphs = read_text(says, probability).glyphs
        self.text = Text(tuple(replace(one, position=0.3 * one.position) for one in glyphs))

    def read(self, lines: list[Pixels]) -> list[Text]:
        assert all(line.shape[0] == 48 for line in lines)
        return [self.text for _ in lines]


def reader(says: str, probability: float = 0.95) -> LineReader:
    return cast("LineReader", Told(says, probability))


def address(value: str, right: float, bottom: float) -> Candidate:
    """It begins 12 mm from the left and 25 from the top."""
    corners = (rectangle(12, 25, right, bottom) + MARGIN) * PIXELS_PER_MM
    return replace(candidate(value), corners=corners.astype(np.float32))


@pytest.mark.parametrize(
    ("says", "probability", "value"),
    [
        ("5号", 0.95, "河北省石家庄市长安区中山街5号"),
        ("5号", 0.4, None),
        ("", 0.95, None),
        ("。。", 0.95, None),
        ("出生日期一九九零年", 0.95, None),
    ],
)
def test_the_end_of_an_address_that_fills_its_line(
    says: str, probability: float, value: str | None
) -> None:
    found = read_tail(
        reader(says, probability), CARD, address("河北省石家庄市长安区中山街", 82, 29)
    )
    assert (found.value if found else None) == value
    if found:
        assert found.corners[:, 1].max() > (29 + MARGIN) * PIXELS_PER_MM


@pytest.mark.parametrize(("right", "bottom"), [(60, 29), (82, 34)])
def test_a_short_line_and_a_second_one_have_no_more(right: float, bottom: float) -> None:
    assert read_tail(reader("5号"), CARD, address("河北省", right, bottom)) is None


@pytest.mark.parametrize(
    ("value", "says", "whole"),
    [
        ("胜利西街158号64-1765号", "-4-1765号", "胜利西街158号6-4-1765号"),
        ("胜利西街158号6-4-1765号", "-4-1765号", None),
        ("胜利西街158号64-1765号", "4-1765号", None),
        ("胜利西街158号64-1765号", "-4-1766号", None),
        ("4-1765号", "-4-1765号", None),
    ],
)
def test_a_dash_at_the_second_lines_begin(value: str, says: str, whole: str | None) -> None:
    found = read_begin(reader(says), CARD, address(value, 80, 33.5))
    assert (found.value if found else None) == whole


def test_an_unsure_dash_is_none() -> None:
    two = address("胜利西街158号64-1765号", 80, 33.5)
    assert read_begin(reader("-4-1765号", 0.4), CARD, two) is None
    found = read_begin(reader("-4-1765号", 0.7), CARD, two)
    assert found is not None
    assert found.weakest == pytest.approx(0.7)


def test_one_line_has_no_second_ones_begin() -> None:
    assert read_begin(reader("-1号"), CARD, address("中山街1号", 82, 29)) is None
