"""Every form a file parameter takes, and what a wrong one is told."""

from __future__ import annotations

import base64
import io
import logging
from typing import Any

import pytest

from openapi_shim.transports.base import ParameterError
from openapi_shim.transports.media import to_media

PHOTO = bytes(range(256))


@pytest.mark.parametrize(
    "value",
    [
        PHOTO,
        bytearray(PHOTO),
        memoryview(PHOTO),
        memoryview(PHOTO + PHOTO)[:256],
        {"type": "Buffer", "data": list(PHOTO)},
        base64.b64encode(PHOTO).decode(),
        base64.encodebytes(PHOTO).decode(),
        "data:image/jpeg;base64," + base64.b64encode(PHOTO).decode(),
    ],
    ids=["bytes", "bytearray", "memoryview", "slice", "buffer", "base64", "lines", "url"],
)
@pytest.mark.parametrize("key", ["contentType", "content_type"])
def test_every_form_of_the_bytes(value: Any, key: str) -> None:
    media = to_media("img", {key: "image/jpeg", "value": value})
    assert media.value == PHOTO
    assert (media.content_type, media.filename) == ("image/jpeg", "img.jpeg")


def test_a_file_from_disk_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"xy" + PHOTO)
    file.seek(2)
    assert to_media("img", {"contentType": "image/png", "value": file}).value == PHOTO


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, 'img is {"contentType"'),
        (PHOTO, "not bytes"),
        ("x", "not str"),
        ({"contentType": "image/jpeg"}, "not dict"),
        ({"value": PHOTO}, "contentType is missing"),
        ({"contentType": 1, "value": PHOTO}, "contentType is missing"),
        ({"contentType": "image/jpeg\r\nX: y", "value": PHOTO}, "no MIME type"),
        ({"contentType": "image/jpeg", "value": None}, "not nothing"),
        ({"contentType": "image/jpeg", "value": 7}, "not int"),
        ({"contentType": "image/jpeg", "value": "no base64!"}, "not base64"),
        ({"contentType": "image/jpeg", "value": "照片"}, "not base64"),
        ({"contentType": "image/jpeg", "value": io.StringIO("x")}, 'open it with "rb"'),
        ({"contentType": "image/jpeg", "value": {"type": "X", "data": []}}, "Buffer"),
        ({"contentType": "image/jpeg", "value": {"type": "Buffer", "data": 9**9}}, "Buffer"),
        ({"contentType": "image/jpeg", "value": {"type": "Buffer", "data": [256]}}, "0 to 255"),
        ({"contentType": "image/jpeg", "value": {"type": "Buffer", "data": ["a"]}}, "0 to 255"),
        ({"contentType": "image/jpeg", "value": bytes(10_000_001)}, "more than"),
        ({"contentType": "image/jpeg", "value": io.BytesIO(bytes(10_000_001))}, "more than"),
    ],
)
def test_what_a_wrong_one_is_told(value: Any, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        to_media("img", value)
    assert words in str(caught.value)


def test_an_unknown_type_is_named_png_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        media = to_media("img", {"contentType": "image/jpg", "value": PHOTO})
    assert media.filename == "img.png"
    assert "img.contentType is not a known mime type" in caplog.text


def test_a_name_of_ones_own() -> None:
    value = {"contentType": "image/png", "value": PHOTO, "fileName": "a.png"}
    assert to_media("img", value).filename == "a.png"


def test_the_bytes_are_not_shown() -> None:
    assert "\\x01" not in repr(to_media("img", {"contentType": "image/png", "value": PHOTO}))
