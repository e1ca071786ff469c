"""Values' places by the labels that were read."""

from __future__ import annotations

import numpy as np
import pytest

from openapi_shim.ocr.beside import Span, labels_on_card, place_beside
from openapi_shim.ocr.register import Registration
from tests.unit.ocr.made import candidate, read_text, rectangle
from tests.unit.ocr.test_zones import at

ON_CARD = Registration(np.eye(3), frozenset())
LABELS = {"name": Span(5, 11, 20), "sex": Span(42, 48, 20), "birth": Span(29, 40, 38.5)}


def test_labels_are_those_that_stand_in_their_places() -> None:
    texts = [
        (rectangle(5, 18.5, 11, 21.5), read_text("姓名")),
        (rectangle(11.5, 19, 16, 21), read_text("Name")),
        (rectangle(41, 38, 47, 41), read_text("性别")),  # on no row of the form
        (rectangle(29, 37, 39, 40), read_text("出生日期")),
        (rectangle(29, 41, 39, 43), read_text("DateofBirth")),  # below, not behind
        (rectangle(5, 26, 80, 29), read_text("北京市朝阳区")),
    ]
    found = labels_on_card(texts, ON_CARD)
    assert set(found) == {"name", "birth"}
    assert (found["name"].left, found["name"].right) == pytest.approx((5, 16))
    assert found["birth"].right == pytest.approx(39)


def test_a_value_stands_between_its_label_and_the_next() -> None:
    place = place_beside("name", "name", LABELS, {})
    assert place is not None
    left, right, middle = place
    assert 11 < left < 12
    assert 40 < right <= 42
    assert middle == 20


def test_values_below_their_labels_put_the_others_below_theirs() -> None:
    found = {"birth_date": ("birth", at("1990-01-02", 48, 39.5))}
    place = place_beside("name", "name", LABELS, found)
    assert place is not None
    assert place[2] == pytest.approx(21)
    elsewhere = {"birth_date": ("birth", at("1990-01-02", 48, 50.0))}
    again = place_beside("name", "name", LABELS, elsewhere)
    assert again is not None
    assert again[2] == 20


def test_without_its_label_a_value_has_no_place() -> None:
    found = {"name": ("name", candidate("张三"))}
    assert place_beside("car_class", "class", LABELS, found) is None
    start = {"start": Span(5, 20, 56)}
    assert place_beside("valid_from", "valid", start, {}) is not None
