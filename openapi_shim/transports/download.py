"""Downloads an image from a URL that somebody else chose, and may have chosen with malice.

A host name is resolved once; every address it has is checked, and only those are connected
to. Redirects are followed by hand, each checked as the first URL was. Size and time are
bounded as a whole. Nothing of this machine goes along: no cookies, no proxy, no credentials.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from openapi_shim.errors import DownloadError, ImageError
from openapi_shim.settings import ImageUrlPolicy
from openapi_shim.transports.addresses import why_refused

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host for a port."""

_MAX_REDIRECTS = 3
_MAX_URL = 4096  # characters
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ENCODED_TWICE = re.compile(r"%25[0-9A-Fa-f]{2}")
# Numbers alone, decimal, octal or hexadecimal: the system's resolver would take them together
# for an address.
_NUMERIC_HOST = re.compile(r"(?:(?:0[xX][0-9A-Fa-f]*|[0-9]+)(?:\.|$))+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ODD_SCHEMES = {
    "file": "a file of one machine, which WeChat cannot see: upload it, or send img",
    "wxfile": "a file on the phone: upload it first, or send the image itself as img",
    "cloud": "a fileID: get a URL for it with getTempFileURL first",
    "data": "an image inside a URL: decode it and send it as img",
    "blob": "known to one browser page only: send the image itself as img",
}
_HEADERS = {"User-Agent": "Mozilla/5.0 (openapi-shim)", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Download:
    """What was found.

    Attributes:
        content: the bytes, decoded where the server compressed them all the same.
        content_type: the media type the server named, in lower case; may be empty.
    """

    content: bytes = field(repr=False)
    content_type: str = ""


class Downloader:
    """Downloads images.

    Args:
        policy: which addresses a URL may lead to.
        timeout: seconds for the whole of one download, redirects included.
        resolve: looks host names up; by default as the system does.
    """

    def __init__(
        self, policy: ImageUrlPolicy, *, timeout: float, resolve: Resolve | None = None
    ) -> None:
        self._policy = policy
        self._timeout = timeout
        self._resolve = resolve or _system_resolve

    async def fetch(self, url: str, *, limit: int) -> Download:
        """Download *url*.

        Raises:
            DownloadError: it cannot or must not be fetched; the text says why, without the
                URL's query.
            ImageError: it has more than *limit* bytes.
        """
        target = check_image_url(url)
        try:
            return await asyncio.wait_for(self._follow(target, limit), self._timeout)
        except (asyncio.TimeoutError, TimeoutError) as error:
            raise DownloadError(
                f"{shown(target)} did not answer in full within {self._timeout:g} s"
            ) from error
        except DownloadError as error:
            if _ENCODED_TWICE.search(url):
                raise DownloadError(
                    f"{error}; img_url seems to be URL-encoded twice (it still has %25)"
                ) from error
            raise

    async def _follow(self, url: URL, limit: int) -> Download:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._get(url, limit)
            if isinstance(answer, Download):
                return answer
            url = answer
        raise DownloadError(f"more than {_MAX_REDIRECTS} redirects, the last to {shown(url)}")

    async def _get(self, url: URL, limit: int) -> Download | URL:
        """One request: what was found, or where it redirects to."""
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(await self._vetted(url)), use_dns_cache=False, force_close=True
        )
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=None),
                    trust_env=False,
                    auto_decompress=False,
                    headers=_HEADERS,
                ) as session,
                session.get(url, allow_redirects=False) as response,
            ):
                if response.status in _REDIRECTS and "Location" in response.headers:
                    return _redirected(url, response.headers["Location"])
                if response.status != 200:
                    raise DownloadError(
                        f"{shown(url)} answered {response.status} {(response.reason or '')[:60]}"
                    )
                return Download(await _read(response, limit), response.content_type.lower())
        except aiohttp.ClientError as error:
            cause = _why_unreachable(error)
            raise DownloadError(f"{shown(url)} cannot be fetched: {cause}") from error

    async def _vetted(self, url: URL) -> list[str]:
        """The addresses of *url*'s host, all of them permitted."""
        host = url.raw_host or ""
        literal = True
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            if _NUMERIC_HOST.fullmatch(host):
                # aiohttp would take it for an address and pass it on without asking _Pinned.
                raise DownloadError(
                    f"the host {host!r} of img_url is an IP address in an unusual spelling"
                ) from None
            literal = False
            try:
                found = await self._resolve(host, url.port or 0)
            except (OSError, UnicodeError) as error:
                raise DownloadError(f"the host {host!r} of img_url is not known") from error
        for text in found:
            reason = why_refused(ipaddress.ip_address(text), self._policy)
            if reason:
                leads = "is" if literal else f"leads to {text},"
                raise DownloadError(
                    f"the host {host} of img_url {leads} {reason}; refused by the policy "
                    f"image_urls={self._policy.value}"
                )
        if not found:
            raise DownloadError(f"the host {host!r} of img_url has no address")
        return found


