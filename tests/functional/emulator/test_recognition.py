"""Requests for recognition, right and wrong, over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any

import aiohttp
import pytest

from openapi_shim.catalog.operations import OPERATIONS
from openapi_shim.errors import ImageError, LicenseNotFoundError
from openapi_shim.ocr.reading import FIELD_NAMES
from tests.unit.wechat.fakes import FakeLicense, FakeRecognizer

from .conftest import JPEG, OCR, Emulate, Emulator, ImageHost, until

MB = 1024 * 1024
SISTERS = [one for one in OPERATIONS if one.path != OCR]


async def test_an_upload_is_answered_in_wechats_order(emulator: Emulator) -> None:
    answer = await emulator.upload(JPEG)
    assert list(answer.body) == ["errcode", "errmsg", *FIELD_NAMES]
    assert (answer.errcode, answer.body["errmsg"], answer.reason) == (0, "ok", "")
    assert emulator.recognizer.seen == [JPEG]
    assert "X-Openapi-Shim-Reason" not in answer.headers


async def test_a_url_is_answered_by_get_and_post(emulator: Emulator, images: ImageHost) -> None:
    for method in ("POST", "GET"):
        answer = await emulator.recognize(method, params={"img_url": f"{images.url}/photo?a=1"})
        assert answer.errcode == 0
    assert images.seen == ["/photo?a=1", "/photo?a=1"]
    assert "GET is accepted" in emulator.log()


async def test_strict_refuses_get(emulate: Emulate, images: ImageHost) -> None:
    emulator = await emulate(strict=True)
    answer = await emulator.recognize("GET", params={"img_url": f"{images.url}/photo"})
    assert answer.errcode == 43002
    assert "GET" in answer.reason


@pytest.mark.parametrize("name", ["cloudbase_access_token", "authorizer_access_token"])
async def test_other_names_of_the_token(emulator: Emulator, name: str) -> None:
    form = aiohttp.FormData()
    form.add_field("img", JPEG, filename="a.jpg")
    params = {name: emulator.token}
    answer = await emulator.recognize(authorized=False, params=params, data=form)
    assert answer.errcode == 0


def multipart(*parts: bytes, closed: bool = True) -> dict[str, Any]:
    body = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + (
        b"--B--\r\n" if closed else b""
    )
    return {"data": body, "headers": {"Content-Type": "multipart/form-data; boundary=B"}}


IMG = b'Content-Disposition: form-data; name="img"; filename="a.jpg"\r\n\r\n' + JPEG
FIELD = b'Content-Disposition: form-data; name="img"\r\n\r\n' + JPEG
EMPTY = b'Content-Disposition: form-data; name="img"; filename="a.jpg"\r\n\r\n'
OTHER = b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + JPEG


@pytest.mark.parametrize("options", [multipart(IMG), multipart(FIELD), multipart(OTHER, IMG, IMG)])
async def test_forms_of_an_upload(emulator: Emulator, options: Any) -> None:
    assert (await emulator.recognize(**options)).errcode == 0
    assert emulator.recognizer.seen == [JPEG]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "neither img_url in the query nor"),
        ({"params": {"img_url": ""}}, "img_url in the query is empty"),
        ({"json": {"img_url": "http://h/a.jpg"}}, "img_url came in the JSON body"),
        ({"data": {"img_url": "http://h/a.jpg"}}, "img_url came in the form body"),
        ({"data": b'{"img_url": "x"}'}, "img_url came in the JSON body"),
        ({"params": {"imgUrl": "http://h"}}, "imgUrl is the name in cloud calls"),
        ({"data": JPEG, "headers": {"Content-Type": "image/jpeg"}}, "the body is image/jpeg"),
        ({"data": JPEG}, "the body is application/octet-stream"),
        (multipart(EMPTY), "img is empty"),
        (multipart(OTHER), "has file, and no part named img"),
        (multipart(IMG, closed=False), "the closing boundary is missing"),
        (multipart(), "no parts at all"),
        (
            multipart(IMG) | {"headers": {"Content-Type": "multipart/form-data; boundary=C"}},
            "the boundary of the Content-Type does not occur",
        ),
        (
            multipart(IMG) | {"headers": {"Content-Type": "multipart/form-data"}},
            "without a boundary",
        ),
        (multipart(*[OTHER] * 40), "more than 32 parts"),
    ],
)
async def test_no_image(emulator: Emulator, options: Any, reason: str) -> None:
    answer = await emulator.recognize(**options)
    assert answer.errcode == 41005
    assert answer.body["errmsg"].startswith("media data missing hint:")
    assert reason in answer.reason


async def test_get_without_img_url(emulator: Emulator) -> None:
    assert (await emulator.recognize("GET")).errcode == 41005


async def test_both(emulator: Emulator) -> None:
    answer = await emulator.recognize(params={"img_url": "http://h/a"}, **multipart(IMG))
    assert answer.errcode == 40097
    assert "both img_url and img" in answer.reason


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods(emulator: Emulator, method: str) -> None:
    answer = await emulator.recognize(method, **multipart(IMG))
    assert answer.errcode == 43002
    assert f"the method is {method}" in answer.reason


@pytest.mark.parametrize(
    ("size", "errcode", "reason"),
    [
        (2 * MB, 0, ""),
        (2 * MB + 1, 101002, "1 more than the 2097152"),
        (int(2.1 * MB), 101002, "104857 more than"),
        (10 * MB, 101002, "counting the whole body"),
    ],
)
async def test_sizes(emulator: Emulator, size: int, errcode: int, reason: str) -> None:
    answer = await emulator.upload(bytes(size))
    assert answer.errcode == errcode
    assert reason in answer.reason


async def test_a_large_body_of_unknown_length(emulator: Emulator) -> None:
    async def endless() -> Any:
        for _ in range(200):
            yield bytes(65536)

    answer = await emulator.recognize(
        data=endless(), headers={"Content-Type": "multipart/form-data; boundary=B"}
    )
    assert answer.errcode == 101002


@pytest.mark.parametrize(
    ("error", "errcode"),
    [(ImageError("this is text"), 101002), (LicenseNotFoundError("this is a cat"), 101001)],
)
async def test_what_the_recognizer_says(emulate: Emulate, error: Exception, errcode: int) -> None:
    emulator = await emulate(FakeRecognizer(error))
    answer = await emulator.upload(JPEG)
    assert (answer.errcode, answer.reason) == (errcode, str(error))


async def test_a_fault_is_a_system_error_and_the_server_stays_up(emulate: Emulate) -> None:
    emulator = await emulate(FakeRecognizer(RuntimeError("boom")))
    answer = await emulator.upload(JPEG)
    assert answer.errcode == -1
    assert answer.body["errmsg"].startswith("system error hint")
    assert "RuntimeError" in answer.reason
    assert "boom" not in answer.reason
    faults = [record for record in emulator.caplog.records if record.exc_info]
    assert len(faults) == 1
    assert faults[0].levelno == logging.ERROR
    emulator.recognizer.error = None
    assert (await emulator.upload(JPEG)).errcode == 0


async def test_the_quota_holds_under_200_calls_at_once(emulate: Emulate) -> None:
    emulator = await emulate(daily_quota=7)
    emulator.recognizer.error = None
    answers = await asyncio.gather(*(emulator.upload(JPEG) for _ in range(200)))
    codes = [answer.errcode for answer in answers]
    assert codes.count(0) == len(emulator.recognizer.seen) == 7
    assert set(codes) <= {0, 101003, -1}
    answer = await emulator.upload(JPEG)
    assert answer.errcode == 101003
    assert "all 7 calls of today are used up by wx1" in answer.reason
    emulator.clock.now += 86400
    emulator.token = await emulator.new_token()
    assert (await emulator.upload(JPEG)).errcode == 0


async def test_what_fails_before_is_not_charged(emulate: Emulate, images: ImageHost) -> None:
    emulator = await emulate(daily_quota=1)
    await emulator.recognize()
    await emulator.by_url(f"{images.url}/nothing")
    await emulator.upload(bytes(3 * MB))
    emulator.recognizer.error = ImageError("broken")
    await emulator.upload(JPEG)
    emulator.recognizer.error = LicenseNotFoundError("a cat")
    assert (await emulator.upload(JPEG)).errcode == 101001
    assert (await emulator.upload(JPEG)).errcode == 101003


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        *((one.path, f"is {one.name} (") for one in SISTERS),
        *((one.path, "and not implemented here") for one in SISTERS),
        ("/cv/ocr/driving", "for a driving licence (驾驶证) call /cv/ocr/drivinglicense"),
        ("/cv/ocr/driverlicense", "did you mean /cv/ocr/drivinglicense?"),
        ("/cv/ocr/drivinglicense/", "did you mean /cv/ocr/drivinglicense?"),
        ("/", "there are /cgi-bin/token,"),
        ("/a%0Ab", "is no path"),
    ],
)
async def test_other_paths(emulator: Emulator, path: str, reason: str) -> None:
    answer = await emulator.call("POST", path, authorized=False)
    assert answer.errcode == 40066
    assert reason in answer.reason


class Waiting:
    """Reads when the test says so."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.seen: list[bytes] = []

    def load(self) -> None:
        pass

    def read(self, content: bytes, /) -> FakeLicense:
        self.seen.append(content)
        self.begun.release()
        self.go.wait()
        return FakeLicense()


