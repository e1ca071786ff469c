"""Arguments, in the words of wx-server-sdk 4.0.2 and 3.0.4 for the same mistakes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from openapi_shim.errors import CloudError
from openapi_shim.sdk.checks import UNDEFINED, arguments, js_type


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (UNDEFINED, "f:fail undefined . Params for f must be an object instead of undefined"),
        (None, "f:fail undefined . Params for f must be an object instead of object"),
        ("", "f:fail undefined . Params for f must be an object instead of string"),
        (0, "f:fail undefined . Params for f must be an object instead of number"),
        ("x", "parameter should be object instead of string; "),
        ([1], "parameter should be object instead of array; "),
        ({}, "parameter.name should be string instead of undefined;"),
        ({"name": None}, "parameter.name should be string instead of null;"),
        ({"name": 1}, "parameter.name should be string instead of number;"),
        ({"name": True}, "parameter.name should be string instead of boolean;"),
        ({"name": b""}, "parameter.name should be string instead of uint8array;"),
    ],
)
def test_wrong_ones(options: Any, text: str) -> None:
    with pytest.raises(CloudError) as caught:
        arguments("f", options, {}, name="string")
    assert (caught.value.errCode, caught.value.errMsg) == (-1, text)


def test_a_dict_or_keywords_or_both() -> None:
    assert arguments("f", {"name": "a"}, {}, name="string") == {"name": "a"}
    assert arguments("f", UNDEFINED, {"name": "a"}, name="string") == {"name": "a"}
    assert arguments("f", {"name": "a", "x": 1}, {"name": "b"}) == {"name": "b", "x": 1}


def test_every_wrong_one_is_told() -> None:
    with pytest.raises(CloudError) as caught:
        arguments("f", {}, {"b": 1}, a="string", b="array")
    assert caught.value.errMsg == (
        "parameter.a should be string instead of undefined;"
        "parameter.b should be array instead of number;"
    )


def test_names_of_types() -> None:
    values = [(), {}, 1.5, datetime.now(timezone.utc), len, object(), UNDEFINED]
    names = ["array", "object", "number", "date", "function", "object", "undefined"]
    assert [js_type(value) for value in values] == names
    assert repr(UNDEFINED) == "undefined"
