"""Whether a process can serve: its weights are loaded and the store answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import Store

READY_PATH, LIVE_PATH = "/readyz", "/livez"
"""On no path of WeChat's API, all of which have a folder."""

_ROUND = 1.0  # seconds between two looks
_PATIENCE = 3.0  # seconds the store has to answer
_KEY = "serving/readiness"


class Health:
    """Looks after one process.

    Args:
        store: asked at every look.
        changed: told when the reason why not to serve changes; empty: it serves.
    """

    def __init__(self, store: Store, changed: Callable[[str], None]) -> None:
        self._store = store
        self._changed = changed
        self._loaded = False
        self._why = "the weights are being loaded"

    @property
    def why_not(self) -> str:
        """Why it does not serve; empty when it does."""
        return self._why

    async def loaded(self) -> None:
        """The weights are there."""
        self._loaded = True
        await self.look()

    async def look(self) -> None:
        """Ask the store, and tell what has changed."""
        if not self._loaded:
            return
        try:
            await asyncio.wait_for(self._store.get(_KEY), _PATIENCE)
            self._say("")
        except asyncio.TimeoutError:
            self._say(f"the store has not answered for {_PATIENCE:g} s")
        except StoreError as error:
            self._say(f"the store does not answer: {error}")

    def stopping(self) -> None:
        """It is told to end."""
        self._loaded = False
        self._say("it is stopping")

    def _say(self, why: str) -> None:
        if why != self._why:
            self._why = why
            self._changed(why)

    async def watch(self, also: Callable[[], Awaitable[None]]) -> None:
        """Look again and again; *also* is called each time."""
        while True:
            await asyncio.sleep(_ROUND)
            await self.look()
            await also()

    def add_to(self, app: web.Application) -> None:
        """Answer health on the application's own port, for platforms with one port."""

        async def ready(_: web.Request) -> web.Response:
            # Anybody may ask here: where the store is, is the operator's business.
            return health_response(self._why and "not ready; the log and --admin-port tell why")

        async def live(_: web.Request) -> web.Response:
            return health_response("")

        app.router.add_get(READY_PATH, ready)
        app.router.add_get(LIVE_PATH, live)


def health_response(why_not: str) -> web.Response:
    """200 ``ok``, or 503 with the reason."""
    return web.Response(
        status=503 if why_not else 200,
        text=f"{why_not or 'ok'}\n",
        headers={"Cache-Control": "no-store"},
    )
