"""Replies become results or errors, as by the SDK."""

from __future__ import annotations

import pytest

from openapi_shim.errors import CloudError
from openapi_shim.sdk.answers import answer_of
from openapi_shim.transports.base import Reply

JSON = "application/json; encoding=utf-8"


def answer(body: bytes, kind: str = JSON, *, convert_case: bool = True) -> dict[str, object]:
    return answer_of("ocr.driverLicense", Reply(kind, body), convert_case=convert_case)


def test_a_result() -> None:
    result = answer(b'{"errcode":0,"errmsg":"ok","id_num":"1","name":"n"}')
    assert list(result.items()) == [
        ("name", "n"),
        ("idNum", "1"),
        ("errMsg", "openapi.ocr.driverLicense:ok"),
        ("errCode", 0),
    ]


def test_snake_case_kept() -> None:
    result = answer(b'{"errcode":0,"id_num":"1"}', convert_case=False)
    assert result == {"id_num": "1", "errMsg": "openapi.ocr.driverLicense:ok", "errCode": 0}


def test_fields_of_the_answer_do_not_overrule_the_sdks() -> None:
    result = answer(b'{"errMsg":"mine","err_code":7,"a":1}')
    assert result == {"a": 1, "errMsg": "openapi.ocr.driverLicense:ok", "errCode": 0}


def test_an_errcode() -> None:
    with pytest.raises(CloudError) as caught:
        answer(b'{"errcode":101001,"errmsg":"certificate not found hint: [x] rid: y"}')
    assert caught.value.errCode == 101001
    assert caught.value.errMsg == (
        "openapi.ocr.driverLicense:fail certificate not found hint: [x] rid: y"
    )


def test_json_that_is_none() -> None:
    with pytest.raises(CloudError, match="response body is invalid json: <html>") as caught:
        answer(b"<html>")
    assert caught.value.errCode == -601001


def test_plain_text() -> None:
    assert answer("中".encode(), "text/plain")["result"] == "中"
    assert answer(b'{"a_b":1}', "text/plain")["aB"] == 1


def test_something_else_is_a_buffer() -> None:
    result = answer(b"\x89PNG", "image/png ")
    assert (result["contentType"], result["buffer"]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize("body", [b"[1]", b"null", b'"x"'])
def test_json_that_is_no_object(body: bytes) -> None:
    assert answer(body)["errCode"] == 0
