"""Cloud calls as calls of WeChat's HTTPS API, with an access token and careful repeats."""

from __future__ import annotations

import asyncio
import errno
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from openapi_shim.catalog.operations import Place, operation_named
from openapi_shim.catalog.wechat_codes import SYSTEM_BUSY, TOKEN_REFUSED
from openapi_shim.credentials.base import AccessToken, Credential
from openapi_shim.credentials.choose import choose_credential
from openapi_shim.errors import CredentialError, TransportError
from openapi_shim.settings import Settings
from openapi_shim.transports.base import Media, OpenApiCall, Reply
from openapi_shim.transports.encoding import encode_query, multipart, text_of
from openapi_shim.transports.session import shared_session

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.2  # seconds before the first repeat; doubled each time, with full jitter
_REPLY_LIMIT = 10_000_000  # bytes

# Faults of a connection that was never made: nothing can have arrived.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True)
class _Request:
    """One HTTPS request, ready to be sent any number of times.

    Attributes:
        repeatable: it may be sent again although it may have arrived.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Media] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    repeatable: bool = True


class HttpsTransport:
    """The transport to api.weixin.qq.com, or to whatever ``Settings.base_url`` names."""

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._settings = settings
        self._base = str(settings.base_url).rstrip("/")
        self._sleep = sleep
        self._jitter = jitter
        self._credential: Credential | None = None

    def supports(self, operation: str) -> bool:
        """Whether the catalog says how *operation* is called over HTTPS."""
        return operation_named(operation) is not None

    async def openapi(self, call: OpenApiCall) -> Reply:
        """Make the call; see ``Transport.openapi``.

        ``Settings.timeout`` bounds the whole: token, request and repeats.
        """
        limit = self._settings.timeout
        try:
            return await asyncio.wait_for(self._authorized(_request(call)), limit)
        except (asyncio.TimeoutError, TimeoutError) as error:
            raise TransportError(f"no answer within {limit:g} s", timeout=True) from error

    async def _authorized(self, request: _Request) -> Reply:
        credential = self._chosen_credential()
        token = await credential.token()
        reply = await self._send(request, token)
        if reply.errcode in TOKEN_REFUSED:
            _log.info("access token refused (%d), renewing it once", reply.errcode)
            renewed = await credential.renew(token)
            if renewed is not None:
                return await self._send(request, renewed)
        return reply

    def _chosen_credential(self) -> Credential:
        if self._credential is None:
            self._credential = choose_credential(self._settings, self._token_endpoint)
        return self._credential

    async def _token_endpoint(
        self, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        reply = await self._send(_Request(method, path, query or {}, body=body), None)
        try:
            answer = reply.document
        except (ValueError, RecursionError) as error:
            raise CredentialError(
                f"{self._base}{path} answered something other than JSON"
            ) from error
        if not isinstance(answer, dict):
            raise CredentialError(f"{self._base}{path} answered JSON that is no object")
        return answer

    async def _send(self, request: _Request, token: AccessToken | None) -> Reply:
        """Send, and repeat what did not arrive or met "system busy"."""
        pause = _FIRST_PAUSE
        repeats_left = self._settings.retries
        while True:
            last = repeats_left == 0
            try:
                reply = await self._attempt(request, token)
            except aiohttp.ClientError as error:
                unsent = isinstance(error, _NOT_SENT)
                if last or not (unsent or request.repeatable):
                    raise TransportError(_fault_text(error)) from error
                _log.info("%s: %s, repeating", request.path, _fault_text(error))
            else:
                if last or reply.errcode != SYSTEM_BUSY:
                    return reply
                _log.info("%s: errcode -1, repeating", request.path)
            repeats_left -= 1
            await self._sleep(self._jitter(0, pause))
            pause *= 2

    async def _attempt(self, request: _Request, token: AccessToken | None) -> Reply:
        query = dict(request.query)
        if token is not None:
            query[token.parameter] = token.value
        url = URL(f"{self._base}{request.path}?{encode_query(query)}", encoded=True)
        data = multipart(request.files) if request.files else None
        session = await shared_session()
        async with session.request(
            request.method,
            url,
            data=data,
            json=request.body,
            allow_redirects=False,  # a redirect would carry the token to another host
            timeout=aiohttp.ClientTimeout(
                total=self._settings.timeout, sock_connect=self._settings.connect_timeout
            ),
        ) as response:
            if response.status != 200:
                where = f"{self._base}{request.path}"
                raise TransportError(f"{response.status} {response.reason} | [{where}]")
            body = await _bounded(response.content)
            return Reply(response.headers.get("Content-Type", ""), body)


def _request(call: OpenApiCall) -> _Request:
    operation = operation_named(call.operation)
    if operation is None:
        raise LookupError(call.operation)  # the caller asks supports() first
    places = {parameter.name: parameter.place for parameter in operation.parameters}
    query: dict[str, str] = {}
    files: dict[str, Media] = {}
    for name, value in call.params.items():
        if isinstance(value, Media):
            files[name] = value
        elif places.get(name) is not Place.FILE:
            query[name] = text_of(value)
    return _Request("POST", operation.path, query, files, repeatable=not operation.charged)


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in stream.iter_any():
        body += chunk
        if len(body) > _REPLY_LIMIT:
            raise TransportError(f"the answer is larger than {_REPLY_LIMIT} bytes")
    return bytes(body)


def _fault_text(error: aiohttp.ClientError) -> str:
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
