"""What error codes mean: for every code that the catalog has, in both languages."""

from __future__ import annotations

import pytest

from openapi_shim.catalog import cloud_codes
from openapi_shim.catalog.explain import EXPLANATIONS, explain, rid_in, text_of
from openapi_shim.catalog.wechat_codes import WECHAT_CODES

CLOUD_CODES = set(cloud_codes._TEXTS) | set(cloud_codes._GATEWAY_CODES.values()) - {0}


@pytest.mark.parametrize("code", sorted(WECHAT_CODES.keys() | CLOUD_CODES))
def test_every_code_is_explained(code: int) -> None:
    entry = EXPLANATIONS[code]
    assert entry.code == code
    for words in (entry.english, entry.chinese):
        assert words.why.endswith((".", "。"))
        assert words.step.endswith((".", "。"))
    assert entry.english.why.isascii() or "行驶证" in entry.english.why
    assert any(char >= "一" for char in entry.chinese.why)
    assert any(char >= "一" for char in entry.chinese.step)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("41005", [41005]),
        ("-604101", [-604101]),
        (" 101001 ", [101001]),
        ("errcode=40001", [40001]),
        ('{"errcode":42001,"errmsg":"access_token expired rid: 5f9bacd4-723830a2-0d2a598e"}',
         [42001]),
        ("media data missing hint: [NOuWNA08444741] rid: 5f9bacd4-723830a2-0d2a598e", [41005]),
        ("Decode image FAILED", [101002]),
        ("cloud.callFunction:fail Error: errCode: -504002 functions execute fail | errMsg: "
         "errCode: 101001 openapi.ocr.driverLicense:fail certificate not found",
         [101001, -504002]),
        ("Invoking task timed out after 3 seconds -504003", [-504003]),
        ("12345", []),
        ("all is well", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_developer_has_in_hand(text: str, codes: list[int]) -> None:
    assert [entry.code for entry in explain(text)] == codes


def test_a_request_id_is_found_in_a_message() -> None:
    assert rid_in("certificate not found rid: 5F9BACD4-723830a2-0d2a598e.") == (
        "5f9bacd4-723830a2-0d2a598e"
    )
    assert rid_in("5f9bacd4-723830a2") == ""


def test_texts_are_the_other_side_s() -> None:
    assert text_of(101001) == "certificate not found"
    assert text_of(-604100) == "API not found"
    assert text_of(7) == ""
