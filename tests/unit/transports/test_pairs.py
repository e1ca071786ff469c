"""Parameters as pairs; what the Node SDK made of the same values is in the table."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timezone
from typing import Any

import pytest

from openapi_shim.transports.base import OpenApiCall, ParameterError
from openapi_shim.transports.pairs import Pair, pairs_of


def pairs(params: dict[Any, Any], operation: str = "a.b", *, convert: bool = True) -> list[Pair]:
    return pairs_of(OpenApiCall(operation, params, convert))


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("photo", '"photo"'),
        (None, "null"),
        (True, "true"),
        (2**70, "1180591620717411303424"),
        (1.0, "1"),
        (float("nan"), "null"),
        (datetime(2020, 1, 1, tzinfo=timezone.utc), '"2020-01-01T00:00:00.000Z"'),
        (b"\x01", '{"type":"Buffer","data":[1]}'),
        ([{"aB": [1, {"cD": "eF"}]}], '[{"a_b":[1,{"c_d":"eF"}]}]'),
        ("\u2028\x7f\ud800", '"\\u2028\\u007f\ufffd"'),
        (
            {"img": {"contentType": "image/png", "value": b"a"}},
            '{"img":{"value":{"type":"Buffer","data":[97]},"content_type":"image/png"}}',
        ),
    ],
)
def test_a_value_is_json(value: Any, sent: str) -> None:
    (pair,) = pairs({"k": value})
    assert pair == Pair("k", sent.encode())


def test_keys_are_converted_or_not() -> None:
    params = {"imgURL": 1, "Img": 2, "2": 3, "1": 4, "a_b": 5, "x": 6, "aB": 7}
    assert [pair.key for pair in pairs(params)] == ["1", "2", "a_b", "x", "img_u_r_l", "img"]
    assert pairs(params)[2].value == b"7"
    assert [pair.key for pair in pairs(params, convert=False)] == [
        "1", "2", "imgURL", "Img", "a_b", "x", "aB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content_type", "extension"),
    [
        ("image/jpeg", "jpeg"),
        ("image/tiff", "tif"),
        ("audio/mpeg", "mpga"),
        ("application/octet-stream", "bin"),
    ],
)
def test_a_file_is_its_bytes_and_a_name(content_type: str, extension: str) -> None:
    for value in (b"\x00", bytearray(b"\x00"), memoryview(b"\x00"), io.BytesIO(b"\x00")):
        (pair,) = pairs({"imgFile": {"contentType": content_type, "value": value}})
        assert pair == Pair("img_file", b"\x00", f"img_file.{extension}")
    assert pairs({"f": {"content_type": content_type, "value": b""}})[0].value == b""


@pytest.mark.parametrize("content_type", ["image/jpg", "IMAGE/PNG", "image/png; charset=x", 5])
def test_an_unknown_type_is_told_and_sent_as_png(
    content_type: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        (pair,) = pairs({"img": {"contentType": content_type, "value": b"a"}})
    assert pair.filename == "img.png"
    assert "[openapi.a.b] the input param img.contentType is not a valid mime type" in caplog.text


def test_a_file_name_is_heard_only_without_conversion() -> None:
    params = {"img": {"contentType": "image/png", "value": b"a", "fileName": "中.jpg"}}
    assert pairs(params)[0].filename == "img.png"
    assert pairs(params, convert=False)[0].filename == "中.jpg"


@pytest.mark.parametrize(
    "value",
    [{"value": b"a"}, {"contentType": "", "value": b"a"}, {"contentType": "image/png"}, b"a"],
)
def test_what_is_no_file_is_sent_as_json(value: Any) -> None:
    (pair,) = pairs({"img": value}, "ocr.driverLicense")
    assert pair.filename is None
    assert pair.value.startswith(b"{")


def test_a_known_file_parameter_takes_what_bytes_become_in_an_event() -> None:
    for value in ({"type": "Buffer", "data": [1, 2]}, "AQI="):
        img = {"img": {"contentType": "image/png", "value": value}}
        assert pairs(img, "ocr.driverLicense") == [Pair("img", b"\x01\x02", "img.png")]
        assert pairs(img)[0].filename is None
    (pair,) = pairs({"img": {"contentType": "image/png", "value": "*"}}, "ocr.driverLicense")
    assert pair.value == b'{"value":"*","content_type":"image/png"}'


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(ParameterError, match="no JSON form: set"):
        pairs({"k": {1, 2}})
    with pytest.raises(ParameterError, match='open it with "rb"'):
        pairs({"k": {"contentType": "image/png", "value": io.StringIO("a")}})
