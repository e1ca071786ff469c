"""Functions by path, for callers whom WeChat CloudRun names in headers.

``wx.cloud.callContainer`` and the platform's gateway put who calls into ``X-WX-*`` headers; on
any other network everybody could write them, so they count only where a setting says that the
platform stands before the server, and that the service's public access is closed there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from openapi_shim.emulator.bodies import EVENT_LIMIT, read_bytes
from openapi_shim.emulator.entrance import Handler
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.emulator.journal import LOG, REASON_HEADER, header_value, note
from openapi_shim.errors import InvocationError, WeChatError
from openapi_shim.protocol.strict_json import parse
from openapi_shim.wechat.answers import (
    FUNCTION_TIMED_OUT,
    NO_SUCH_FUNCTION,
    TOO_MANY_CALLS,
    Answers,
)
from openapi_shim.wechat.ids import Ids
from openapi_shim.wechat.tcb import Invocation

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SOURCE = re.compile(r"[a-z_]{1,32}(,[a-z_]{1,32}){0,7}")
_TOLD = {"OPENID": _ID, "APPID": _ID, "UNIONID": _ID, "ENV": _ID, "SOURCE": _SOURCE}
_TAKEN = frozenset({"admin", "web", "readyz", "livez"})
_STATUS = {NO_SUCH_FUNCTION: 404, TOO_MANY_CALLS: 429, FUNCTION_TIMED_OUT: 504}
_NOT_WECHAT = 48001


@dataclass(frozen=True)
class Identity:
    """Who calls, as the platform says."""

    openid: str
    appid: str
    unionid: str
    env: str
    source: str


class FunctionPaths:
    """Answers ``POST /NAME`` with the result of the function NAME.

    Args:
        functions: runs them.
        ids: of requests.
    """

    def __init__(self, functions: ProcessRunner, ids: Ids) -> None:
        self._functions = functions
        self._ids = ids
        self._answers = Answers(ids)

    def add_to(self, app: web.Application) -> None:
        """Add a route for each function there is now."""
        for name in self._functions.names():
            if name in _TAKEN:
                LOG.warning("/%s is a path of the server's own: that function has none", name)
            else:
                app.router.add_route("*", f"/{name}", self._handler(name))

    def _handler(self, name: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            rid = self._ids.rid()
            try:
                result = await self._run(name, request)
            except InvocationError as error:
                return self._failed(error, _STATUS.get(error.errcode, 500))
            except WeChatError as error:
                return self._failed(error, 403 if error.errcode == _NOT_WECHAT else 400)
            note(0, rid)
            return web.Response(
                body=result.encode("utf-8", "replace"), content_type="application/json"
            )

        return handle

    async def _run(self, name: str, request: web.Request) -> str:
        if request.method != "POST":
            raise WeChatError(43002, f"the method is {request.method}; call /{name} with POST")
        who = identity(request)
        body, cut = await read_bytes(request, EVENT_LIMIT)
        if cut:
            raise WeChatError(40097, f"the event has more than {EVENT_LIMIT} bytes (6 MB)")
        return await self._functions.invoke(
            Invocation(
                name,
                _event(body),
                env=who.env,
                appid=who.appid,
                source=who.source,
                openid=who.openid,
                unionid=who.unionid,
            )
        )

    def _failed(self, error: InvocationError | WeChatError, status: int) -> web.Response:
        answer = self._answers.error(error)
        note(answer.errcode, answer.rid, answer.reason)
        response = web.json_response(dict(answer.body), status=status)
        response.headers[REASON_HEADER] = header_value(answer.reason)
        return response


def identity(request: web.Request) -> Identity:
    """Who calls, by the platform's headers.

    Raises:
        WeChatError: 48001 the call did not come through WeChat, or a header is malformed or there
            twice.
    """
    headers = {name: request.headers.getall(f"X-WX-{name}", [""]) for name in _TOLD}
    given = {name: values[0] for name, values in headers.items()}
    if not given["SOURCE"]:
        raise WeChatError(
            _NOT_WECHAT,
            "the request has no X-WX-SOURCE, so it came past WeChat: call it by "
            "wx.cloud.callContainer, and close the service's public access",
        )
    for name, values in headers.items():
        if len(values) > 1:  # one of them may be the caller's own
            raise WeChatError(_NOT_WECHAT, f"X-WX-{name} is there {len(values)} times")
        if values[0] and not _TOLD[name].fullmatch(values[0]):
            raise WeChatError(_NOT_WECHAT, f"X-WX-{name} is malformed")
    return Identity(
        given["OPENID"], given["APPID"], given["UNIONID"], given["ENV"], given["SOURCE"]
    )


def _event(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig").strip() or "{}"
        value = parse(text)
    except (ValueError, RecursionError) as error:
        raise WeChatError(47001, "the body is not JSON: it is the function's event") from error
    if not isinstance(value, dict):
        raise WeChatError(47001, "the body is JSON, but not an object such as {}")
    return text
