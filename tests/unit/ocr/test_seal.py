"""The seal's frame and rows, drawn by hand; its text with a reader that says what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
import pytest

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.read_lines import LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM
from openapi_shim.ocr.seal import find_frame, has_gap, ink_of, read_seal, split_rows
from tests.unit.ocr.made import read_text

RED = (60, 50, 190)


def card_with_seal(left: float, top: float, side: float, rows: int) -> Pixels:
    """A rectified card with a framed seal of ``rows`` rows of blocks; millimetres."""
    card = np.full((544, 768, 3), (200, 225, 205), np.uint8)
    x, y, width = (round(v * PIXELS_PER_MM) for v in (left + MARGIN, top + MARGIN, side))
    cv2.rectangle(card, (x, y), (x + width, y + width), RED, 5)
    pitch = width / rows
    for row in range(rows):
        for column in range(4):
            corner = (round(x + 10 + column * width / 4.2), round(y + row * pitch + 0.14 * pitch))
            end = (corner[0] + width // 6, round(corner[1] + 0.72 * pitch))
            cv2.rectangle(card, corner, end, RED, 3)
            cv2.line(card, corner, end, RED, 3)
    return card


@pytest.mark.parametrize(
    ("left", "top", "side"), [(5, 36, 20), (3, 33, 19), (9, 38, 18), (5, 34, 23)]
)
def test_the_frame_is_found_where_prints_put_it(left: float, top: float, side: float) -> None:
    frame = find_frame(card_with_seal(left, top, side, 4))
    assert frame is not None
    right, bottom = left + side, top + side
    wanted = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    np.testing.assert_allclose(frame / PIXELS_PER_MM - MARGIN, wanted, atol=0.8)


def test_no_frame_on_an_empty_card() -> None:
    assert find_frame(np.full((544, 768, 3), 200, np.uint8)) is None


def test_the_frame_is_found_beside_a_lamps_reflection() -> None:
    """It is redder than green paper, and reaches up to the frame."""
    card = card_with_seal(5, 36, 20, 4)
    for x in range(-200, 768, 12):  # the paper's pattern, which is as dark as the frame
        cv2.line(card, (x, 0), (x + 200, 543), (150, 190, 150), 2)
    centre = (round((22 + MARGIN) * PIXELS_PER_MM), round((30 + MARGIN) * PIXELS_PER_MM))
    cv2.circle(card, centre, round(6.5 * PIXELS_PER_MM), (225, 240, 255), -1)
    frame = find_frame(card)
    assert frame is not None
    wanted = np.array([(5, 36), (25, 36), (25, 56), (5, 56)])
    np.testing.assert_allclose(frame / PIXELS_PER_MM - MARGIN, wanted, atol=0.8)


@pytest.mark.parametrize("rows", [3, 4])
def test_rows_are_counted_by_their_gaps(rows: int) -> None:
    card = card_with_seal(5, 36, 20, rows)
    x, y = round((5 + MARGIN) * PIXELS_PER_MM), round((36 + MARGIN) * PIXELS_PER_MM)
    inside = card[y + 6 : y + 154, x + 6 : x + 154]
    found = split_rows(ink_of(np.ascontiguousarray(inside)))
    assert len(found) == rows
    assert found[0].top == 0
    assert found[-1].bottom == 1


class Told:
    """A reader that answers what it is told, one text per line; ``then`` to its second call."""

    def __init__(self, texts: Sequence[str], probability: float, then: str = "") -> None:
        self._texts, self._probability, self._then = texts, probability, then
        self.widths: list[list[int]] = []

    def read(self, lines: Sequence[Pixels]) -> list[Text]:
        assert all(line.shape[0] == 48 for line in lines)
        self.widths.append([line.shape[1] for line in lines])
        if len(self.widths) > 1:
            return [read_text(self._then) for _ in lines]
        assert len(lines) == len(self._texts)
        return [read_text(text, self._probability) for text in self._texts]


ROWS = ("河南省南", "阳市公安", "局交通警", "察支队")


def test_a_seal_is_read_row_by_row() -> None:
    reader = Told(ROWS, 0.98)
    found = read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 4))
    assert found is not None
    assert found.value == "河南省南阳市公安局交通警察支队"
    assert found.confidence > 0.9
    assert reader.widths[1] == []


def test_a_doubtful_row_is_read_again_with_characters_of_their_usual_shape() -> None:
    reader = Told(("海南省海国市", "公安局公安", "交通管理局"), 0.8, then="海南省海口市")
    found = read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 3))
    assert found is not None
    assert found.value == "海南省海口市" * 3
    narrow, usual = reader.widths
    assert [
        round(width / 48 / count, 2) for width, count in zip(usual, (6, 5, 5), strict=True)
    ] == [0.85] * 3
    assert all(before < after for before, after in zip(narrow, usual, strict=True))


def test_a_lone_character_is_no_better_reading_of_a_row() -> None:
    reader = Told(ROWS, 0.8, then="队")
    found = read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 4))
    assert found is not None
    assert found.value == "".join(ROWS)


def test_a_doubtful_seal_is_never_completed() -> None:
    reader = Told(("河南省南", "阳市公安", "局交A", ""), 0.98)
    found = read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 4))
    assert found is not None
    assert found.value == "河南省南阳市公安局交"
    assert found.confidence < 0.9


def test_without_a_frame_nothing_is_read() -> None:
    reader = Told((), 1.0)
    assert read_seal(cast("LineReader", reader), np.full((544, 768, 3), 200, np.uint8)) is None
    assert reader.widths == []


@pytest.mark.parametrize("lost", [None, 0, 1, 2, 3])
def test_a_character_that_was_not_read_leaves_a_gap(lost: int | None) -> None:
    row = read_text("上海市公")
    kept = tuple(glyph for place, glyph in enumerate(row.glyphs) if place != lost)
    assert has_gap(Text(kept)) == (lost is not None)