class _Pinned(AbstractResolver):
    """Answers with addresses that were checked before, and never looks anything up."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        """The checked addresses, whatever *host* is."""
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def check_image_url(url: str) -> URL:
    """*url* as one that can be fetched.

    Raises:
        DownloadError: it cannot; the text says what is wrong with it and what to do.
    """
    if re.match(r"https?%(25)*3A", url, re.IGNORECASE):
        raise DownloadError(
            "img_url is URL-encoded twice: it still begins with "
            f"{url[:12]!r} after decoding; encode it once"
        )
    scheme = _SCHEME.match(url)
    if not scheme:
        raise DownloadError(
            f"img_url {_start(url)} is no absolute URL: it has no http:// or https://"
        )
    name = scheme.group()[:-1].lower()
    if name not in ("http", "https"):
        what = _ODD_SCHEMES.get(name, "neither http nor https")
        raise DownloadError(f"img_url is a {name}: address, {what}")
    if len(url) > _MAX_URL:
        raise DownloadError(f"img_url has more than {_MAX_URL} characters")
    for position, char in enumerate(url):
        if char <= " " or char >= "\x7f" or char == "\\":
            raise DownloadError(
                f"img_url has {_name(char)} at position {position}: percent-encode the path (as "
                "urllib.parse.quote does), then URL-encode the whole"
            )
    return _parse(url)


def _parse(url: str) -> URL:
    try:
        parsed = URL(url, encoded=True)
        host, port = parsed.host, parsed.port
    except ValueError as error:
        raise DownloadError(f"img_url {_start(url)} is no URL: {error}") from error
    if not host or not port:
        raise DownloadError(f"img_url {_start(url)} has no host, or port 0")
    if host in ("tmp", "usr", "store"):
        raise DownloadError(
            f"img_url is {_start(url)}, a path on the phone that looks like a URL: upload the "
            "file first, or send the image itself as img"
        )
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise DownloadError("img_url has a user name or password in it, which is not sent")
    return parsed.with_fragment(None)


def shown(url: URL) -> str:
    """*url* for people: without its query, which may hold a secret, and not too long."""
    text = f"{url.scheme}://{url.raw_authority}{url.raw_path}"
    return text if len(text) <= 200 else text[:200] + "…"


def _start(url: str) -> str:
    return repr(url.partition("?")[0][:60])


def _name(char: str) -> str:
    if char == " ":
        return "a space (in a query, + means one too)"
    return f"{char!r} (U+{ord(char):04X})"


def _redirected(url: URL, location: str) -> URL:
    try:
        target = str(url.join(URL(location, encoded=True)))
    except ValueError as error:
        raise DownloadError(f"{shown(url)} redirects to what is no URL") from error
    try:
        return check_image_url(target)
    except DownloadError as error:
        raise DownloadError(f"{shown(url)} redirects: {error}") from error


def _why_unreachable(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return "no TLS connection could be made"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or error.os_error})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off"
    return f"the answer is not HTTP ({type(error).__name__})"


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    declared = response.content_length or 0
    if declared > limit:
        raise _too_large(response.url, f"{declared} bytes, {declared - limit} more than", limit)
    decoder = _Decoder(response.headers.get("Content-Encoding", ""), limit)
    async for chunk in response.content.iter_any():
        decoder.feed(chunk)
        if len(decoder.content) > limit:
            raise _too_large(response.url, "more than", limit)
    return bytes(decoder.content)


class _Decoder:
    """Collects a body, and undoes gzip without ever holding much more than *limit* bytes."""

    def __init__(self, encoding: str, limit: int) -> None:
        self.content = bytearray()
        self._limit = limit
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise DownloadError(f"the image came compressed as {encoding[:20]!r}, unasked")
        self._inflate = zlib.decompressobj(47) if encoding not in ("", "identity") else None

    def feed(self, chunk: bytes) -> None:
        """Take more of the body."""
        if self._inflate is None:
            self.content += chunk
            return
        try:
            self.content += self._inflate.decompress(chunk, self._limit + 1 - len(self.content))
        except zlib.error as error:
            raise DownloadError(
                "the image came compressed, and the compression is broken"
            ) from error


def _too_large(url: URL, how_much: str, limit: int) -> ImageError:
    return ImageError(f"the image at {shown(url)} has {how_much} the {limit} bytes of 2 MB")


async def _system_resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
