"""Measures of a card's picture, on pictures made by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.quality import colour_of, grid_of, outside_of, sharpness_of, white_spot
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM
from openapi_shim.ocr.register import Registration

SIZE = (round((HEIGHT + 2 * MARGIN) * PIXELS_PER_MM), round((WIDTH + 2 * MARGIN) * PIXELS_PER_MM))
MIDDLE = Registration(np.array([[0.1, 0, 0], [0, 0.1, 0], [0, 0, 1.0]]), frozenset())
"""A card of ten pixels a millimetre in the photo's top left corner."""


def at(*millimetres: float) -> tuple[int, int]:
    x, y = (round((place + MARGIN) * PIXELS_PER_MM) for place in millimetres)
    return x, y


@pytest.fixture
def card() -> Pixels:
    """Green paper, a red seal, and rows of dark bars for print; blue green red."""
    pixels = np.full((*SIZE, 3), (190, 225, 200), np.uint8)
    cv2.rectangle(pixels, at(4, 33), at(23, 52), (60, 60, 200), 12)
    for row in range(8):
        for bar in range(12):
            corner = at(21 + 3 * bar, 11 + 5.2 * row)
            cv2.rectangle(pixels, corner, (corner[0] + 9, corner[1] + 20), (40, 40, 40), -1)
    return pixels


def test_red_ink_has_colour_and_its_copy_none(card: Pixels) -> None:
    gray = cv2.cvtColor(cv2.cvtColor(card, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    warm = np.clip(gray * np.array([0.85, 1.0, 1.1]), 0, 255).astype(np.uint8)  # lamp light
    assert colour_of(card) > 0.3
    assert colour_of(np.asarray(gray, np.uint8)) < 0.02
    assert colour_of(warm) < 0.05


def test_a_burnt_out_spot_is_measured_and_a_white_portrait_is_not(card: Pixels) -> None:
    assert white_spot(card) == 0
    cv2.rectangle(card, at(64, 30), at(84, 55), (255, 255, 255), -1)  # the portrait's ground
    assert white_spot(card) == 0
    cv2.rectangle(card, at(-4, -4), at(92, 4.5), (255, 255, 255), -1)  # a lid beside the card
    assert white_spot(card) == 0
    cv2.circle(card, at(40, 20), round(5 * PIXELS_PER_MM), (255, 255, 255), -1)
    assert white_spot(card) == pytest.approx(np.pi * 25, rel=0.03)


def test_blur_takes_sharpness_and_darkness_does_not(card: Pixels) -> None:
    sharp = sharpness_of(card)
    blurred = sharpness_of(np.asarray(cv2.GaussianBlur(card, (0, 0), 4), np.uint8))
    dark = sharpness_of((card * 0.3).astype(np.uint8))
    assert blurred < 0.5 * sharp
    assert dark == pytest.approx(sharp, rel=0.15)


def test_a_regular_grid_stands_out_of_noise() -> None:
    noise = np.random.default_rng(3).normal(128, 6, (600, 880, 3))
    y, x = np.mgrid[0:600, 0:880]
    grid = 10 * np.sin(2 * np.pi * (0.21 * x + 0.13 * y))[..., np.newaxis]
    calm, striped = (np.clip(one, 0, 255).astype(np.uint8) for one in (noise, noise + grid))
    assert grid_of(calm, MIDDLE) < 8
    assert grid_of(striped, MIDDLE) > 25
    spot = noise.copy()
    spot[200:330, 300:430] += grid[200:330, 300:430]  # print has a pattern here and there
    assert grid_of(np.clip(spot, 0, 255).astype(np.uint8), MIDDLE) < 10


def test_a_grid_that_perspective_bends_is_one() -> None:
    y, x = np.mgrid[0:600, 0:880]
    bent = 5 * np.sin(2 * np.pi * (0.21 * x + 0.13 * y + 0.00001 * x * y))[..., np.newaxis]
    noise = np.random.default_rng(5).normal(128, 12, (600, 880, 3))
    assert grid_of(np.clip(noise + bent, 0, 255).astype(np.uint8), MIDDLE) > 15


def test_jpeg_blocks_are_no_grid() -> None:
    ramp = np.linspace(60, 200, 880, dtype=np.float32)[np.newaxis, :, np.newaxis]
    photo = np.clip(ramp + np.random.default_rng(4).normal(0, 8, (600, 880, 3)), 0, 255)
    _, data = cv2.imencode(".jpg", photo.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 30])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    assert grid_of(np.asarray(decoded, np.uint8), MIDDLE) < 10


def test_how_far_a_card_reaches_beyond_the_picture() -> None:
    assert outside_of((700, 900, 3), MIDDLE) == 0
    assert outside_of((600, 850, 3), MIDDLE) == pytest.approx(3, abs=0.01)
    shifted = Registration(np.array([[0.1, 0, -5.0], [0, 0.1, 0], [0, 0, 1.0]]), frozenset())
    assert outside_of((700, 2000, 3), shifted) == 0
