"""Files on their way to and from the cloud environment's storage, as streams."""

from __future__ import annotations

import asyncio
import html
import io
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from openapi_shim.errors import TransportError
from openapi_shim.http_session import shared_session
from openapi_shim.settings import Settings
from openapi_shim.transports.base import FileContent, ParameterError, RefusedError
from openapi_shim.transports.sending import bounded, fault_text

_CHUNK = 256 * 1024
# What encodeURI leaves as it is; a "%" is encoded, so a URL must come unencoded.
_URL_CHARACTERS = ";,/?:@&=+$-_.!~*'()#"
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class UploadTicket:
    """Where a file goes, and what allows it."""

    url: str = field(repr=False)
    token: str = field(repr=False)
    authorization: str = field(repr=False)
    cos_file_id: str


async def put_file(
    settings: Settings, ticket: UploadTicket, path: str, content: FileContent
) -> None:
    """Store a file as wx-server-sdk 4 does: the bare bytes by PUT.

    Raises:
        RefusedError, TransportError, ParameterError: as by ``Transport.upload``.
    """
    headers = {
        "Signature": ticket.authorization,
        "x-cos-security-token": ticket.token,
        "x-cos-meta-fileid": ticket.cos_file_id,
        "authorization": ticket.authorization,
        "key": quote(path, safe="-_.!~*'()"),
    }
    await _store(settings, "PUT", ticket.url, headers, _Body(b"", content, b""))


async def post_form(
    settings: Settings, ticket: UploadTicket, path: str, content: FileContent
) -> None:
    """Store a file as WeChat's server API wants it: a form by POST, the file its last part.

    Raises:
        RefusedError, TransportError, ParameterError: as by ``Transport.upload``.
    """
    boundary = f"----openapi-shim-{os.urandom(12).hex()}"
    parts = {
        "key": path,
        "Signature": ticket.authorization,
        "x-cos-security-token": ticket.token,
        "x-cos-meta-fileid": ticket.cos_file_id,
    }
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    ]
    name = quote(path.rsplit("/", 1)[-1], safe=" -_.!~*'()") or "file"
    lines.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    head, tail = "".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    await _store(settings, "POST", ticket.url, headers, _Body(head, content, tail))


async def fetch_file(settings: Settings, url: str, *, encoded: bool = False) -> bytes:
    """The file at a temporary URL.

    Args:
        settings: time limits.
        url: unencoded, as the gateway gives it.
        encoded: it may have percent escapes already, which are left alone.

    Raises:
        RefusedError: it is not there.
        TransportError: it cannot be reached.
    """
    address = _encode_url(url, keep_escapes=encoded)
    session = await shared_session()
    try:
        async with session.get(URL(address, encoded=True), timeout=_patience(settings)) as response:
            if response.status == 200:
                return await response.read()
            raise RefusedError(
                "STORAGE_REQUEST_FAIL",
                f"下载文件失败: Status:{response.status} Url:{address.partition('?')[0]}",
                response.headers.get("x-cos-request-id"),
            )
    except aiohttp.ClientError as error:
        raise TransportError(fault_text(error)) from error
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise TransportError("request timeout", timeout=True) from error
    except ValueError as error:
        raise TransportError("the temporary URL is no URL") from error


async def _store(
    settings: Settings,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: _Body,
) -> None:
    length = {} if body.size is None else {"Content-Length": str(body.size)}
    try:
        # A kept connection may turn out to be closed; the same PUT twice does no harm.
        repeats = 1 if method == "PUT" and body.rewinds else 0
        while True:
            try:
                return await _attempt(settings, method, url, {**headers, **length}, body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):  # noqa: PERF203
                if not repeats:
                    raise
                repeats -= 1
    except aiohttp.ClientError as error:
        raise TransportError(fault_text(error)) from error
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise TransportError("request timeout", timeout=True) from error
    except ValueError as error:
        raise TransportError("the upload URL, or what goes with it, cannot be sent") from error


async def _attempt(
    settings: Settings, method: str, url: str, headers: Mapping[str, str], body: _Body
) -> None:
    session = await shared_session()
    async with session.request(
        method,
        URL(_encode_url(url, keep_escapes=True), encoded=True),
        data=body,
        headers=headers,
        skip_auto_headers=("Content-Type",),
        allow_redirects=False,
        timeout=_patience(settings),
    ) as response:
        _judge(response.status, await bounded(response.content))


def _judge(status: int, body: bytes) -> None:
    """Refuse an answer of the storage that is not success, which has a status and no body.

    A form may be answered with a ``PostResponse``. Any other body is not the storage's: a
    proxy's or a login page's, say.
    """
    text = body.decode("utf-8", "replace")
    code = re.search(r"<Code>([^<]*)</Code>", text)
    if code is None:
        known = not text.strip() or "<PostResponse" in text
        if known and 200 <= status < 300:
            return
        told = "" if known else ", with a body that is none of its own"
        raise RefusedError("STORAGE_REQUEST_FAIL", f"the storage answered status {status}{told}")
    message = re.search(r"<Message>([^<]*)</Message>", text)
    word = "SYS_ERR" if code[1] == "SignatureDoesNotMatch" else "STORAGE_REQUEST_FAIL"
    raise RefusedError(word, f"[{code[1]}]: {html.unescape(message[1]) if message else ''}")


class _Body:
    """A body in chunks: *head*, a file, *tail*.

    It can be gone through again, from where the file stood, unless that is a stream that has
    begun to flow.

    Attributes:
        size: how many bytes it has, or None where only the end will tell.
    """

    def __init__(self, head: bytes, content: FileContent, tail: bytes) -> None:
        self._head = head
        self._content: Any = content
        self._tail = tail
        self._start: int | None = 0
        self._begun = False
        size = self._measure()
        self.size = None if size is None else len(head) + size + len(tail)

    @property
    def rewinds(self) -> bool:
        """Whether it can be gone through again."""
        return self._start is not None

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._begun and self._start is None:
            raise TransportError("socket hang up")
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        again, self._begun = self._begun, True
        content = self._content
        if self._head:
            yield self._head
        if isinstance(content, (bytes, bytearray, memoryview)):
            data = bytes(content)
            for start in range(0, len(data), _CHUNK):
                yield data[start : start + _CHUNK]
        else:
            if again:
                content.seek(self._start)
            while chunk := await asyncio.to_thread(content.read, _CHUNK):
                yield chunk
        if self._tail:
            yield self._tail

    def _measure(self) -> int | None:
        content = self._content
        if isinstance(content, (bytes, bytearray, memoryview)):
            return memoryview(content).nbytes
        if isinstance(content, io.TextIOBase) or "b" not in str(getattr(content, "mode", "b")):
            raise ParameterError('fileContent is a file in text mode: open it with "rb"')
        try:
            start = content.tell()
            end = content.seek(0, os.SEEK_END)
            content.seek(start)
        except (AttributeError, OSError, ValueError):
            self._start = None
            return None
        self._start = start
        return max(0, end - start) if isinstance(end, int) else None


def _patience(settings: Settings) -> aiohttp.ClientTimeout:
    # No limit for the whole: a large file takes its time. A silence does not.
    return aiohttp.ClientTimeout(
        total=None, sock_connect=settings.connect_timeout, sock_read=settings.timeout
    )


def _encode_url(url: str, *, keep_escapes: bool) -> str:
    safe = _URL_CHARACTERS + ("%" if keep_escapes and _ESCAPE.search(url) else "")
    return quote(url, safe=safe, errors="replace")
