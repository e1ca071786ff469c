"""Warnings and checks."""

from __future__ import annotations

from datetime import date

import pytest

from openapi_shim.ocr.cautions import cautions, checks, is_expired
from openapi_shim.ocr.details import WARNINGS
from openapi_shim.ocr.quality import Quality

GOOD = Quality(colour=0.4, grid=11.0, white=0.0, sharpness=0.4, outside=0.0)
VALUES = {
    "id_num": "11010519491231002X",
    "name": "张三",
    "sex": "女",
    "nationality": "中国",
    "birth_date": "1949-12-31",
    "issue_date": "2001-05-06",
    "valid_from": "2013-05-06",
    "valid_to": "2023-05-06",
}


def named(quality: Quality | None = GOOD, **on: bool) -> list[str]:
    told = {"second_page": True, "several": False, "expired": False, **on}
    return [one.name for one in cautions(quality, **told)]


@pytest.mark.parametrize(
    ("quality", "name"),
    [
        (Quality(0.02, 11, 0, 0.4, 0), "copy"),
        (Quality(0.4, 25, 0, 0.4, 0), "screen"),
        (Quality(0.4, 11, 300, 0.4, 0), "glare"),
        (Quality(0.4, 11, 0, 0.1, 0), "blur"),
        (Quality(0.4, 11, 0, 0.4, 8), "border_incomplete"),
    ],
)
def test_each_measure_has_its_warning(quality: Quality, name: str) -> None:
    assert named(quality) == [name]


def test_a_good_picture_has_none_and_a_bad_one_all_in_order() -> None:
    assert named() == []
    everything = Quality(0.4, 25, 300, 0.1, 8)
    found = named(everything, second_page=False, several=True, expired=True)
    assert found == [name for name in WARNINGS if name != "copy"]
    assert named(Quality(0.02, 11, 300, 0.4, 0)) == ["copy"]  # white paper is no glare
    assert named(None, second_page=True) == []


def test_a_warning_says_what_was_measured() -> None:
    (one,) = cautions(Quality(0.4, 11, 300, 0.4, 0), second_page=True, several=False, expired=False)
    assert one.measure == 300
    assert one.message == WARNINGS["glare"]


@pytest.mark.parametrize(
    ("end", "expired"),
    [
        ("2025-06-14", True),
        ("2025-06-15", False),
        ("2030-01-01", False),
        ("长期", False),
        ("", False),
    ],
)
def test_a_term_is_over_the_day_after_its_last(end: str, expired: bool) -> None:
    assert is_expired({"valid_to": end}, date(2025, 6, 15)) == expired


def outcomes(**changed: str) -> dict[str, bool | None]:
    return {check.name: check.holds for check in checks({**VALUES, **changed})}


def test_all_checks_hold_for_a_right_licence() -> None:
    assert set(outcomes().values()) == {True}
    assert set(outcomes(valid_to="长期").values()) == {True}


@pytest.mark.parametrize(
    ("changed", "failing"),
    [
        ({"id_num": "110105194912310021"}, {"id_checksum": False}),
        ({"birth_date": "1949-12-30"}, {"birth_date_in_id": False}),
        ({"sex": "男"}, {"sex_in_id": False}),
        ({"issue_date": "2014-05-06"}, {"dates_in_order": False}),
        ({"valid_to": "2024-05-06"}, {"term": False}),
    ],
)
def test_each_check_fails_on_its_own_fault(
    changed: dict[str, str], failing: dict[str, bool]
) -> None:
    found = outcomes(**changed)
    assert {name: found[name] for name in failing} == failing
    assert [name for name, holds in found.items() if holds is False] == list(failing)


def test_what_cannot_be_said_is_neither_right_nor_wrong() -> None:
    foreigner = outcomes(id_num="A12345678", nationality="法国")
    assert [foreigner[name] for name in ("id_checksum", "birth_date_in_id", "sex_in_id")] == [
        None
    ] * 3
    assert outcomes(valid_from="")["term"] is None
    assert outcomes(birth_date="")["dates_in_order"] is None


def test_no_message_holds_a_value() -> None:
    told = " ".join(check.message for check in checks(VALUES))
    assert not any(value in told for value in VALUES.values())
