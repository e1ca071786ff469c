"""The last requests by HTTP, with the reason for each that failed."""

from __future__ import annotations

from aiohttp import web

from openapi_shim.emulator.control.door import Route, answer
from openapi_shim.emulator.control.memory import Memory
from openapi_shim.errors import ControlError

_SHOWN = 20
_MOST = 1000


def request_routes(memory: Memory) -> list[Route]:
    """``GET /requests`` (``?limit=``), ``GET /requests/{rid}``, ``DELETE /requests``."""

    async def last(request: web.Request) -> web.StreamResponse:
        limit = request.query.get("limit", str(_SHOWN))
        if not limit.isdecimal() or not 1 <= int(limit) <= _MOST:
            raise ControlError(f"limit is a number between 1 and {_MOST}")
        found = memory.last(int(limit))
        return answer({"requests": [item.as_object() for item in found]})

    async def one(request: web.Request) -> web.StreamResponse:
        found = memory.find(request.match_info["rid"].lower())
        if found is None:
            raise ControlError(
                "no request of the last thousand has this id; the emulator forgets them when it "
                "ends"
            )
        return answer(found.as_object())

    async def clear(_: web.Request) -> web.StreamResponse:
        memory.clear()
        return answer({})

    return [
        Route("GET", "/requests", last),
        Route("GET", "/requests/{rid}", one),
        Route("DELETE", "/requests", clear),
    ]
