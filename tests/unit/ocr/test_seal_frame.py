"""The seal's frame, drawn by hand: whole, worn, and joined to what it should not be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM
from openapi_shim.ocr.seal_frame import find_frame
from tests.unit.ocr.made import SEAL_RED, card_with_seal


def assert_framed(card: Pixels, left: float, top: float, side: float, within: float = 0.8) -> None:
    """That the frame found is the upright square there; millimetres."""
    frame = find_frame(card)
    assert frame is not None
    right, bottom = left + side, top + side
    wanted = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    np.testing.assert_allclose(frame / PIXELS_PER_MM - MARGIN, wanted, atol=within)


@pytest.mark.parametrize(
    ("left", "top", "side"), [(5, 36, 20), (3, 33, 19), (9, 38, 18), (5, 34, 23)]
)
def test_the_frame_is_found_where_prints_put_it(left: float, top: float, side: float) -> None:
    assert_framed(card_with_seal(left, top, side, 4), left, top, side)


def test_no_frame_on_an_empty_card() -> None:
    assert find_frame(np.full((544, 768, 3), 200, np.uint8)) is None


def test_the_frame_is_found_beside_a_lamps_reflection() -> None:
    """It is redder than green paper, and reaches up to the frame."""
    card = card_with_seal(5, 36, 20, 4)
    for x in range(-200, 768, 12):  # the paper's pattern, which is as dark as the frame
        cv2.line(card, (x, 0), (x + 200, 543), (150, 190, 150), 2)
    centre = (round((22 + MARGIN) * PIXELS_PER_MM), round((30 + MARGIN) * PIXELS_PER_MM))
    cv2.circle(card, centre, round(6.5 * PIXELS_PER_MM), (225, 240, 255), -1)
    assert_framed(card, 5, 36, 20)


def test_a_worn_frames_pieces_are_found_as_one() -> None:
    card = card_with_seal(5, 36, 20, 4)
    paper = card[0, 0].tolist()
    x, y, width = (round(v * PIXELS_PER_MM) for v in (5 + MARGIN, 36 + MARGIN, 20))
    for share in (0.2, 0.5, 0.8):  # the frame is gone there, on each of its sides
        at = round(share * width)
        cv2.rectangle(card, (x + at - 8, y - 8), (x + at + 8, y + width + 8), paper, -1)
        cv2.rectangle(card, (x - 8, y + at - 8), (x + width + 8, y + at + 8), paper, -1)
    assert_framed(card, 5, 36, 20, within=1.2)


def test_a_piece_of_a_frame_is_no_seal() -> None:
    card = np.full((544, 768, 3), (200, 225, 205), np.uint8)
    x, y = round((5 + MARGIN) * PIXELS_PER_MM), round((36 + MARGIN) * PIXELS_PER_MM)
    piece = np.array([(x, y), (x + 160, y), (x + 160, y + 160), (x + 130, y + 160)])
    cv2.polylines(card, [piece.astype(np.int32)], True, SEAL_RED, 5)
    assert find_frame(card) is None


@pytest.mark.parametrize("where", ["a label below", "a finger", "a crease"])
def test_what_touches_a_frame_is_not_of_it(where: str) -> None:
    card = card_with_seal(5, 36, 20, 4)
    x, y, width = (round(v * PIXELS_PER_MM) for v in (5 + MARGIN, 36 + MARGIN, 20))
    if where == "a label below":
        cv2.rectangle(card, (x - 6, y + width), (x + 60, y + width + 22), (60, 60, 110), -1)
    elif where == "a finger":
        cv2.ellipse(card, (x - 40, y + 40), (50, 45), 0, 0, 360, (50, 50, 120), -1)
    else:
        cv2.line(card, (x - 30, y - 10), (x + width + 60, y + 30), SEAL_RED, 6)
    assert_framed(card, 5, 36, 20)


def test_a_turned_frame_under_a_finger_is_laid_over() -> None:
    card = card_with_seal(5, 36, 20, 4)
    x, y, width = (round(v * PIXELS_PER_MM) for v in (5 + MARGIN, 36 + MARGIN, 20))
    turn = cv2.getRotationMatrix2D((x + width / 2, y + width / 2), 4, 1)
    paper = card[0, 0].tolist()
    card = np.asarray(
        cv2.warpAffine(card, turn, (card.shape[1], card.shape[0]), borderValue=paper), np.uint8
    )
    cv2.ellipse(card, (x - 40, y + 40), (50, 45), 0, 0, 360, (50, 50, 120), -1)
    frame = find_frame(card)
    assert frame is not None
    upright = np.array([(x, y), (x + width, y), (x + width, y + width), (x, y + width)], np.float32)
    wanted = cv2.transform(upright[None], turn)[0]
    np.testing.assert_allclose(frame, wanted, atol=0.8 * PIXELS_PER_MM)


@pytest.mark.parametrize("noise", [3, 8])
def test_a_copy_without_colours_has_its_frame_by_its_outline(noise: int) -> None:
    rng = np.random.default_rng(noise)
    card = cv2.cvtColor(card_with_seal(5, 36, 20, 4), cv2.COLOR_BGR2GRAY)
    grey = cv2.cvtColor(card, cv2.COLOR_GRAY2BGR) + rng.normal(0, noise, (*card.shape, 3))
    assert_framed(np.asarray(np.clip(grey, 0, 255), np.uint8), 5, 36, 20)


def test_noise_has_no_frame() -> None:
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(150, 12, (544, 768, 3))
        assert find_frame(np.asarray(np.clip(noise, 0, 255), np.uint8)) is None
