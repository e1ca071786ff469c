"""The OpenAPI document by HTTP."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from openapi_shim.emulator.control.door import Route, answer
from openapi_shim.emulator.description.document import DOCUMENT_PATH, document


def document_routes(url: Callable[[], str], *, strict: bool) -> list[Route]:
    """``GET /openapi.json``; *url* is that of the emulator, which is strict or not."""

    async def show(_: web.Request) -> web.StreamResponse:
        return answer(document(url(), strict=strict))

    return [Route("GET", DOCUMENT_PATH, show)]
