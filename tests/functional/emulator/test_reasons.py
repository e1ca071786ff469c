"""What users really get wrong, and the reason each gets, in one table."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import aiohttp
import pytest
from yarl import URL

from openapi_shim.errors import ImageError, LicenseNotFoundError

from .conftest import OCR, Emulate

LIMIT = 2 * 1024 * 1024
PHOTO = "https://example.com/a b.jpg"


def form(content: bytes, *, filename: str | None = "a.jpg", name: str = "img") -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field(name, io.BytesIO(content), filename=filename, content_type="image/jpeg")
    return made


@dataclass(frozen=True)
class Mistake:
    """A request, what is answered, and words of the reason."""

    errcode: int
    reasons: tuple[str, ...]
    method: str = "POST"
    path: str = OCR
    query: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    error: Exception = field(default_factory=lambda: ImageError("This is no image."))


BUFFER = {"type": "Buffer", "data": [255, 216, 255]}
MISTAKES = {
    "img_url encoded twice": Mistake(
        101000,
        ("URL-encoded twice", "encode it once"),
        query="img_url=" + quote(quote("https://example.com/a.jpg", safe=""), safe=""),
    ),
    "a space in img_url": Mistake(
        101000, ("a space", "percent-encode"), query="img_url=" + quote(PHOTO)
    ),
    "a path of the phone": Mistake(
        101000, ("a wxfile: address", "upload"), query="img_url=" + quote("wxfile://tmp_a.jpg")
    ),
    "a path of the phone that looks like a URL": Mistake(
        101000, ("a path on the phone", "upload"), query="img_url=" + quote("http://tmp/a.jpg")
    ),
    "a fileID": Mistake(
        101000, ("a cloud: address",), query="img_url=" + quote("cloud://e.6c6f-e/a.jpg")
    ),
    "img_url in a JSON body": Mistake(
        41005, ("img_url came in the JSON body", "into the query"), body={"json": {"img_url": "x"}}
    ),
    "img_url in a form": Mistake(
        41005, ("img_url came in the form body",), body={"data": {"img_url": "x"}}
    ),
    "img_url in a multipart body": Mistake(
        41005,
        ("img_url came in the multipart body",),
        body={"data": form(b"https://a", filename=None, name="img_url")},
    ),
    "a Buffer as JSON, as a file": Mistake(
        101002,
        ("a Buffer that became JSON", "send base64"),
        body={"data": form(json.dumps(BUFFER).encode())},
    ),
    "a Buffer as JSON, as a field": Mistake(
        101002,
        ("a Buffer that became JSON",),
        body={"data": form(b'{"type":"Buffer","data":[255]}', filename=None)},
    ),
    "a Buffer as JSON, as the body": Mistake(
        41005, ("the JSON body is a Buffer that became JSON",), body={"json": BUFFER}
    ),
    "base64": Mistake(
        101002, ("base64 text: decode it",), body={"data": form(b"/9j/4AAQSkZJRgABAQ")}
    ),
    "an address as the image": Mistake(
        101002, ("img is an address (cloud://", "as img_url"), body={"data": form(b"cloud://e/a")}
    ),
    "the vehicle licence's path": Mistake(
        40066,
        ("ocr.vehicleLicense", "行驶证", "call /cv/ocr/drivinglicense"),
        path="/cv/ocr/driving",
    ),
    "a wrong method": Mistake(43002, ("the method is PUT", "call with POST"), method="PUT"),
    "an upload over 2 MB": Mistake(
        101002,
        (f"{LIMIT + 7} bytes, 7 more than", "save it smaller"),
        body={"data": form(bytes(LIMIT + 7))},
    ),
    "an empty file": Mistake(41005, ("img is empty, 0 bytes",), body={"data": form(b"")}),
    "another document": Mistake(
        101001,
        ("a vehicle licence (行驶证)",),
        body={"data": form(b"\xff\xd8\xff")},
        error=LicenseNotFoundError("The picture shows a vehicle licence (行驶证)."),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
async def test_each_mistake_gets_its_reason(emulate: Emulate, mistake: Mistake) -> None:
    emulator = await emulate()
    emulator.recognizer.error = mistake.error
    query = f"access_token={emulator.token}&{mistake.query}"
    url = URL(f"{emulator.url}{mistake.path}?{query}", encoded=True)
    async with emulator.session.request(mistake.method, url, **mistake.body) as response:
        answer = await response.json(content_type=None)
        reason = unquote(response.headers["X-Openapi-Shim-Reason"])
    assert answer["errcode"] == mistake.errcode
    for words in mistake.reasons:
        assert words in reason


async def test_a_token_of_another_appid(emulate: Emulate) -> None:
    first = await emulate(remember=True)
    second = await emulate(emulator_appid="wx2", emulator_secret="s3cret")
    second.token = first.token
    answer = await second.recognize()
    assert answer.errcode == 40001
    assert "belongs to another appid, wx1" in answer.reason


async def test_a_token_encoded_twice(emulate: Emulate) -> None:
    emulator = await emulate()
    emulator.token = emulator.token.replace("_", "%5F")  # and the client encodes it again
    answer = await emulator.recognize()
    assert answer.errcode == 40014
    assert "URL-encoded twice" in answer.reason
