"""A port with TLS, on demand: ``POST /tls`` answers ``{"port": …, "certificate": "…"}``."""

from __future__ import annotations

from aiohttp import web

from openapi_shim.emulator.control.door import Route, answer
from openapi_shim.emulator.proxy.authority import Authority
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.errors import ConfigError, ControlError


def tls_routes(authority: Authority, server: EmulatorServer) -> list[Route]:
    """``POST /tls``: clients that are led to the port by WeChat's names find them there."""

    async def listen(_: web.Request) -> web.StreamResponse:
        try:
            port = await server.listen_tls(authority.server_context())
        except ConfigError as error:
            raise ControlError(str(error)) from error
        return answer({"port": port, "certificate": str(authority.certificate.resolve())})

    return [Route("POST", "/tls", listen)]
