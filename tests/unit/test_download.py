from __future__ import annotations

import gzip
import ipaddress
from typing import Any

import pytest

from openapi_shim.errors import DownloadError
from openapi_shim.settings import ImageUrlPolicy
from openapi_shim.transports.addresses import why_refused
from openapi_shim.transports.download import Downloader, check_image_url, shown

PUBLIC, LOOPBACK, ANY = ImageUrlPolicy.PUBLIC, ImageUrlPolicy.LOOPBACK, ImageUrlPolicy.ANY


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https%3A%2F%2Fh%2Fa.jpg", "URL-encoded twice"),
        ("http%253A%252F%252Fh", "URL-encoded twice"),
        ("/var/a.jpg", "no absolute URL"),
        ("www.example.com/a.jpg", "no absolute URL"),
        ("", "no absolute URL"),
        ("file:///etc/passwd", "a file of one machine"),
        ("wxfile://tmp_a.jpg", "a file on the phone"),
        ("http://tmp/wx123.jpg", "a path on the phone"),
        ("http://usr/a.jpg", "a path on the phone"),
        ("cloud://env.bucket/a.jpg", "getTempFileURL"),
        ("data:image/png;base64,AAAA", "an image inside a URL"),
        ("ftp://h/a.jpg", "neither http nor https"),
        ("javascript:alert(1)", "neither http nor https"),
        ("http://h/a b.jpg", r"a space \(.*\) at position 10"),
        ("http://h/a\n.jpg", r"'\\n' \(U\+000A\)"),
        ("http://h/驾驶证.jpg", r"'驾' \(U\+9A7E\)"),
        ("http://例子.cn/a.jpg", r"U\+4F8B"),
        ("http://h\\@evil/a", r"U\+005C"),
        ("http://user:pass@h/a.jpg", "user name or password"),
        ("http:///a.jpg", "has no host|is no URL"),
        ("http://h:0/a.jpg", "port 0"),
        ("http://h:99999/a.jpg", "is no URL"),
        ("http://[::1/a.jpg", "is no URL"),
        ("http://h/" + "a" * 5000, "more than 4096 characters"),
    ],
)
def test_urls_that_cannot_be_fetched(url: str, reason: str) -> None:
    with pytest.raises(DownloadError, match=reason):
        check_image_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://h/a.jpg",
        "HTTPS://example.com:8443/%E9%A9%BE.jpg?sign=a%2Bb&x=1",
        "http://h/100%25.jpg",
        "http://[2001:db8::1]/a",
    ],
)
def test_urls_that_stay_as_they_are(url: str) -> None:
    checked = check_image_url(url)
    assert str(checked).lower() == url.lower()


def test_the_query_is_not_shown() -> None:
    url = check_image_url("https://h/a.jpg?token=secret#x")
    assert shown(url) == "https://h/a.jpg"
    assert len(shown(check_image_url("https://h/" + "a" * 1000))) < 220


@pytest.mark.parametrize(
    ("address", "policies"),
    [
        ("93.184.216.34", {PUBLIC, LOOPBACK, ANY}),
        ("2606:2800:220:1::1", {PUBLIC, LOOPBACK, ANY}),
        ("64:ff9b::5db8:d822", {PUBLIC, LOOPBACK, ANY}),  # NAT64 of a public address
        ("127.0.0.1", {LOOPBACK, ANY}),
        ("127.8.8.8", {LOOPBACK, ANY}),
        ("::1", {LOOPBACK, ANY}),
        ("::ffff:127.0.0.1", {LOOPBACK, ANY}),
        ("10.0.0.1", {ANY}),
        ("172.16.0.1", {ANY}),
        ("192.168.1.1", {ANY}),
        ("100.64.0.1", {ANY}),
        ("fd00::1", {ANY}),
        ("::ffff:10.0.0.1", {ANY}),
        ("64:ff9b::a00:1", {ANY}),
        ("64:ff9b:1::a00:1", {ANY}),
        ("2002:a00:1::", {ANY}),  # 6to4 of 10.0.0.1
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", {ANY}),  # Teredo of 10.0.0.1
        ("::10.0.0.1", {ANY}),
        ("169.254.169.254", set()),
        ("::ffff:169.254.169.254", set()),
        ("64:ff9b::a9fe:a9fe", set()),
        ("2002:a9fe:a9fe::", set()),
        ("169.254.1.1", set()),
        ("fe80::1", set()),
        ("fe80::1%eth0", set()),
        ("100.100.100.200", set()),
        ("168.63.129.16", set()),
        ("fd00:ec2::254", set()),
        ("224.0.0.1", set()),
        ("ff02::1", set()),
        ("0.0.0.0", set()),  # noqa: S104 - an address to refuse
        ("::", set()),
        ("::ffff:0.0.0.0", set()),
    ],
)
def test_addresses(address: str, policies: set[ImageUrlPolicy]) -> None:
    parsed = ipaddress.ip_address(address)
    assert {policy for policy in ImageUrlPolicy if not why_refused(parsed, policy)} == policies


async def never_resolve(host: str, port: int) -> list[str]:
    raise AssertionError(host)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("2130706433", "unusual spelling"),
        ("0177.0.0.1", "unusual spelling"),
        ("127.1", "unusual spelling"),
        ("127.0.0.1.", "unusual spelling"),
        ("0x7f.0.0.1", "unusual spelling"),
        ("0x7f000001", "unusual spelling"),
        ("127.0.0.1", "is this machine itself"),
        ("[::ffff:7f00:1]", "is another spelling of 127.0.0.1, this machine itself"),
        ("169.254.169.254", "where clouds keep"),
        ("[fe80::1%25eth0]", "link-local|is no URL"),
    ],
)
async def test_addresses_in_urls_are_checked_without_asking_anyone(host: str, reason: str) -> None:
    downloader = Downloader(PUBLIC, timeout=5, resolve=never_resolve)
    with pytest.raises(DownloadError, match=reason):
        await downloader.fetch(f"http://{host}/a.jpg", limit=10)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (["10.0.0.1"], "host h of img_url leads to 10.0.0.1, an address of a private network"),
        (["93.184.216.34", "10.0.0.1"], "leads to 10.0.0.1"),
        (["fe80::1%eth0"], "link-local"),
        ([], "has no address"),
        (OSError("unknown"), "is not known"),
    ],
)
async def test_every_address_of_a_host_is_checked(found: Any, reason: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        if isinstance(found, Exception):
            raise found
        return list(found)

    downloader = Downloader(LOOPBACK, timeout=5, resolve=resolve)
    with pytest.raises(DownloadError, match=reason):
        await downloader.fetch("http://h/a.jpg", limit=10)


def test_a_bomb_is_never_held() -> None:
    from openapi_shim.transports.download import _Decoder

    bomb = gzip.compress(bytes(50_000_000))
    decoder = _Decoder("gzip", 1000)
    decoder.feed(bomb)
    assert len(decoder.content) == 1001
    with pytest.raises(DownloadError, match="broken"):
        _Decoder("gzip", 1000).feed(b"no gzip")
    with pytest.raises(DownloadError, match="'br', unasked"):
        _Decoder("br", 1000)
