"""Segments on the card: a misread label that runs into its value is cut off."""

from __future__ import annotations

import numpy as np
import pytest

from openapi_shim.ocr.labels import split_line
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.read_lines import Glyph, Text
from openapi_shim.ocr.register import Registration
from tests.unit.ocr.made import rectangle

MILLIMETRES = Registration(np.eye(3), frozenset())
ADDRESS = "福建省泉州市丰泽区"


def seen(label: str, begin: float, step: float, y: float = 27.5) -> list[str]:
    """What is left of a label at 5 mm and an address from ``begin`` on, read as one line."""
    middles = [6.0 + 2.1 * place for place in range(len(label))]
    middles += [begin + step * place for place in range(len(ADDRESS))]
    left, right = 4.5, middles[-1] + 2
    glyphs = [
        Glyph(letter, 0.9, (middle - left) / (right - left))
        for letter, middle in zip(label + ADDRESS, middles, strict=True)
    ]
    corners = rectangle(left, y - 2, right, y + 2)
    placed = place_segments(split_line(Text(tuple(glyphs)), corners), MILLIMETRES)
    return [item.text for item in placed]


@pytest.mark.parametrize("label", ["住斯", "佳", "往地u"])
def test_a_misread_label_is_no_part_of_the_value(label: str) -> None:
    assert seen(label, 15.5, 3.3) == [ADDRESS]


def test_a_label_that_was_read_is_one() -> None:
    assert seen("住址", 15.5, 3.3) == ["住址", ADDRESS]


def test_what_stands_beside_the_labels_stays_whole() -> None:
    assert seen("", 15.5, 3.3) == [ADDRESS]


def test_a_value_that_begins_far_left_without_a_gap_stays_whole() -> None:
    assert seen("", 8.0, 3.3) == [ADDRESS]


def test_other_rows_are_left_alone() -> None:
    assert seen("住斯", 15.5, 3.3, y=44) == ["住斯" + ADDRESS]
