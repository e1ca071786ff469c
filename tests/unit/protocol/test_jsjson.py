"""JSON as JavaScript writes it. What Node 20 and the SDK's own encoder wrote is in the tables."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.naming import camel_to_snake
from openapi_shim.protocol.jsjson import (
    CycleError,
    NotJSONError,
    number_text,
    object_items,
    stringify,
    utf8,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (-2.5, "-2.5"),
        (1e20, "100000000000000000000"),
        (123456789012345678901.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001234, "0.000001234"),
        (1e-7, "1e-7"),
        (1.25e-7, "1.25e-7"),
        (5e-324, "5e-324"),
        (float("nan"), "null"),
        (float("-inf"), "null"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == stringify(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back_as_they_were(value: float) -> None:
    assert float(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (2**70, "1180591620717411303424"),
        ("中\u007f\u2028\ud83d\ude00", '"中\u007f\u2028😀"'),
        ("\n\x01\"\\/", r'"\n\u0001\"\\/"'),
        ("\ud800x", r'"\ud800x"'),
        ((1, [2.0]), "[1,[2]]"),
        (b"\x00\xff", '{"type":"Buffer","data":[0,255]}'),
        ([bytearray(b"a"), memoryview(b"b")], '[{"type":"Buffer","data":[97]},'
         '{"type":"Buffer","data":[98]}]'),
        ({"b": 1, "2": 2, "a": 3, "1": 4, "01": 5}, '{"1":4,"2":2,"b":1,"a":3,"01":5}'),
        ({1: "x", None: "y", False: 0, 0.5: 1}, '{"1":"x","null":"y","false":0,"0.5":1}'),
        (datetime(2020, 1, 1, tzinfo=timezone.utc), '"2020-01-01T00:00:00.000Z"'),
        (
            datetime(2020, 1, 1, 1, 2, 3, 4567, timezone(timedelta(hours=8))),
            '"2019-12-31T17:02:03.004Z"',
        ),
    ],
)  # fmt: skip
def test_values(value: Any, text: str) -> None:
    assert stringify(value) == text


def test_a_naive_date_is_local_time() -> None:
    instant = datetime(2020, 6, 1, tzinfo=timezone.utc)
    assert stringify(instant.astimezone().replace(tzinfo=None)) == stringify(instant)


def test_the_dialect_of_open_api_parameters() -> None:
    text = stringify("a中\x7f\u00ad\u200c\ufeff\ufffd😀\ud800", wide_escapes=True)
    assert text == r'"a中\u007f\u00ad\u200c\ufeff\ufffd😀' + '\ud800"'
    assert utf8(text).endswith('😀\ufffd"'.encode())
    assert utf8("\ud83d\ude00") == "😀".encode()


def test_keys_are_renamed_at_every_depth_and_camel_case_wins() -> None:
    value = {"a_b": 2, "c": [{"dE": {"fG": 1}}], "aB": 1, "hI": b"x"}
    assert stringify(value, rename=camel_to_snake) == (
        '{"a_b":1,"c":[{"d_e":{"f_g":1}}],"h_i":{"type":"Buffer","data":[120]}}'
    )
    assert list(object_items({"aB": 1, "x": 0, "a_b": 2}, camel_to_snake).items()) == [
        ("x", 0),
        ("a_b", 1),
    ]


def test_what_has_no_json_form_is_named() -> None:
    cycle: list[Any] = []
    cycle.append({"again": cycle})
    with pytest.raises(CycleError, match=r"\[0\].again contains itself"):
        stringify(cycle)
    with pytest.raises(NotJSONError, match=r"\.a\[1\] has no JSON form: set"):
        stringify({"a": [1, set()]})
    with pytest.raises(NotJSONError, match="a string, not tuple"):
        stringify({(1, 2): 3})
    with pytest.raises(NotJSONError, match="edge of time"):
        stringify(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))))
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(NotJSONError, match="nested too deep"):
        stringify(deep)
    same: list[Any] = []
    assert stringify([same, same]) == "[[],[]]"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ),
    st.booleans(),
)
def test_python_reads_it_back(value: Any, wide: bool) -> None:
    assert json.loads(stringify(value, wide_escapes=wide)) == value
