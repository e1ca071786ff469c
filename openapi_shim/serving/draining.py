"""Ending without breaking off what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from openapi_shim.emulator.entrance import Handler


class Draining:
    """Counts requests under way that came from outside.

    Those of the process's own functions end with the request that runs the function.

    Args:
        outside: whether a request came from outside.
    """

    def __init__(self, outside: Callable[[web.Request], bool]) -> None:
        self._outside = outside
        self._under_way = 0
        self._ending = False
        self._idle = asyncio.Event()
        self._idle.set()

    def middleware(self) -> Middleware:
        """Counts; once :meth:`drained` is waited for, it also closes each connection."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._outside(request):
                return await handler(request)
            self._under_way += 1
            self._idle.clear()
            try:
                response = await handler(request)
                if self._ending and not response.prepared:
                    response.force_close()
                return response
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()

        return count

    async def drained(self, seconds: float) -> int:
        """Wait until nothing is under way, *seconds* at most; how many still were."""
        self._ending = True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except asyncio.TimeoutError:
            return self._under_way
        return 0
