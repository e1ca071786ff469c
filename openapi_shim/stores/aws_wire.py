"""One signed request to AWS: sent, repeated where that is safe, its refusal put into words."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from openapi_shim.errors import AwsError
from openapi_shim.http_session import shared_session
from openapi_shim.protocol.sigv4 import AwsKeys, Scope, encoded_path, signed_headers
from openapi_shim.stores.aws_credentials import AwsCredentials

# Refusals that say "later".
_THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
# Their texts repeat what was sent, which may be licence data.
_ECHOING = {"InvalidParameterValue", "SerializationException", "ValidationException"}

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds
_CONNECT, _SILENCE = 2.0, 5.0  # seconds for a connection; seconds without a byte of the answer
_MAX_REFUSAL = 4 * 1024 * 1024  # bytes; DynamoDB's hold the row that was in the way
_MAX_TEXT = 300  # characters of AWS's explanation
_XML_CODE = re.compile(rb"<Code>([\w.-]{1,100})</Code>")
_XML_TEXT = re.compile(rb"<Message>([^<]{1,1000})</Message>")


@dataclass(frozen=True)
class AwsRequest:
    """One request before it is signed.

    Attributes:
        service: AWS's name for signing.
        operation: for messages, e.g. ``DynamoDB GetItem``.
        method: upper-case.
        base: scheme and host of the URL.
        host: host alone, with its port.
        path: not encoded.
        headers: to sign and send.
        body: sent and signed.
        limit: bytes the answer may have.
    """

    service: str
    operation: str
    method: str
    base: str
    host: str
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    limit: int = 0


class AwsWire:
    """Sends requests in the running loop's session.

    Args:
        environ: the platform's environment, with keys or where to ask for them.
        region: to sign for.
        patience: seconds one request may take, repeats and their pauses included.
        attempts: how often a request is sent at most.
    """

    def __init__(
        self, environ: Mapping[str, str], region: str, *, patience: float, attempts: int
    ) -> None:
        self._credentials = AwsCredentials(environ)
        self._region = region
        self._patience = patience
        self._attempts = attempts

    async def keys(self) -> AwsKeys:
        """Keys that are good now."""
        return await self._credentials.keys()

    def scope(self, service: str) -> Scope:
        """What a signature made now is good for."""
        return Scope(self._region, service, time.time())

    async def send(
        self, request: AwsRequest, *, repeatable: bool
    ) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of the answer, after as many attempts as it takes.

        Args:
            request: what to send.
            repeatable: whether it may be sent again where it is open if it was done.
        """
        _check(request)
        deadline = time.monotonic() + self._patience
        attempt = 1
        while True:
            try:
                return await self._send_once(request, deadline - time.monotonic())
            except AwsError as error:
                # Chance spreads the load of many that were refused at once.
                pause = random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))  # noqa: S311  # no secret
                over = attempt >= self._attempts or time.monotonic() + pause >= deadline
                if over or not _worth_repeating(error, repeatable=repeatable):
                    raise
            await asyncio.sleep(pause)
            attempt += 1

    async def _send_once(
        self, request: AwsRequest, seconds: float
    ) -> tuple[bytes, Mapping[str, str]]:
        session = await shared_session()
        try:
            headers = signed_headers(
                request.method,
                request.host,
                request.path,
                headers=request.headers,
                body=request.body,
                keys=await self.keys(),
                scope=self.scope(request.service),
            )
            async with session.request(
                request.method,
                URL(request.base + encoded_path(request.path), encoded=True),
                data=request.body,
                headers={**headers, "Accept-Encoding": "identity"},
                timeout=aiohttp.ClientTimeout(
                    total=seconds, sock_connect=_CONNECT, sock_read=_SILENCE
                ),
                allow_redirects=False,
            ) as response:
                if response.status >= 300:
                    raise _refusal(request, response.status, await _read(response, _MAX_REFUSAL))
                body = await _read(response, request.limit + 1)
                if len(body) > request.limit:
                    raise AwsError(
                        f"{request.operation} answered with more than {request.limit} bytes",
                        code="TooLarge",
                        status=response.status,
                    )
                return body, response.headers
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise AwsError(
                f"{request.operation}: no connection to {request.host}; is the network open and "
                "the region right?",
                undone=True,
            ) from error
        except asyncio.TimeoutError as error:
            raise AwsError(f"{request.operation}: {request.host} did not answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise AwsError(
                f"{request.operation}: the connection to {request.host} broke off"
            ) from error


def _check(request: AwsRequest) -> None:
    """Raise ``AwsError`` for what HTTP cannot carry, as a line break in a media type."""
    headers = "".join(request.headers.values())
    try:
        request.path.encode()
        good = headers.isascii() and headers.isprintable()
    except UnicodeEncodeError:
        good = False
    if not good:
        raise AwsError(
            f"{request.operation}: a key must be text that UTF-8 can hold, and a header "
            "printable ASCII",
            undone=True,
        )


def _worth_repeating(error: AwsError, *, repeatable: bool) -> bool:
    if error.code in _THROTTLED or error.status == 429 or (error.undone and not error.status):
        return True
    return repeatable and (error.status >= 500 or not error.status)


def _refusal(request: AwsRequest, status: int, body: bytes) -> AwsError:
    answer = json_members(body) or {}
    code = str(answer.get("__type", "")).rpartition("#")[2]
    text = str(answer.get("message") or answer.get("Message") or "")
    if not answer:  # S3 speaks XML
        code, text = (
            match[1].decode("utf-8", "replace") if match else ""
            for match in (_XML_CODE.search(body), _XML_TEXT.search(body))
        )
    told = f"{request.operation} was refused: {code or f'HTTP {status}'}"
    if text and code not in _ECHOING:
        told += f" ({text[:_MAX_TEXT]})"
    return AwsError(told, code=code, status=status, undone=status < 500, answer=answer)


def json_members(body: bytes) -> dict[str, Any] | None:
    """The members of a JSON object; None for anything else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The answer's body, or its first *limit* bytes."""
    parts, size = [], 0
    async for part in response.content.iter_chunked(64 * 1024):
        parts.append(part)
        size += len(part)
        if size >= limit:
            break
    return b"".join(parts)[:limit]
