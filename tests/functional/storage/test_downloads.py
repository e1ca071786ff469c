from __future__ import annotations

import asyncio
import hashlib
from urllib.parse import quote, urlsplit

import pytest
from yarl import URL

from openapi_shim.settings import ImageUrlPolicy
from openapi_shim.transports.download import Downloader
from tests.functional.storage.conftest import Store
from tests.functional.storage.test_uploads import NAMES

ENCODE_URI = "!#$&'()*+,-./:;=?@_~"


def encode_uri(url: str) -> URL:
    """As JavaScript's encodeURI, which the SDKs put a temporary URL through."""
    return URL(quote(url, safe=ENCODE_URI), encoded=True)


@pytest.mark.parametrize("path", NAMES)
async def test_a_temporary_url_as_the_sdks_use_it(store: Store, path: str) -> None:
    grant = await store.put(path, b"content")
    url = store.link(grant.file_id)
    assert f"/{path}?sign=" in url
    async with store.session.get(encode_uri(url)) as response:
        assert (response.status, await response.read()) == (200, b"content")


@pytest.mark.parametrize("path", [name for name in NAMES if " " not in name])
async def test_a_temporary_url_as_it_was_given(store: Store, path: str) -> None:
    grant = await store.put(path, b"content")
    parts = urlsplit(store.link(grant.file_id))
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path}?{parts.query} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.0 200")
    assert answer.endswith(b"content")


async def test_a_name_with_a_question_mark_cuts_the_url_short(store: Store) -> None:
    grant = await store.put("a?b.txt", b"content")
    assert (await store.get(store.link(grant.file_id)))[0] == 403
    assert store.content("a?b.txt") == b"content"


async def test_head_has_length_and_type(store: Store) -> None:
    grant = await store.put("a.jpg", b"12345")
    async with store.session.head(store.link(grant.file_id)) as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Content-Length"] == "5"
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["x-cos-request-id"]


async def test_the_type_of_the_upload_counts(store: Store) -> None:
    grant = await store.put("a.jpg", b"x", **{"Content-Type": "text/x-own; charset=utf-8"})
    async with store.session.get(store.link(grant.file_id)) as response:
        assert response.headers["Content-Type"] == "text/x-own; charset=utf-8"


async def test_no_compressed_sister_is_served(store: Store) -> None:
    grant = await store.put("a.txt", b"plain")
    await store.put("a.txt.gz", b"\x1f\x8b no gzip")
    status, body = await store.get(store.link(grant.file_id), **{"Accept-Encoding": "gzip"})
    assert (status, body) == (200, b"plain")


@pytest.mark.parametrize(
    ("asked", "status", "body", "span"),
    [
        ("bytes=0-1", 206, b"01", "bytes 0-1/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, None, None),
        ("bytes=5-4", 416, None, None),
        ("bytes=x", 416, None, None),
        ("bytes=0-1,4-5", 416, None, None),
    ],
)
async def test_ranges(
    store: Store, asked: str, status: int, body: bytes | None, span: str | None
) -> None:
    grant = await store.put("a.bin", b"0123456789")
    async with store.session.get(store.link(grant.file_id), headers={"Range": asked}) as response:
        assert response.status == status
        assert response.headers.get("Content-Range") == span
        content = await response.read()
        assert body is None or content == body


async def test_what_the_client_has_already(store: Store) -> None:
    grant = await store.put("a.txt", b"content")
    url = store.link(grant.file_id)
    async with store.session.get(url) as response:
        etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    assert etag == f'"{hashlib.md5(b"content", usedforsecurity=False).hexdigest()}"'
    assert await store.get(url, **{"If-None-Match": etag}) == (304, b"")
    assert await store.get(url, **{"If-None-Match": "*"}) == (304, b"")
    assert await store.get(url, **{"If-Modified-Since": modified}) == (304, b"")
    assert await store.get(url, **{"If-None-Match": '"other"'}) == (200, b"content")
    old = {"Range": "bytes=0-1", "If-Range": '"other"'}
    assert await store.get(url, **old) == (200, b"content")
    assert await store.get(url, **{"Range": "bytes=0-1", "If-Range": etag}) == (206, b"co")


async def test_overwritten_while_it_is_read(store: Store) -> None:
    old = b"o" * 2_500_000
    grant = await store.put("a.bin", old)
    async with store.session.get(store.link(grant.file_id)) as response:
        begin = await response.content.readexactly(1000)
        await store.put("a.bin", b"new")
        assert store.service.delete([grant.file_id])[0].code == "SUCCESS"
        assert begin + await response.read() == old


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ("late", 403, "AccessDenied"),
        ("deleted", 404, "NoSuchKey"),
        ("another path", 403, "SignatureDoesNotMatch"),
        ("another time", 403, "SignatureDoesNotMatch"),
        ("no sign", 403, "AccessDenied"),
        ("no bucket", 404, "NoSuchBucket"),
    ],
)
async def test_no_file(store: Store, change: str, status: int, code: str) -> None:
    grant = await store.put("a.txt", b"x")
    await store.put("b.txt", b"x")
    url = store.link(grant.file_id, 60)
    if change == "late":
        store.clock.now += 60
    elif change == "deleted":
        store.service.delete([grant.file_id])
    url = {
        "another path": url.replace("a.txt", "b.txt"),
        "another time": url + "0",
        "no sign": url.partition("?")[0],
        "no bucket": url.replace("6c6f", "6c6e"),
    }.get(change, url)
    found, body = await store.get(url)
    assert found == status
    assert f"<Code>{code}</Code>" in body.decode()


async def test_a_client_that_hangs_up(store: Store) -> None:
    grant = await store.put("a.bin", b"x" * 3_000_000)
    url = store.link(grant.file_id)
    async with store.session.get(url) as response:
        await response.content.readexactly(10)
        response.close()
    assert (await store.get(url))[0] == 200


async def test_a_temporary_url_is_an_image_url(store: Store) -> None:
    grant = await store.put("licences/photo-1.jpg", b"jpeg")
    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=5)
    found = await downloader.fetch(store.link(grant.file_id), limit=1000)
    assert (found.content, found.content_type) == (b"jpeg", "image/jpeg")


async def test_so_is_one_with_an_encoded_name(store: Store) -> None:
    grant = await store.put("证件/照片 a+b.jpg", b"jpeg")
    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=5)
    found = await downloader.fetch(str(encode_uri(store.link(grant.file_id))), limit=1000)
    assert found.content == b"jpeg"
