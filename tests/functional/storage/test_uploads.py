from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from yarl import URL

from openapi_shim.emulator.storage import shelf as shelf_module
from openapi_shim.emulator.storage.service import UploadGrant
from tests.functional.storage.conftest import LIMIT, Store, put_headers

NAMES = ["a.txt", "证件/照片 a+b.jpg", "100%.txt", "100%25.txt", "a b/c&d=e;f,g.txt", "README"]


def error_code(text: str) -> str:
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "Error"
    values = {child.tag: child.text or "" for child in root}
    assert all(values[name] for name in ("Code", "Message", "RequestId", "TraceId"))
    return values["Code"]


def form_of(grant: UploadGrant, key: str, content: bytes, **fields: str) -> aiohttp.FormData:
    """The form of wx-server-sdk 2 and 3."""
    form = aiohttp.FormData()
    form.add_field("Signature", grant.authorization)
    form.add_field("x-cos-security-token", grant.token)
    form.add_field("x-cos-meta-fileid", grant.cos_file_id)
    form.add_field("key", key)
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("file", io.BytesIO(content))
    return form


async def raw(store: Store, *pieces: bytes) -> bytes:
    """What comes back for bytes on the wire, the client's side closed after them."""
    parts = urlsplit(store.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for piece in pieces:
        writer.write(piece)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("path", NAMES)
async def test_put(store: Store, path: str) -> None:
    await store.put(path, b"content")
    assert store.content(path) == b"content"
    assert not store.in_flight()


@pytest.mark.parametrize("path", NAMES)
async def test_form_of_the_older_sdks(store: Store, path: str) -> None:
    grant = store.service.prepare_upload(path, method="post")
    async with store.session.post(grant.url, data=form_of(grant, path, b"\r\n--x")) as response:
        assert (response.status, await response.read()) == (204, b"")
    assert store.content(path) == b"\r\n--x"


async def test_form_of_js_sdk(store: Store) -> None:
    grant = store.service.prepare_upload("照片.png", method="post")
    form = aiohttp.FormData()
    form.add_field("key", "照片.png")
    form.add_field("signature", grant.authorization)
    form.add_field("x-cos-meta-fileid", grant.cos_file_id)
    form.add_field("success_action_status", "201")
    form.add_field("x-cos-security-token", grant.token)
    form.add_field("file", b"png", filename="照片.png", content_type="image/png")
    async with store.session.post(grant.url, data=form) as response:
        assert response.status == 201
        assert "<Key>照片.png</Key>" in await response.text()
    found = store.service.shelf.find("local-env", "照片.png")
    assert found
    assert found.content_type == "image/png"


async def test_an_upload_of_nothing(store: Store) -> None:
    await store.put("empty.txt", b"")
    assert store.content("empty.txt") == b""


async def test_chunked_and_large(store: Store) -> None:
    grant = store.service.prepare_upload("large.bin")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 65536):
            yield b"x" * 65536

    async with store.session.put(grant.url, data=pieces(), headers=put_headers(grant)) as response:
        assert response.status == 200
    assert store.content("large.bin") == b"x" * LIMIT


@pytest.mark.parametrize("declared", [True, False])
async def test_too_large(store: Store, declared: bool) -> None:
    grant = store.service.prepare_upload("large.bin")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 65536 + 1):
            yield b"x" * 65536

    data = io.BytesIO(b"x" * (LIMIT + 1)) if declared else pieces()
    async with store.session.put(grant.url, data=data, headers=put_headers(grant)) as response:
        assert response.status == 400
        assert error_code(await response.text()) == "EntityTooLarge"
    form = form_of(grant, "large.bin", b"x" * (LIMIT + 1))
    async with store.session.post(grant.url, data=form) as response:
        assert error_code(await response.text()) == "EntityTooLarge"
    assert store.content("large.bin") is None
    assert not store.in_flight()


