"""The card's place from what the locator's cells say; the network itself is played."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.crops import Corners, Pyramid
from openapi_shim.ocr.locate import SIDE, locate
from openapi_shim.ocr.register import transform
from openapi_shim.ocr.sessions import Floats, Model

CARD = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
CORNERS = np.array([[300, 200], [950, 260], [930, 700], [280, 660]], np.float32)


class Played:
    """Answers as a perfect network would, but for a share of cells that tell nonsense.

    It follows the window by what is painted into the photo: x and y of every pixel.
    """

    def __init__(self, corners: Corners, nonsense: float = 0.0) -> None:
        self.to_card = cv2.getPerspectiveTransform(corners.astype(np.float32), CARD)
        self.nonsense = nonsense
        self.calls = 0

    def __call__(self, tensor: Floats) -> Floats:
        self.calls += 1
        rng = np.random.default_rng(self.calls)
        pixels = (tensor[0].transpose(1, 2, 0) + 1) * 127.5
        cells = pixels.reshape(SIDE // 8, 8, SIDE // 8, 8, 3).mean(axis=(1, 3))
        x, y = cells[..., 0] * 1200 / 255, cells[..., 1] * 900 / 255
        places = transform(
            np.asarray(self.to_card, np.float64), np.stack([x.ravel(), y.ravel()], axis=1)
        )
        on_card = ((places > 0) & (places < (WIDTH, HEIGHT))).all(axis=1) & (
            cells[..., 2] > 250
        ).ravel()
        wrong = rng.random(len(places)) < self.nonsense
        places[wrong] = rng.uniform(0, 1, (int(wrong.sum()), 2)) * (WIDTH, HEIGHT)
        unit = places / (WIDTH, HEIGHT) * 2 - 1
        answer = np.stack([np.where(on_card, 4.0, -4.0), unit[:, 0], unit[:, 1]])
        return answer.reshape(1, 3, SIDE // 8, SIDE // 8).astype(np.float32)


def photo(height: int = 900) -> Pyramid:
    """Pixels that tell their own place: blue is x, green is y, red is full."""
    y, x = np.mgrid[0:height, 0:1200]
    pixels = np.stack([x * 255 / 1200, y * 255 / 900, np.full(x.shape, 255.0)], 2)
    return Pyramid(pixels.astype(np.uint8))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("nonsense", [0.0, 0.2])
def test_the_card_is_found_whichever_way_it_lies(turns: int, nonsense: float) -> None:
    corners = np.roll(CORNERS, turns, axis=0)
    found = locate(Played(corners, nonsense), photo())
    assert found is not None
    assert np.abs(transform(found, corners) - CARD).max() < 3


def test_a_card_that_the_edge_cuts() -> None:
    corners = CORNERS - np.array([400, 0], np.float32)
    found = locate(Played(corners), photo())
    assert found is not None
    assert np.abs(transform(found, corners) - CARD).max() < 5


def test_the_later_looks_are_at_the_card_alone() -> None:
    model = Played((CORNERS / 3).astype(np.float32))
    assert locate(model, photo()) is not None
    assert model.calls == 3


def test_a_card_that_is_small_in_the_photo_is_found_in_its_parts() -> None:
    corners = CORNERS[0] + (CORNERS - CORNERS[0]) * np.float32(0.18)
    model = Played(corners)
    found = locate(model, photo())
    assert found is not None
    assert np.abs(transform(found, corners) - CARD).max() < 5
    assert model.calls > 4


def test_a_small_card_in_the_last_strip_of_a_wide_photo() -> None:
    corners = (CORNERS - CORNERS[0]) * np.float32(0.18) + np.array([1050, 585], np.float32)
    found = locate(Played(corners), photo(675))
    assert found is not None
    assert np.abs(transform(found, corners) - CARD).max() < 5


def far_away(tensor: Floats) -> Floats:
    """Cells that agree on a card a hundred times as large as the photo."""
    rows, columns = np.mgrid[0 : SIDE // 8, 0 : SIDE // 8]
    unit = [(cells - 16) / 1600 for cells in (columns, rows)]
    return np.stack([np.full(rows.shape, 4.0), *unit])[np.newaxis].astype(np.float32)


def test_a_card_far_larger_than_the_photo_is_none() -> None:
    assert locate(far_away, photo()) is None


def silent(tensor: Floats) -> Floats:
    return np.full((1, 3, SIDE // 8, SIDE // 8), -4.0, np.float32)


def scattered(tensor: Floats) -> Floats:
    answer = np.random.default_rng(3).uniform(-1, 1, (1, 3, SIDE // 8, SIDE // 8))
    answer[0, 0] = 4.0
    return answer.astype(np.float32)


@pytest.mark.parametrize("model", [silent, scattered, Played(CORNERS[[1, 0, 3, 2]])])
def test_nothing_scattered_cells_and_a_mirrored_card_are_no_card(model: Model) -> None:
    assert locate(model, photo()) is None


@pytest.mark.parametrize("shape", [(48, 48), (48, 2000), (2000, 48)])
def test_any_shape_of_photo(shape: tuple[int, int]) -> None:
    assert locate(silent, Pyramid(np.zeros((*shape, 3), np.uint8))) is None
