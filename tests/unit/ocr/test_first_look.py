"""When what was read of a located card is enough, and where cards lie."""

from __future__ import annotations

import numpy as np
import pytest

from openapi_shim.ocr.card import HEIGHT, LABEL_PLACES, VALUE_PLACES, WIDTH
from openapi_shim.ocr.first_look import _is_certain
from openapi_shim.ocr.passes import Pass
from openapi_shim.ocr.read_lines import Glyph, Text
from openapi_shim.ocr.register import Registration, apart

NAMES = [*LABEL_PLACES, *(f"{name} value" for name in VALUE_PLACES)]


def seen(anchors: list[str], *lines: str) -> Pass:
    quad = np.zeros((4, 2), np.float32)
    texts = [(quad, Text(tuple(Glyph(c, 0.99, 0.5) for c in line))) for line in lines]
    return Pass(20, Registration(np.eye(3), frozenset(anchors)), {}, texts, located=True)


@pytest.mark.parametrize(
    ("anchors", "lines", "certain"),
    [
        (["title", *NAMES[1:6]], [], True),  # the title and five others
        (["title", *NAMES[1:5]], [], False),
        (NAMES[1:9], [], False),  # eight, and no title
        (NAMES[1:10], [], True),
        (["title", *NAMES[1:6]], ["道路运输从业人员"], False),
        (["title", *NAMES[1:10]], ["道路运输从业人员"], True),  # the other paper lies beside it
    ],
)
def test_how_much_of_a_card_is_certain(anchors: list[str], lines: list[str], certain: bool) -> None:
    assert _is_certain(seen(anchors, *lines)) is certain


def test_nothing_in_its_place_is_not_certain() -> None:
    assert not _is_certain(Pass(0, None, {}))


def test_how_far_two_places_are_apart() -> None:
    moved = np.array([[1, 0, 3], [0, 1, 4], [0, 0, 1.0]])
    assert apart(np.eye(3), moved) == pytest.approx(5)
    larger = np.diag([1.1, 1.1, 1.0])
    assert apart(np.eye(3), larger) == pytest.approx(0.1 * np.hypot(WIDTH, HEIGHT))


def test_the_direction_of_a_turned_card() -> None:
    turned = np.array([[0, 1, 0], [-1, 0, HEIGHT], [0, 0, 1.0]])  # x runs down the picture
    assert Registration(turned, frozenset()).direction == pytest.approx(np.pi / 2)