async def test_a_grant_used_twice_overwrites(store: Store) -> None:
    grant = await store.put("a.txt", b"first")
    async with store.session.put(grant.url, data=b"second", headers=put_headers(grant)) as response:
        assert response.status == 200
    assert store.content("a.txt") == b"second"


async def test_late(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    store.clock.now += 901
    headers = put_headers(grant)
    async with store.session.put(grant.url, data=b"x", headers=headers) as response:
        assert (response.status, error_code(await response.text())) == (403, "AccessDenied")
    async with store.session.post(grant.url, data=form_of(grant, "a.txt", b"x")) as response:
        assert (response.status, error_code(await response.text())) == (403, "AccessDenied")
    assert store.content("a.txt") is None


async def test_elsewhere(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    other = store.service.prepare_upload("a.txt", env="other")
    headers = put_headers(grant)
    for url in (
        grant.url.replace("a.txt", "b.txt"),
        grant.url + "/c",
        grant.url.replace("a.txt", "%2e%2e/a.txt"),
        other.url,
    ):
        target = URL(url, encoded=True)
        async with store.session.put(target, data=b"x", headers=headers) as response:
            assert response.status in (400, 403)
            assert error_code(await response.text()) in ("SignatureDoesNotMatch", "InvalidArgument")
    async with store.session.post(grant.url, data=form_of(grant, "b.txt", b"x")) as response:
        assert (response.status, error_code(await response.text())) == (
            403,
            "SignatureDoesNotMatch",
        )
    async with store.session.put(
        grant.url, data=b"x", headers=headers | {"x-cos-security-token": "other"}
    ) as response:
        assert error_code(await response.text()) == "SignatureDoesNotMatch"
    assert not store.folder.joinpath("local-env").exists()


async def test_without_grant(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    async with store.session.put(grant.url, data=b"x") as response:
        assert (response.status, error_code(await response.text())) == (403, "AccessDenied")
    async with store.session.delete(grant.url) as response:
        assert (response.status, error_code(await response.text())) == (405, "MethodNotAllowed")
    async with store.session.put(f"{store.url}/storage/none/a.txt", data=b"x") as response:
        assert (response.status, error_code(await response.text())) == (404, "NoSuchBucket")


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2fetc/passwd", "a/%00", "a//b", "", "%5c..%5c", "a/", "\\..\\"],
)
async def test_traversal(store: Store, tmp_path: Path, path: str) -> None:
    grant = store.service.prepare_upload("a.txt")
    head = (
        f"PUT /storage/6c6f-local-env-1250000000/{path} HTTP/1.1\r\nHost: x\r\n"
        f"authorization: {grant.authorization}\r\nx-cos-security-token: {grant.token}\r\n"
        "Content-Length: 1\r\nConnection: close\r\n\r\nx"
    )
    answer = await raw(store, head.encode())
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403", b"HTTP/1.0 400"))
    assert not store.folder.exists()
    assert not tmp_path.parent.joinpath("a.txt").exists()


async def multipart(store: Store, body: bytes, *, length: int = -1) -> bytes:
    grant = store.service.prepare_upload("a.txt")
    begin = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, value.encode())
        for name, value in ((b"Signature", grant.authorization), (b"key", "a.txt"))
    )
    begin += b'--B\r\nContent-Disposition: form-data; name="x-cos-security-token"\r\n\r\n'
    body = begin + grant.token.encode() + b"\r\n" + body
    head = (
        f"POST {urlsplit(grant.url).path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=B\r\n"
        f"Content-Length: {len(body) if length < 0 else length}\r\n\r\n"
    )
    return await raw(store, head.encode(), body)


FILE = b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\ncontent'


async def test_a_form_by_hand(store: Store) -> None:
    assert (await multipart(store, FILE + b"\r\n--B--\r\n")).startswith(b"HTTP/1.1 204")
    assert store.content("a.txt") == b"content"


