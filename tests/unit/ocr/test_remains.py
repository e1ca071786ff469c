"""What is left of a misread label does not run into a name or an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openapi_shim.ocr.placed import Placed
from openapi_shim.ocr.remains import behind_label, is_of_value, number_alone
from tests.unit.ocr.made import placed


def texts(name: str, *items: Placed) -> list[str]:
    return [item.text for item in behind_label(name, items, labelled=False)]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("address", "住址天津市河西区", "天津市河西区"),
        ("address", "佳址天津市河西区", "天津市河西区"),
        ("address", "址天津市河西区", "天津市河西区"),
        ("address", "Adds天津市河西区", "天津市河西区"),
        ("address", "天津市河西区", "天津市河西区"),
        ("name", "娃名黄平平", "黄平平"),
        ("name", "李名扬", "李名扬"),
        ("name", "姓邹豪蓓", "邹豪蓓"),
    ],
)
def test_a_labels_characters_are_cut_off(name: str, text: str, value: str) -> None:
    assert texts(name, placed("", text, 6, 27)) == [value]


def test_a_labels_two_characters_stand_closer_than_those_of_the_value() -> None:
    item = placed("", "姓各黄平平", 6, 20.5)
    close = replace(item.segment, places=(0.1, 0.22, 0.45, 0.65, 0.85))
    assert texts("name", replace(item, segment=close)) == ["黄平平"]


def test_a_value_far_from_the_label_is_left_whole() -> None:
    assert texts("address", placed("", "址坊镇中心路", 16, 27)) == ["址坊镇中心路"]


def test_a_part_in_the_labels_place_is_none_of_the_value() -> None:
    value = placed("", "陕西省汉中市", 18, 27)
    assert texts("address", placed("", "准址", 6, 27), value) == ["陕西省汉中市"]
    long = placed("", "陕西省汉中", 6, 27)
    assert texts("address", long, value) == [long.text, value.text]
    assert texts("name", placed("", "黄", 15, 20.5), placed("", "平", 24, 20.5)) == ["黄", "平"]


def test_behind_a_label_that_was_read_only_its_translation_is_left() -> None:
    value = placed("", "范南", 16, 21, height=5.6)
    for height, left in ((4.5, [value.text]), (5.5, ["国别", value.text])):
        items = placed("", "国别", 11, 21, height=height), value
        assert [one.text for one in behind_label("name", items, labelled=True)] == left
    whole = placed("", "姓邹豪蓓", 6, 21)
    assert behind_label("name", [whole], labelled=True) == [whole]


@pytest.mark.parametrize("labelled", [True, False])
def test_nothing_is_nothing(labelled: bool) -> None:
    assert behind_label("name", [], labelled=labelled) == []


def test_only_capitals_and_digits_belong_to_an_address() -> None:
    assert is_of_value("B2")
    assert is_of_value("174")
    assert not is_of_value("Addres")
    assert not is_of_value("-")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("N350503199001024471", "350503199001024471"),
        ("No.35050319900102447X", "35050319900102447X"),
        ("证号350503199001024471", "350503199001024471"),
        ("350503199001024471", "350503199001024471"),
        ("N35757357", "N35757357"),
        ("NB350503199001", "NB350503199001"),
    ],
)
def test_a_citizens_number_stands_alone(text: str, number: str) -> None:
    assert number_alone(placed("", text, 24, 14.5)).text == number


def noisy(text: str, noise: int, probability: float, leap: float) -> Placed:
    """A value behind so many characters of noise, and a gap of so many steps."""
    item = placed("", text, 9, 20.5)
    steps = [leap if place == noise else 1.0 for place in range(1, len(text))]
    places = [sum(steps[:place]) for place in range(len(text))]
    share = [(place + 0.5) / (places[-1] + 1) for place in places]
    sure = [probability if place < noise else 0.95 for place in range(len(text))]
    segment = replace(item.segment, places=tuple(share), probabilities=tuple(sure))
    return replace(item, segment=segment)


@pytest.mark.parametrize(
    ("probability", "leap", "value"),
    [(0.3, 1.6, "白娟蕤"), (0.9, 1.6, "别白娟蕤"), (0.3, 1.4, "别白娟蕤")],
)
def test_a_blurred_translation_before_a_value_is_unsure_and_apart(
    probability: float, leap: float, value: str
) -> None:
    assert texts("name", noisy("别白娟蕤", 1, probability, leap)) == [value]


def test_what_stands_before_a_province_is_none_of_the_address() -> None:
    assert texts("address", placed("", "期限河北省石家庄市", 16, 27)) == ["河北省石家庄市"]
