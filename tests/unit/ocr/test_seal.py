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
from openapi_shim.ocr.seal import has_gap, read_seal, split_rows
from tests.unit.ocr.made import SEAL_RED, card_with_seal, read_text

FADED = (140, 130, 190)


@pytest.mark.parametrize("rows", [3, 4])
def test_rows_are_counted_by_their_gaps(rows: int) -> None:
    card = card_with_seal(5, 36, 20, rows)
    x, y = round((5 + MARGIN) * PIXELS_PER_MM), round((36 + MARGIN) * PIXELS_PER_MM)
    inside = card[y + 6 : y + 154, x + 6 : x + 154]
    found = split_rows(np.ascontiguousarray(inside))
    assert len(found) == rows
    assert found[0].top == 0
    assert found[-1].bottom == 1


def test_a_shadow_that_ends_within_the_seal_hides_no_gap() -> None:
    seal = np.full((240, 240, 3), (200, 225, 205), np.uint8)
    rows = [(6, 42), (54, 90), (102, 138), (150, 186), (198, 234)]
    for top, bottom in rows:
        for x in (20, 100, 180):
            cv2.rectangle(seal, (x, top), (x + 36, bottom), FADED, 4)
            cv2.line(seal, (x, top), (x + 36, bottom), FADED, 4)
    light = np.interp(np.arange(240), (120, 180), (0.5, 1.0))
    found = split_rows(np.asarray(seal * light[:, None, None], np.uint8))
    assert len(found) == 5
    cuts = [round(row.top * 240) for row in found[1:]]
    for cut, (_, above), (below, _) in zip(cuts, rows[:-1], rows[1:], strict=True):
        assert above < cut < below


def test_a_black_line_across_hides_no_gap() -> None:
    seal = np.full((240, 240, 3), (200, 225, 205), np.uint8)
    rows = [(8, 54), (66, 112), (124, 170), (182, 228)]
    for top, bottom in rows:
        for x in (10, 70, 130, 190):
            cv2.rectangle(seal, (x, top), (x + 36, bottom), FADED, 4)
            cv2.line(seal, (x, top), (x + 36, bottom), FADED, 4)
    cv2.line(seal, (0, 225), (240, 150), (30, 30, 30), 9)
    cv2.line(seal, (0, 60), (240, 62), (30, 30, 30), 9)
    cuts = [round(row.top * 240) for row in split_rows(seal)[1:]]
    assert len(cuts) == 3
    for cut, (_, above), (below, _) in zip(cuts, rows[:-1], rows[1:], strict=True):
        assert above < cut < below


def test_what_is_left_of_the_frame_is_no_row() -> None:
    seal = np.full((240, 240, 3), (200, 225, 205), np.uint8)
    rows = [(30, 59), (67, 96), (104, 133), (141, 170), (178, 207)]
    for top, bottom in rows:
        for x in (20, 70, 120, 170):
            cv2.rectangle(seal, (x, top), (x + 36, bottom), SEAL_RED, 4)
            cv2.line(seal, (x, top), (x + 36, bottom), SEAL_RED, 4)
    cv2.line(seal, (0, 0), (240, 0), SEAL_RED, 6)
    cv2.line(seal, (0, 240), (240, 240), SEAL_RED, 12)
    cuts = [round(row.top * 240) for row in split_rows(seal)[1:]]
    assert len(cuts) == 4
    for cut, (_, above), (below, _) in zip(cuts, rows[:-1], rows[1:], strict=True):
        assert above < cut < below


def test_rows_of_unlike_heights_are_cut_at_their_gaps() -> None:
    ink = np.full((240, 240), 255, np.uint8)
    rows = [(4, 70), (84, 128), (140, 184), (196, 236)]
    for top, bottom in rows:
        for x in range(8, 200, 60):
            cv2.rectangle(ink, (x, top), (x + 44, bottom), 0, 7)
            cv2.line(ink, (x, top), (x + 44, bottom), 0, 7)
            cv2.line(ink, (x + 44, top), (x, bottom), 0, 7)
    cuts = [
        round(row.top * 240)
        for row in split_rows(np.asarray(cv2.cvtColor(ink, cv2.COLOR_GRAY2BGR), np.uint8))[1:]
    ]
    assert len(cuts) == 3
    for cut, (_, above), (below, _) in zip(cuts, rows[:-1], rows[1:], strict=True):
        assert above < cut < below


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


def test_squeezed_characters_are_looked_at_again_however_sure_they_seem() -> None:
    reader = Told(("安徽省台肥市", "公安局交通警察", "支队"), 0.98, then="支队")
    assert read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 3)) is not None
    assert len(reader.widths[1]) == 2


def test_two_readings_of_a_row_tell_its_doubtful_characters() -> None:
    """The surer one counts, and is the less sure for the other."""
    reader = Told(ROWS, 0.8, then="河南省商")
    found = read_seal(cast("LineReader", reader), card_with_seal(5, 36, 20, 4))
    assert found is not None
    assert found.value.startswith("河南省商")
    assert 0.4 < found.weakest < 0.6


def test_an_inner_frame_hides_no_row() -> None:
    card = card_with_seal(5, 36, 20, 4)
    inside = card_with_seal(8, 39, 14, 4)
    x, y, width = (round(v * PIXELS_PER_MM) for v in (7.4 + MARGIN, 38.4 + MARGIN, 15.2))
    card[y : y + width, x : x + width] = inside[y : y + width, x : x + width]
    corner = round((5 + MARGIN) * PIXELS_PER_MM), round((36 + MARGIN) * PIXELS_PER_MM)
    end = corner[0] + 160, corner[1] + 160
    cv2.rectangle(card, corner, end, (200, 225, 205), -1)
    cv2.rectangle(card, (corner[0] + 3, corner[1] + 3), (end[0] - 3, end[1] - 3), SEAL_RED, 7)
    blocks = inside[y + 8 : y + width - 8, x + 8 : x + width - 8]
    card[y + 8 : y + width - 8, x + 8 : x + width - 8] = blocks
    cv2.rectangle(card, (x - 4, y - 4), (x + width + 4, y + width + 4), SEAL_RED, 2)
    reader = Told(ROWS, 0.98)
    found = read_seal(cast("LineReader", reader), card)
    assert found is not None
    assert found.value == "".join(ROWS)


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
