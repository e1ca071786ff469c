"""Numbers, dates, classes, authorities: what a value must look like."""

from __future__ import annotations

import pytest

from openapi_shim.ocr import checks

VALID = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        (VALID, True),
        ("440524188001010014", True),
        (VALID[:-1] + "1", False),
        ("11010519491331002X", False),  # month 13
        (VALID[:-1], False),
        ("", False),
        ("A" * 18, False),
    ],
)
def test_the_numbers_checksum(number: str, valid: bool) -> None:
    assert checks.id_is_valid(number) is valid


def test_birth_and_sex_of_a_number() -> None:
    assert checks.id_birth(VALID) == "1949-12-31"
    assert checks.id_sex(VALID) == "女"
    assert checks.id_birth("123") == ""
    assert checks.id_sex("123") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("110105 19491231 002x", VALID),
        ("11O1O5I949l23l0O2X", VALID),
        ("No", ""),
        ("1101051949123100", ""),
    ],
)
def test_look_alikes_in_a_number(text: str, number: str) -> None:
    assert checks.clean_id(text) == number


def test_a_doubtful_digit_is_repaired_only_where_the_reader_doubted() -> None:
    misread = VALID.replace("105", "165", 1)
    assert checks.repair_id(misread, (4,)) == VALID
    assert checks.repair_id(misread, (0, 9)) == ""
    assert checks.repair_id(misread, ()) == ""


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2018-07-06 至 2028-07-06", ["2018-07-06", "2028-07-06"]),
        ("2O18-O7-06", ["2018-07-06"]),
        ("2018.07.06", ["2018-07-06"]),
        ("20180706", ["2018-07-06"]),
        ("2018年07月06日", ["2018-07-06"]),
        ("2018-02-30", []),
        ("1018-02-03", []),
        ("440524188001010014", []),
        ("", []),
    ],
)
def test_dates_in_a_text(text: str, dates: list[str]) -> None:
    assert checks.find_dates(text) == dates


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("C1", "C1"),
        ("A1A2D", "A1A2D"),
        ("c1 e", "C1E"),
        ("CI", "C1"),
        ("B2E", "B2E"),
        ("C7", ""),
        ("Class", ""),
        ("", ""),
        ("D0", ""),
    ],
)
def test_classes(text: str, classes: str) -> None:
    assert checks.find_classes(text) == classes


def test_periods() -> None:
    assert checks.find_years("6年") == 6
    assert checks.find_years("10年") == 10
    assert checks.find_years("2016年") == 0
    assert checks.is_long_term("2018-07-06至长期")
    assert not checks.is_long_term("2018-07-06")
    assert checks.add_years("2012-08-29", 6) == "2018-08-29"
    assert checks.add_years("2012-02-29", 10) == "2022-02-28"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("广东省东莞市公安局交通警察支队", True),
        ("上海市公安局交通警察总队", True),
        ("北京市公安局公安交通管理局", True),
        ("新疆维吾尔自治区公安厅交通警察总队", True),
        ("河南省南阳市公安局车辆管理所", True),
        ("东省深圳市公安局交通警察支队", False),
        ("广东省东莞市公安局交通", False),
        ("交通警察支队", False),
        ("", False),
    ],
)
def test_authorities(text: str, whole: bool) -> None:
    assert checks.looks_like_authority(text) is whole


def test_traditional_forms_become_simplified_and_rare_names_stay() -> None:
    assert checks.simplify("福建省廈門市黃") == "福建省厦门市黄"
    assert checks.simplify("龑赟翀旻禛鋆竑䶮") == "龑赟翀旻禛鋆竑䶮"
