"""``/_openapi_shim/…``: the emulator's own commands, by HTTP.

They change what the emulator does, so no page of a browser gets in, from wherever it comes, nor
anybody from another machine, nor who calls by another name than this machine's.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from openapi_shim.emulator.bodies import read_bytes
from openapi_shim.emulator.entrance import LOCAL_NAMES, check_host
from openapi_shim.emulator.journal import LOG, one_line
from openapi_shim.errors import ControlError, GatewayError, WeChatError
from openapi_shim.protocol.strict_json import parse

PREFIX = "/_openapi_shim"
JSON_LIMIT = 1024 * 1024  # bytes of a command's JSON
_BROWSER = ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode")

Command = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """One command: *method* and *path* below the prefix."""

    method: str
    path: str
    command: Command


def add_control(app: web.Application, routes: list[Route]) -> None:
    """Add commands to *app*, and an answer to all else under the prefix."""
    for route in routes:
        app.router.add_route(route.method, PREFIX + route.path, guarded(route.command))
    known = ", ".join(sorted({f"{route.method} {PREFIX}{route.path}" for route in routes}))

    async def unknown(request: web.Request) -> web.StreamResponse:
        raise ControlError(f"there is no {request.method} {request.path[:100]}; there are {known}")

    app.router.add_route("*", PREFIX + r"/{path:[\s\S]*}", guarded(unknown, status=404))


def guarded(command: Command, *, status: int = 400) -> Command:
    """*command* for those who may use it; its errors as ``{"error": …}``."""

    async def handle(request: web.Request) -> web.StreamResponse:
        reason = _why_refused(request)
        if reason:
            LOG.warning("403 to %s, because %s", one_line(request.path), one_line(reason))
            return answer({"error": reason}, status=403)
        try:
            return await command(request)
        except ControlError as error:
            return answer({"error": str(error)}, status=status)

    return handle


def answer(body: Mapping[str, object], *, status: int = 200) -> web.Response:
    """*body* as JSON."""
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return web.Response(text=text, status=status, content_type="application/json")


async def json_of(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; nothing counts as ``{}``.

    Raises:
        ControlError: it is none, or too large.
    """
    try:
        raw, cut = await read_bytes(request, JSON_LIMIT)
        value = {} if not raw.strip() else parse(raw)
    except (WeChatError, ValueError, RecursionError) as error:
        raise ControlError(f"the body is not JSON: {error}") from error
    if cut:
        raise ControlError(f"the body has more than {JSON_LIMIT} bytes")
    if not isinstance(value, dict):
        raise ControlError("the body is JSON, but not an object such as {}")
    return value


def _why_refused(request: web.Request) -> str:
    shown = next((name for name in _BROWSER if name in request.headers), "")
    if shown:
        return f"pages of a browser have no business here (header {shown})"
    try:
        check_host(request.headers.get("Host", ""), LOCAL_NAMES)
    except GatewayError as error:
        return error.reason
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer or not ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback:
        return "only this machine may use it"
    return ""
