"""From an endpoint's answer, or its error, to the response: always WeChat's shape.

Why a call failed goes to the log and into a header, never into the answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from openapi_shim.emulator.journal import (
    LOG,
    REASON_HEADER,
    RID_HEADER,
    header_value,
    log_reason,
    log_request,
    note,
)
from openapi_shim.errors import InvocationError, StoreError, UpstreamError, WeChatError
from openapi_shim.wechat.answers import Answer, Answers

CONTENT_TYPE = "application/json; encoding=utf-8"
"""WeChat's own, spelling included."""


@dataclass
class Visit:
    """What the log needs to know of a request: *appid*, empty until it is known."""

    appid: str = ""


@dataclass(frozen=True)
class Passed:
    """A response that somebody else made, and *answer*, what the log needs to know of it."""

    response: web.Response
    answer: Answer


Result = Answer | Passed
Endpoint = Callable[[web.Request, Visit], Awaitable[Result]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def as_handler(endpoint: Endpoint, answers: Answers) -> Handler:
    """*endpoint* for aiohttp's router."""

    async def handle(request: web.Request) -> web.StreamResponse:
        begin = time.perf_counter()
        visit, status = Visit(), 200
        response: web.Response | None = None
        try:
            result = await endpoint(request, visit)
            if isinstance(result, Passed):
                answer, response = result.answer, result.response
            else:
                answer = result
        except UpstreamError as error:
            answer, status = answers.error(error), error.status
        except (WeChatError, InvocationError) as error:
            answer = answers.error(error)
        except StoreError as error:
            answer = answers.error(WeChatError(-1, str(error)))
        except Exception as error:  # noqa: BLE001 - one request's fault must not end the server
            reason = f"a fault in the emulator, {type(error).__name__}: its log has the traceback"
            answer = answers.error(WeChatError(-1, reason))
            LOG.exception("a fault in the emulator (rid %s)", answer.rid)
        seconds = time.perf_counter() - begin
        note(answer.errcode, answer.rid, answer.reason, appid=visit.appid, answer=answer.body)
        log_request(
            method=request.method,
            path=request.rel_url.raw_path,
            appid=visit.appid,
            errcode=answer.errcode,
            seconds=seconds,
            rid=answer.rid,
        )
        if answer.reason:
            log_reason(answer)
        return response or _response(answer, status)

    return handle


def _response(answer: Answer, status: int) -> web.Response:
    headers = {"Content-Type": CONTENT_TYPE, RID_HEADER: answer.rid}
    if answer.reason:
        headers[REASON_HEADER] = header_value(answer.reason)
    # Lone surrogates cannot be sent as UTF-8; a function's result never has them.
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(body=text.encode("utf-8", "replace"), headers=headers, status=status)
