"""Invented people and licences: numbers, dates, regions, the form of the truth."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from openapi_shim.ocr.reading import FIELD_NAMES as READ_NAMES
from openapi_shim.specimens.licenses import FIELD_NAMES, FOREVER, LAYOUTS, License, invent_license
from openapi_shim.specimens.people import check_digit, id_number
from openapi_shim.specimens.regions import REGIONS

MANY = range(600)


@pytest.fixture(scope="module")
def licenses() -> list[License]:
    return [invent_license(seed, LAYOUTS[seed % 2]) for seed in MANY]


@pytest.fixture(scope="module")
def citizens(licenses: list[License]) -> list[License]:
    return [item for item in licenses if item.truth["nationality"] == "中国"]


def place_of(text: str) -> str:
    """The first city (or municipality) of the table that a text names."""
    names = {region.city or region.province for region in REGIONS}
    found = [(text.index(name), name) for name in names if name in text]
    return min(found)[1]


@pytest.mark.parametrize(
    ("first17", "last"), [("11010519491231002", "X"), ("44052418800101001", "4")]
)
def test_check_digit_is_that_of_the_standards_examples(first17: str, last: str) -> None:
    assert check_digit(first17) == last


def test_id_number_holds_region_birth_date_and_sex() -> None:
    rng = np.random.default_rng(1)
    for sex, odd in (("男", 1), ("女", 0)):
        number = id_number(rng, "441900", dt.date(1990, 12, 21), sex)
        assert number[:14] == "44190019901221"
        assert int(number[16]) % 2 == odd
        assert number[17] == check_digit(number[:17])


def test_fields_are_the_recognizers_in_its_order() -> None:
    assert FIELD_NAMES == READ_NAMES
    assert tuple(invent_license(0, "current").truth) == READ_NAMES


def test_numbers_agree_with_birth_date_and_sex(citizens: list[License]) -> None:
    for item in citizens:
        number, truth = item.truth["id_num"], item.truth
        assert len(number) == 18
        assert number[17] == check_digit(number[:17])
        assert number[6:14] == truth["birth_date"].replace("-", "")
        assert truth["sex"] == ("男" if int(number[16]) % 2 else "女")


def test_region_of_number_home_and_office_are_independent(citizens: list[License]) -> None:
    cities = {region.code: region.city or region.province for region in REGIONS}
    rows = [
        (
            cities[item.truth["id_num"][:6]],
            place_of(item.truth["address"]),
            place_of(item.truth["official_seal"]),
        )
        for item in citizens
    ]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        same = sum(row[first] == row[second] for row in rows)
        assert same < 0.15 * len(rows)  # by chance alone about one in thirty


def test_dates_have_wechats_form_and_order(licenses: list[License]) -> None:
    for item in licenses:
        truth = item.truth
        born, issued, begins = (
            dt.date.fromisoformat(truth[name])
            for name in ("birth_date", "issue_date", "valid_from")
        )
        assert born.replace(year=born.year + 17) < issued <= begins
        if truth["valid_to"] == FOREVER:
            assert item.years == FOREVER
            continue
        ends = dt.date.fromisoformat(truth["valid_to"])
        years = ends.year - begins.year
        assert years in {6, 10}
        assert ends == begins.replace(year=ends.year)
        assert item.years == f"{years}年"


def test_many_kinds_of_people_occur(licenses: list[License], citizens: list[License]) -> None:
    names = [item.truth["name"] for item in citizens]
    assert any("·" in name for name in names)
    assert any(set(name) & set("龑赟翀旻禛鋆竑䶮") for name in names)
    assert {2, 3, 4} <= {len(name) for name in names}
    assert 0.01 < 1 - len(citizens) / len(licenses) < 0.12
    foreigners = [item.truth for item in licenses if item not in citizens]
    for truth in foreigners:
        assert truth["id_num"].isascii()
        assert len(truth["id_num"]) != 18
        assert truth["nationality"]
    assert {item.truth["valid_to"] == FOREVER for item in licenses} == {True, False}


def test_layout_changes_dates_alone() -> None:
    for seed in range(40):
        current, older = (invent_license(seed, layout).truth for layout in LAYOUTS)
        for name in ("id_num", "name", "address", "official_seal"):
            assert current[name] == older[name]