async def test_a_client_that_hangs_up_gives_up_its_place(emulate: Emulate) -> None:
    recognizer = Waiting()
    emulator = await emulate(recognizer, daily_quota=2)
    first = asyncio.create_task(emulator.upload(b"first"))
    await asyncio.get_running_loop().run_in_executor(None, recognizer.begun.acquire)
    second = asyncio.create_task(emulator.upload(b"second"))
    await until(lambda: emulator.recognition.pending == 2)
    second.cancel()
    await until(lambda: emulator.recognition.pending == 1)
    recognizer.go.set()
    assert (await first).errcode == 0
    assert (await emulator.upload(b"third")).errcode == 0  # the quota has no hole
    assert recognizer.seen == [b"first", b"third"]


async def raw(emulator: Emulator, data: bytes, *, hang_up: bool = False) -> bytes:
    host, _, port = emulator.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(data)
        return b"" if hang_up else await reader.readuntil(b"}")
    except asyncio.IncompleteReadError as error:
        return error.partial
    finally:
        writer.close()
        await writer.wait_closed()


def head(emulator: Emulator, length: int) -> bytes:
    return (
        f"POST {OCR}?access_token={emulator.token} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def test_a_body_that_does_not_come(emulate: Emulate) -> None:
    emulator = await emulate(read_time=0.05)
    answer = await raw(emulator, head(emulator, 1000) + b"--B\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["errcode"] == 41005
    assert "the body did not come within 0.05 s" in emulator.log()


async def test_a_body_that_breaks_off(emulator: Emulator) -> None:
    await raw(emulator, head(emulator, 1000) + b"--B\r\n", hang_up=True)
    assert (await emulator.upload(JPEG)).errcode == 0


async def test_a_broken_chunk(emulator: Emulator) -> None:
    start = head(emulator, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    answer = await raw(emulator, start + b"zz\r\n\r\n")
    assert b" 400 " in answer.partition(b"\r\n")[0]  # aiohttp's own: it is no HTTP request
    assert "it is no HTTP request: is the client speaking https?" in emulator.log()
    assert not any(record.exc_info for record in emulator.caplog.records)
    assert (await emulator.upload(JPEG)).errcode == 0


@pytest.mark.parametrize("image", ["data:image/png;base64,AA", "iVBORw0KGgo" * 1000, "a" * 60_000])
async def test_an_image_in_img_url_is_told_where_it_belongs(emulator: Emulator, image: str) -> None:
    answer = await emulator.by_url(image)
    assert answer.errcode == 101000
    assert "an image belongs into the multipart body img, not into img_url" in answer.reason
    assert emulator.token not in emulator.log()


async def test_a_line_beyond_all_bounds_shows_no_token(emulator: Emulator) -> None:
    line = f"POST /?access_token={emulator.token}&img_url={'a' * 70_000} HTTP/1.1\r\n\r\n"
    answer = await raw(emulator, line.encode())
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"longer than 65536 bytes: an image belongs into the multipart body img" in answer
    assert emulator.token[:20].encode() not in answer
    assert "longer than 65536 bytes" in emulator.log()
    assert emulator.token[:20] not in emulator.log()
    assert not any(record.exc_info for record in emulator.caplog.records)
