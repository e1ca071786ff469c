"""Case conversion, against what the unmodified SDK did."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.naming import camel_to_snake, convert_keys, snake_to_camel


@pytest.mark.parametrize(
    ("camel", "snake"),
    [
        ("imgUrl", "img_url"),
        ("imgURL", "img_u_r_l"),
        ("OpenID", "open_i_d"),
        ("a1B", "a1_b"),
        ("_Abc", "__abc"),
        ("snake_case", "snake_case"),
        ("ÄB", "Ä_b"),
        ("", ""),
    ],
)
def test_camel_to_snake(camel: str, snake: str) -> None:
    assert camel_to_snake(camel) == snake


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ("id_num", "idNum"),
        ("msg_id", "msgId"),
        ("_x", "X"),
        ("a__b", "a_B"),
        ("k_1", "k_1"),
        ("a_B", "a_B"),
    ],
)
def test_snake_to_camel(snake: str, camel: str) -> None:
    assert snake_to_camel(snake) == camel


@pytest.mark.parametrize("given_keys", [{"aB": 1, "a_b": 2}, {"a_b": 2, "aB": 1}])
def test_of_two_keys_that_become_one_the_camel_case_one_wins(given_keys: dict[str, int]) -> None:
    assert convert_keys(given_keys, camel_to_snake) == {"a_b": 1}


def test_converted_keys_go_to_the_end() -> None:
    assert list(convert_keys({"aB": 1, "c": 2}, camel_to_snake)) == ["c", "a_b"]


def test_keys_are_converted_at_any_depth_and_values_never() -> None:
    value: dict[str, Any] = {"aB": [{"cD": "eF"}, [{"gH": b"iJ"}], None], "k": {"lM": 1.5}}
    assert convert_keys(value, camel_to_snake) == {
        "a_b": [{"c_d": "eF"}, [{"g_h": b"iJ"}], None],
        "k": {"l_m": 1.5},
    }


@given(st.from_regex(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*){0,4}", fullmatch=True))
def test_a_plain_snake_case_name_survives_both_ways(name: str) -> None:
    assert camel_to_snake(snake_to_camel(name)) == name
