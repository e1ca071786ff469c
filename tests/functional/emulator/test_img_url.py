"""img_url: hosts that answer badly, addresses that must not be reached."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from openapi_shim.errors import DownloadError, ImageError
from openapi_shim.settings import ImageUrlPolicy
from openapi_shim.transports.download import Downloader

from .conftest import JPEG, OCR, Emulate, Emulator, ImageHost, until

LIMIT = 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "errcode", "reason"),
    [
        ("nothing.jpg?sign=SECRET", 101000, "answered 404 Not Found"),
        ("large?sign=SECRET", 101002, "1048576 more than the 2097152 bytes of 2 MB"),
        ("chunked", 101002, "has more than the 2097152 bytes"),
        ("bomb", 101002, "has more than the 2097152 bytes"),
        ("empty", 101002, "0 bytes"),
        ("loop", 101000, "more than 3 redirects"),
        (
            "redirect?to=http://10.0.0.1/a",
            101000,
            "the host 10.0.0.1 of img_url is an address of a",
        ),
        ("redirect?to=http://169.254.169.254/", 101000, "where clouds keep a machine's"),
        ("redirect?to=file:///etc/passwd", 101000, "redirects: img_url is a file: address"),
        ("a%2520b.jpg", 101000, "seems to be URL-encoded twice"),
    ],
)
async def test_hosts_that_answer_badly(
    emulator: Emulator, images: ImageHost, path: str, errcode: int, reason: str
) -> None:
    answer = await emulator.by_url(f"{images.url}/{path}")
    assert answer.errcode == errcode
    assert reason in answer.reason
    assert "SECRET" not in emulator.log()


async def test_an_html_page(emulator: Emulator, images: ImageHost) -> None:
    emulator.recognizer.error = ImageError("this is not an image")
    answer = await emulator.by_url(f"{images.url}/page")
    assert answer.errcode == 101002
    assert "answered an HTML page; " in answer.reason


async def test_redirects_and_compression(emulator: Emulator, images: ImageHost) -> None:
    for path in ("redirect?to=/photo", f"redirect?to={images.url}/redirect?to=/photo", "zipped"):
        assert (await emulator.by_url(f"{images.url}/{path}")).errcode == 0
    assert emulator.recognizer.seen == [JPEG] * 3
    assert images.headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in images.headers


async def test_a_drip_ends(emulate: Emulate, images: ImageHost) -> None:
    emulator = await emulate(image_url_timeout=0.2)
    answer = await emulator.by_url(f"{images.url}/drip")
    assert answer.errcode == 101000
    assert "did not answer in full within 0.2 s" in answer.reason


async def test_a_host_that_never_answers(emulate: Emulate) -> None:
    emulator = await emulate(image_url_timeout=0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        answer = await emulator.by_url(f"http://127.0.0.1:{silent.getsockname()[1]}/a.jpg")
    assert answer.errcode == 101000
    assert "did not answer in full within 0.2 s" in answer.reason


async def test_a_port_where_nothing_listens(emulator: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    answer = await emulator.by_url(f"http://127.0.0.1:{port}/a.jpg")
    assert answer.errcode == 101000
    assert "no connection" in answer.reason


async def test_what_is_not_http(emulator: Emulator) -> None:
    async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-x\r\n")
        writer.close()

    server = await asyncio.start_server(garbage, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await emulator.by_url(f"http://127.0.0.1:{port}/a.jpg")
    answer_tls = await emulator.by_url(f"https://127.0.0.1:{port}/a.jpg")
    server.close()
    await server.wait_closed()
    assert answer.errcode == answer_tls.errcode == 101000
    assert "not HTTP" in answer.reason
    assert "no TLS connection" in answer_tls.reason


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://h/my photo.jpg", "a space (in a query, + means one too) at position 11"),
        ("http://h/驾驶证.jpg", "'驾' (U+9A7E)"),
        (quote("https://h/a.jpg", safe=""), "URL-encoded twice"),
        (quote(quote("https://h/a.jpg", safe=""), safe=""), "URL-encoded twice"),
        ("file:///etc/passwd", "img_url is a file: address"),
        ("wxfile://tmp_1.jpg", "a file on the phone"),
        ("http://tmp/1.jpg", "a path on the phone"),
        ("http://192.168.1.1/a.jpg", "an address of a private network"),
        ("http://[fe80::1]/a.jpg", "a link-local address"),
        ("http://100.100.100.200/a.jpg", "where clouds keep"),
        ("http://[::ffff:169.254.169.254]/a.jpg", "another spelling of 169.254.169.254"),
        ("http://2852039166/a.jpg", "unusual spelling"),
    ],
)
async def test_urls_that_are_refused(emulator: Emulator, url: str, reason: str) -> None:
    answer = await emulator.by_url(url)
    assert answer.errcode == 101000
    assert answer.body["errmsg"].startswith("invalid image url hint:")
    assert reason in answer.reason


async def test_a_url_that_was_not_encoded(emulator: Emulator, images: ImageHost) -> None:
    url = URL(
        f"{emulator.url}{OCR}?access_token={emulator.token}&img_url={images.url}/none?a=1&b=2",
        encoded=True,
    )
    async with emulator.session.post(url) as response:
        reason = response.headers["X-Openapi-Shim-Reason"]
    assert "the query also has 'b': was img_url URL-encoded" in reason
    assert images.seen == ["/none?a=1"]


@pytest.mark.parametrize(("policy", "errcode"), [("public", 101000), ("loopback", 0), ("any", 0)])
async def test_policies(emulate: Emulate, images: ImageHost, policy: str, errcode: int) -> None:
    emulator = await emulate(image_urls=policy)
    assert (await emulator.by_url(f"{images.url}/photo")).errcode == errcode
    assert (await emulator.by_url(f"http://localhost:{images.port}/photo")).errcode == errcode
    assert len(images.seen) == (0 if errcode else 2)


async def test_the_checked_address_is_the_one_connected_to(images: ImageHost) -> None:
    """DNS rebinding: the name leads elsewhere the second time it is looked up."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=30, resolve=resolve)
    url = f"http://rebind.example:{images.port}"
    download = await downloader.fetch(f"{url}/photo", limit=LIMIT)
    assert download.content == JPEG
    assert images.headers["Host"] == f"rebind.example:{images.port}"
    assert asked == ["rebind.example"]
    with pytest.raises(DownloadError, match=r"rebind.example of img_url leads to 10\.0\.0\.1"):
        await downloader.fetch(f"{url}/photo", limit=LIMIT)
    assert len(images.seen) == 1


async def test_proxies_of_the_environment_are_not_used(
    images: ImageHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=30)
    assert (await downloader.fetch(f"{images.url}/photo", limit=LIMIT)).content == JPEG


async def test_exactly_the_limit(images: ImageHost) -> None:
    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=30)
    whole = 3 * 1024 * 1024
    assert len((await downloader.fetch(f"{images.url}/large", limit=whole)).content) == whole
    with pytest.raises(ImageError, match="1 more than"):
        await downloader.fetch(f"{images.url}/large", limit=whole - 1)


async def test_cancelling_closes_the_connection(images: ImageHost) -> None:
    downloader = Downloader(ImageUrlPolicy.LOOPBACK, timeout=30)
    fetch = asyncio.create_task(downloader.fetch(f"{images.url}/drip", limit=LIMIT))
    await until(lambda: bool(images.seen))
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    async with aiohttp.ClientSession() as session, session.get(f"{images.url}/photo") as answer:
        assert answer.status == 200
