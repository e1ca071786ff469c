"""One request at a door of the gateway: its log line, its errors, its response."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from openapi_shim.emulator.bodies import read_bytes
from openapi_shim.emulator.gateway.answers import body_failed, failed
from openapi_shim.emulator.journal import (
    LOG,
    REASON_HEADER,
    REQUESTS,
    header_value,
    note,
    one_line,
)
from openapi_shim.errors import GatewayError, WeChatError
from openapi_shim.protocol.strict_json import parse

REQUEST_ID_HEADER = "X-Request-Id"
JSON_TYPE = "application/json; charset=utf-8"
"""The exact Content-Type by which the server SDKs know JSON from protobuf."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Visit:
    """What the log and the response need to know of a request.

    Attributes:
        request_id: of this request.
        what: the action, or what else the log shows after the path.
        appid: who calls; empty until it is known.
        code: the platform's word for the outcome, or a number.
        reason: why it failed.
    """

    request_id: str
    what: str = ""
    appid: str = ""
    code: str = "SUCCESS"
    reason: str = ""


Door = Callable[[web.Request, Visit], Awaitable[web.Response]]
OnError = Callable[[GatewayError, Visit], web.Response]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def as_handler(door: Door, new_request_id: Callable[[], str], on_error: OnError) -> Handler:
    """*door* for aiohttp's router."""

    async def handle(request: web.Request) -> web.StreamResponse:
        begin = time.perf_counter()
        visit = Visit(new_request_id())
        try:
            response = await door(request, visit)
        except GatewayError as error:
            visit.code, visit.reason = error.code, error.reason
            response = on_error(error, visit)
        except Exception as error:  # noqa: BLE001 - one request's fault must not end the server
            visit.code = "SYS_ERR"
            visit.reason = f"a fault in the emulator, {type(error).__name__}: see its log"
            response = on_error(GatewayError("SYS_ERR", "internal exception"), visit)
            LOG.exception("a fault in the emulator (request %s)", visit.request_id)
        note(visit.code, visit.request_id, visit.reason)
        if REQUESTS.isEnabledFor(logging.INFO):
            _log(request, visit, time.perf_counter() - begin)
        if visit.reason:
            response.headers[REASON_HEADER] = header_value(visit.reason)
            REQUESTS.warning(
                "%s because %s (request %s)", visit.code, one_line(visit.reason), visit.request_id
            )
        return response

    return handle


def _log(request: web.Request, visit: Visit, seconds: float) -> None:
    REQUESTS.info(
        "%s %s %s appid=%s code=%s %d ms request=%s",
        one_line(request.method),
        one_line(request.rel_url.raw_path),
        one_line(visit.what) or "-",
        one_line(visit.appid) or "-",
        visit.code,
        round(seconds * 1000),
        visit.request_id,
    )


def shown(fields: Mapping[str, object]) -> str:
    """What *fields* ask for, for the log: the action, and the function or API it is about."""
    words = (fields.get(name) for name in ("action", "function_name", "apiName"))
    return " ".join(word for word in words if isinstance(word, str))


async def read_body(request: web.Request, limit: int) -> bytes:
    """The whole body.

    Raises:
        GatewayError: EXCEED_REQUEST_SIZE_LIMIT it has more than *limit* bytes; INVALID_PARAM it
            did not come whole.
    """
    try:
        raw, cut = await read_bytes(request, limit)
    except WeChatError as error:
        raise body_failed(error) from error
    if cut:
        raise GatewayError(
            "EXCEED_REQUEST_SIZE_LIMIT",
            "request size exceeds the limit",
            f"the body has more than {limit} bytes",
        )
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """*raw* as a JSON object.

    Raises:
        GatewayError: INVALID_PARAM it is none.
    """
    try:
        value = parse(raw)
    except (ValueError, RecursionError) as error:
        raise GatewayError("INVALID_PARAM", "the body is not JSON", str(error)) from error
    if not isinstance(value, dict):
        raise GatewayError("INVALID_PARAM", "the body is JSON, but not an object")
    return value


def json_response(body: object, request_id: str, *, status: int = 200) -> web.Response:
    """*body* as JSON."""
    return text_response(_encode(body), request_id, status=status)


def text_response(text: str, request_id: str, *, status: int = 200) -> web.Response:
    """*text*, which is JSON already."""
    return web.Response(
        body=text.encode("utf-8", "replace"),
        status=status,
        headers={"Content-Type": JSON_TYPE, REQUEST_ID_HEADER: request_id},
    )


def envelope(error: GatewayError, visit: Visit) -> web.Response:
    """The error in its envelope, with HTTP status 200, as ``/admin`` and ``/web`` have it."""
    return json_response(failed(visit.request_id, error), visit.request_id)
