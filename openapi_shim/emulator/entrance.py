"""Who is let in at all: pages of this machine, and clients that call it by a name of its own.

A page of the web could reach the emulator from the developer's browser: by a plain request, which
tells its ``Origin``, or under a name of its own that leads to this machine for a while (DNS
rebinding), which stands in ``Host``.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.gateway.answers import failed
from openapi_shim.emulator.gateway.cors import check_origin
from openapi_shim.emulator.gateway.visits import json_response
from openapi_shim.emulator.journal import REASON_HEADER, REQUESTS, header_value, note, one_line
from openapi_shim.emulator.proxy.hosts import WECHAT_HOSTS
from openapi_shim.errors import GatewayError

LOCAL_NAMES = frozenset(("localhost", "127.0.0.1", "[::1]"))
_HOST = re.compile(r"(\[[0-9a-f:.%]+\]|[^\[\]:@/\s]+)(?::\d{1,5})?")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Address:
    """Where the emulator is.

    Attributes:
        url: without a slash at its end; empty until it listens.
        host: the part of *url* that clients send as ``Host``.
        names: by which it may be called, lower case; empty where any will do, since others in the
            network may reach it.
    """

    url: str = ""
    host: str = ""
    names: frozenset[str] = frozenset()

    def only_here(self, *bound: str) -> None:
        """Only this machine reaches it, which has *bound* among its names.

        WeChat's names are good as well: clients have them that take it for their proxy, and
        nobody can lead them elsewhere.
        """
        self.host = self.url.partition("//")[2]
        listening = {f"[{name}]" if ":" in name else name.lower() for name in bound}
        self.names = LOCAL_NAMES | listening | set(WECHAT_HOSTS)


def doorkeeper(address: Address, new_request_id: Callable[[], str]) -> Middleware:
    """Lets requests in, or answers 403. It costs each of them two looks into its headers."""

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        host = headers.get("Host", "")
        if (address.names and host != address.host) or "Origin" in headers:
            try:
                if address.names:
                    check_host(host, address.names)
                check_origin(request)
            except GatewayError as error:
                return _refused(request, error, new_request_id())
        return await handler(request)

    return let_in


def check_host(host: str, names: frozenset[str]) -> None:
    """*host*, with or without a port, is to be one of *names*; none at all is good.

    Raises:
        GatewayError: INVALID_REQUEST_SOURCE, it is another one.
    """
    found = _HOST.fullmatch(host.lower())
    if host and (found is None or found[1] not in names):
        raise GatewayError(
            "INVALID_REQUEST_SOURCE",
            "Invalid request source",
            f"the emulator was called by the name {host[:80]}, and listens on this machine only: "
            f"call it by {', '.join(sorted(names - set(WECHAT_HOSTS)))}",
        )


def _refused(request: web.Request, error: GatewayError, request_id: str) -> web.Response:
    told = GatewayError(error.code, f"{error.message}: {error.reason}")
    response = json_response(failed(request_id, told), request_id, status=403)
    response.headers[REASON_HEADER] = header_value(error.reason)
    note(error.code, request_id, error.reason)
    REQUESTS.warning(
        "403 to %s %s because %s (request %s)",
        one_line(request.method),
        one_line(request.rel_url.raw_path),
        one_line(error.reason),
        request_id,
    )
    return response
