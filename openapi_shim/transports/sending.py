"""HTTP requests of the transports: bounded answers, faults in words, and careful repeats."""

from __future__ import annotations

import asyncio
import errno
import io
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from openapi_shim.errors import TransportError
from openapi_shim.http_session import shared_session
from openapi_shim.settings import Settings

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.2  # seconds before the first repeat; doubled each time, with full jitter
_LARGE = 1024 * 1024  # bytes of a body
_REPLY_LIMIT = 10_000_000  # bytes

# Faults of a connection that was never made: nothing can have arrived.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

Sleep = Callable[[float], Awaitable[None]]
Jitter = Callable[[float, float], float]


@dataclass(frozen=True)
class HttpRequest:
    """One request, ready to be sent any number of times.

    Attributes:
        url: percent-encoded; never shown, since it may hold a token.
        place: what a fault calls it: the URL without its query.
        data: makes the body, anew for each attempt.
        repeatable: it may be sent again although it may have arrived.
        proxy: URL of an HTTP proxy to go through.
        timeout: seconds one attempt may take; None for the one of the settings.
    """

    method: str
    url: str = field(repr=False)
    place: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    data: Callable[[], Any] | None = field(default=None, repr=False)
    repeatable: bool = False
    proxy: str | None = field(default=None, repr=False)
    timeout: float | None = None


@dataclass(frozen=True)
class HttpReply:
    """An answer of whatever status."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Sender:
    """Sends requests, and repeats those of which that is known to do no harm."""

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Sleep = asyncio.sleep,
        jitter: Jitter = random.uniform,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._jitter = jitter

    async def send(
        self, request: HttpRequest, *, busy: Callable[[HttpReply], bool] | None = None
    ) -> HttpReply:
        """Send *request*; repeat it when it did not arrive, or when the answer is *busy*.

        Raises:
            TransportError: it did not arrive, or no answer came back.
        """
        pause = _FIRST_PAUSE
        repeats_left = self._settings.retries
        while True:
            last = repeats_left == 0
            try:
                reply = await self._attempt(request)
            except aiohttp.ClientError as error:
                unsent = isinstance(error, _NOT_SENT)
                if last or not (unsent or request.repeatable):
                    raise TransportError(fault_text(error), sent=not unsent) from error
                _log.info("%s: %s, repeating", request.place, fault_text(error))
            else:
                if last or busy is None or not busy(reply):
                    return reply
                _log.info("%s: busy, repeating", request.place)
            repeats_left -= 1
            await self._sleep(self._jitter(0, pause))
            pause *= 2

    async def _attempt(self, request: HttpRequest) -> HttpReply:
        session = await shared_session()
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            data=_body(request),
            headers=request.headers,
            proxy=request.proxy,
            allow_redirects=False,  # a redirect would carry the token to another host
            timeout=aiohttp.ClientTimeout(
                total=request.timeout or self._settings.timeout,
                sock_connect=self._settings.connect_timeout,
            ),
        ) as response:
            body = await bounded(response.content)
            return HttpReply(response.status, response.reason or "", response.headers, body)


def _body(request: HttpRequest) -> Any:
    """The body; a large one as a file, since aiohttp sends bytes at a stroke and warns of it.

    Not where aiohttp repeats the request by itself: it would go on where the file ends.
    """
    body = request.data() if request.data else None
    if request.method == "POST" and isinstance(body, bytes) and len(body) > _LARGE:
        return io.BytesIO(body)
    return body


async def within(seconds: float, work: Awaitable[Any], words: str) -> Any:
    """What *work* gives, within *seconds*.

    Raises:
        TransportError: time ran out; its text is *words*.
    """
    try:
        return await asyncio.wait_for(work, seconds)
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise TransportError(words, timeout=True) from error


async def bounded(stream: aiohttp.StreamReader) -> bytes:
    """All of *stream*, unless it is far larger than any answer."""
    body = bytearray()
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > _REPLY_LIMIT:
            raise TransportError(f"the answer is larger than {_REPLY_LIMIT} bytes")
    return bytes(body)


def fault_text(error: aiohttp.ClientError) -> str:
    """A fault as Node's SDK words it where there is such a wording; never with the query."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"getaddrinfo ENOTFOUND {error.host}"
    if isinstance(error, aiohttp.ClientConnectorError):
        name = errno.errorcode.get(error.os_error.errno or 0, type(error.os_error).__name__)
        return f"connect {name} {error.host}:{error.port}"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "connect ETIMEDOUT"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "socket hang up"
    return type(error).__name__
