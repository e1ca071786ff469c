"""Frames around a page of blocks: thin, thick, double, worn."""

from __future__ import annotations

import cv2
import numpy as np

from openapi_shim.ocr.seal_rim import Gray, rims

SIDE = 256


def ink(*frames: tuple[int, int]) -> Gray:
    """Rows of blocks within frames, which begin and end so many pixels from the edge."""
    drawn = np.full((SIDE, SIDE), 255, np.uint8)
    for start, stop in frames:
        drawn[start : SIDE - start, start : SIDE - start] = 0
        drawn[stop : SIDE - stop, stop : SIDE - stop] = 255
    for y in range(44, 200, 44):
        for x in range(44, 200, 44):
            cv2.rectangle(drawn, (x, y), (x + 34, y + 34), 0, 5)
    return drawn


def test_a_frame_ends_where_its_ink_does() -> None:
    for width in (5, 11, 17):
        assert all(width <= rim <= width + 4 for rim in rims(ink((0, width))))


def test_an_inner_frame_is_left_out_too() -> None:
    assert all(24 <= rim <= 28 for rim in rims(ink((0, 12), (20, 24))))


def test_an_inner_frame_has_four_sides_even_where_one_is_worn() -> None:
    worn = ink((0, 12), (20, 24))
    worn[16:28, 60:200] = 255
    assert all(24 <= rim <= 28 for rim in rims(worn))


def test_a_long_stroke_is_no_frame() -> None:
    stroke = ink((0, 8))
    stroke[26:30, 20:-20] = 0
    assert all(rim < 14 for rim in rims(stroke))


def test_a_worn_frame_takes_the_usual_width() -> None:
    worn = ink((0, 8))
    worn[:, 30:-30] = 255
    top, _, bottom, _ = rims(worn)
    assert top == bottom == 9
