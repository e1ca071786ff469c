"""Values' places by the labels that were read."""

from __future__ import annotations

import numpy as np
import pytest

from openapi_shim.ocr.beside import Span, labels_on_card, place_beside
from openapi_shim.ocr.register import Registration
from tests.unit.ocr.made import at, candidate, read_text, rectangle

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


def test_of_labels_that_are_read_twice_the_nearer_one_counts() -> None:
    texts = [
        (rectangle(5, 16, 11, 19), read_text("姓名")),  # the number's row
        (rectangle(5, 19, 11, 22), read_text("姓名")),
        (rectangle(30, 19.5, 60, 21.5), read_text("Name")),  # far behind
    ]
    found = labels_on_card(texts, ON_CARD)
    assert found["name"].y == pytest.approx(20.5)
    assert found["name"].right == pytest.approx(11)


def test_a_label_beyond_the_horizon_is_none() -> None:
    line = (rectangle(5, 19, 11, 22), read_text("姓名"))
    for last in ([0, 0, 0], [-0.15, 0, 1], [np.nan, 0, 1]):
        place = Registration(np.array([[1, 0, 0], [0, 1, 0], last]), frozenset())
        with np.errstate(all="ignore"):
            assert labels_on_card([line], place) == {}


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
    assert place_beside("sex", "sex", {"sex": Span(75, 86, 20.5)}, {}) is None  # no room


def test_the_older_layouts_begin_stands_behind_its_own_label() -> None:
    start = {"start": Span(5, 20, 56)}
    place = place_beside("valid_from", "valid", start, {})
    assert place is not None
    both = place_beside("valid_from", "valid", start | {"valid": Span(42, 52, 56)}, {})
    assert both == place  # through the other label: 6年 is behind that