@pytest.mark.parametrize(
    "body",
    [
        FILE,
        FILE + b"\r\n",
        FILE + b"\r\n--B",
        FILE + b"\r\n--B\r\n",
        FILE + b"\r\n--Bx\r\n",
        FILE + b"\r\n--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n",
        b'--B\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--B--\r\n',
        b"--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C--\r\n--B--\r\n",
        b"--B--\r\n",
        b"garbage",
        b"",
        b'--B\r\nContent-Disposition: form-data; name="big"\r\n\r\n' + b"x" * 70000 + b"\r\n--B--",
        b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 120,
        b"--B\r\n" + b"X-A: b\r\n" * 2000 + b"\r\n",
        b"--B\r\nX-A: " + b"b" * 100000 + b"\r\n\r\n",
    ],
)
async def test_a_broken_form(store: Store, body: bytes) -> None:
    answer = await multipart(store, body)
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert error_code(answer.partition(b"\r\n\r\n")[2].decode()) == "MalformedPOSTRequest"
    assert store.content("a.txt") is None
    await store.until_in_flight(0)


async def test_what_is_no_form(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    for content_type in ("text/plain", "multipart/form-data", "multipart/form-data; boundary="):
        async with store.session.post(
            grant.url, data=b"x", headers={"Content-Type": content_type}
        ) as response:
            assert response.status == 400
            assert error_code(await response.text()) == "MalformedPOSTRequest"


async def test_a_form_without_end_is_given_up(hasty_store: Store) -> None:
    store = hasty_store
    answer = await multipart(store, FILE, length=10_000)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"RequestTimeout" in answer
    assert store.content("a.txt") is None
    assert not store.in_flight()


@pytest.mark.parametrize("method", ["put", "post"])
async def test_a_client_that_hangs_up_leaves_nothing(store: Store, method: str) -> None:
    await store.put("a.txt", b"old")
    grant = store.service.prepare_upload("a.txt")
    parts = urlsplit(grant.url)
    if method == "put":
        begin = b""
        more = "".join(f"{name}: {value}\r\n" for name, value in put_headers(grant).items())
    else:
        begin = b"".join(
            b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (name.encode(), value.encode())
            for name, value in put_headers(grant).items()
            if name != "authorization"
        )
        begin += b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        more = "Content-Type: multipart/form-data; boundary=B\r\n"
    more += "Content-Length: 2500000\r\n"
    head = f"{method.upper()} {parts.path} HTTP/1.1\r\nHost: x\r\n{more}\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, head.encode() + begin + b"x" * 1_500_000)
        await store.until_in_flight(1)
    await store.until_in_flight(0)
    assert store.content("a.txt") == b"old"


async def test_a_full_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, data: bytes) -> None:
        with shelf_module._disk_errors():
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf_module.Incoming, "write", full)
    grant = store.service.prepare_upload("a.txt")
    async with store.session.put(grant.url, data=b"x", headers=put_headers(grant)) as response:
        assert (response.status, error_code(await response.text())) == (500, "InternalError")
        assert "full" in response.headers["X-Openapi-Shim-Reason"]
    assert not store.in_flight()


async def test_writers_at_once(store: Store) -> None:
    contents = [bytes([number]) * 300_000 for number in range(16)]
    await asyncio.gather(*(store.put("a.bin", content) for content in contents))
    assert store.content("a.bin") in contents
    assert not store.in_flight()


async def test_pages_of_this_machine_may_upload(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,x-cos-meta-fileid",
    }
    async with store.session.options(grant.url, headers=asked) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"
        assert "x-cos-meta-fileid" in response.headers["Access-Control-Allow-Headers"]
        assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    origin = {"Origin": "http://localhost:5173"}
    for headers, status in ((put_headers(grant), 200), ({}, 403)):
        async with store.session.put(grant.url, data=b"x", headers=headers | origin) as response:
            assert response.status == status
            assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:5173"


async def test_pages_from_elsewhere_may_not(store: Store) -> None:
    grant = store.service.prepare_upload("a.txt")
    headers = put_headers(grant) | {"Origin": "https://evil.example"}
    async with store.session.put(grant.url, data=b"x", headers=headers) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
    assert store.content("a.txt") is None
