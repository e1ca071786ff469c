"""One serving process: ``python -m openapi_shim.serving.process CHANNEL SOCKET…``.

Started by the supervisor, with the listening sockets that all processes share. It accepts only
once its weights are loaded; what comes before waits for it, or for another process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aiohttp import web

from openapi_shim.emulator.app import (
    ADDRESS,
    LOAD_NOW,
    LOADING,
    RECOGNITION,
    RUNNER,
    create_app,
)
from openapi_shim.emulator.server import Runner
from openapi_shim.errors import RecognitionError, ShimError, StoreError
from openapi_shim.ocr import Recognizer
from openapi_shim.serving.accounts import Accountant, keep_accounts
from openapi_shim.serving.channel import Telling, receive_settings
from openapi_shim.serving.cloudrun import FunctionPaths
from openapi_shim.serving.doors import MADE_ID, came_by, close_doors
from openapi_shim.serving.draining import Draining
from openapi_shim.serving.health import Health
from openapi_shim.serving.logs import RequestLog, log_as
from openapi_shim.serving.recognizing import Gauge, MeasuredRecognizer
from openapi_shim.serving.shared import shared_store
from openapi_shim.settings import LogForm, Settings
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.ocr import OPERATION
from openapi_shim.wechat.quota import Quota

if TYPE_CHECKING:
    from openapi_shim.serving.metrics import ProcessMetrics
    from openapi_shim.serving.tracing import Tracing

_LOG = logging.getLogger("openapi_shim.serving")
_HERE = "127.0.0.1"
_LAST = 1.0  # seconds for connections to close when nothing is under way any more


class ServingProcess:
    """The application, its sockets and its end.

    Args:
        settings: with the keys that functions sign with.
        telling: to the supervisor.
        admin: whether the gateway is open to clients who sign.
    """

    def __init__(self, settings: Settings, telling: Telling, *, admin: bool) -> None:
        self._settings = settings
        self._metrics = _metrics()
        self._tracing = _tracing(settings)
        self._ids = RandomIds()
        self._store = shared_store(settings)
        self._quota = Quota(self._store, settings.daily_quota, time.time)
        self.health = Health(self._store, telling.why_not)
        self._inside = 0
        gauges: list[Gauge] = [one for one in (self._metrics, self._tracing) if one is not None]
        self._recognizer = MeasuredRecognizer(
            Recognizer(threads=settings.ocr_threads, budget=settings.ocr_budget), gauges
        )
        self._app = create_app(
            settings, recognizer=self._recognizer, ids=self._ids, store=self._store
        )
        self._draining = Draining(lambda request: not came_by(request, self._inside))
        self._add_middlewares(admin=admin)
        self.health.add_to(self._app)
        if settings.cloudrun:
            FunctionPaths(self._app[RUNNER], self._ids).add_to(self._app)
        self._runner = Runner(self._app, shutdown_timeout=_LAST)
        self._sites: list[web.SockSite] = []

    def _add_middlewares(self, *, admin: bool) -> None:
        settings = self._settings
        accountants: list[Accountant] = [] if self._metrics is None else [self._metrics]
        if settings.log is LogForm.JSON:
            accountants.append(RequestLog())
        outer = [self._draining.middleware(), keep_accounts(accountants)]
        if self._tracing is not None:
            outer.append(self._tracing.middleware())
        if not settings.open_doors:
            outer.append(
                close_doors(
                    storage=settings.public_url is not None,
                    admin=admin,
                    inside=lambda: self._inside,
                    new_request_id=self._ids.request_id,
                )
            )
        self._app.middlewares[:0] = outer

    async def run(self, sockets: Sequence[socket.socket], stop: asyncio.Event) -> None:
        """Serve on *sockets*, which listen, until *stop*; then end in order.

        Raises:
            ShimError: the weights cannot be loaded.
        """
        await self._runner.setup()
        watching = asyncio.create_task(self.health.watch(self._measure))
        try:
            await self._open_inside()
            stopped = asyncio.create_task(stop.wait())
            loading = asyncio.create_task(self._load())
            await asyncio.wait((stopped, loading), return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                loading.result()
                await self._accept(sockets)
            await stopped
            await self._drain()
        finally:
            watching.cancel()
            await self._runner.cleanup()
            if self._tracing is not None:
                await asyncio.to_thread(self._tracing.close)

    async def _open_inside(self) -> None:
        """Open the port at which this process's functions call it: they hold its tokens."""
        inside = web.TCPSite(self._runner, _HERE, 0)
        await inside.start()
        self._inside = self._runner.addresses[0][1]
        url = f"http://{_HERE}:{self._inside}"
        self._app[RUNNER].serve_at(url)
        public = self._settings.public_url
        self._app[ADDRESS].url = url if public is None else str(public).rstrip("/")

    async def _load(self) -> None:
        self._app[LOAD_NOW].set()
        if await asyncio.shield(self._app[LOADING]) is None:
            raise RecognitionError(self._recognizer.fault)
        await self.health.loaded()

    async def _accept(self, sockets: Sequence[socket.socket]) -> None:
        hosts = [listening.getsockname()[0] for listening in sockets]
        if self._settings.open_doors and all(map(is_loopback, hosts)):
            self._app[ADDRESS].only_here(*hosts)
        for listening in sockets:
            site = web.SockSite(self._runner, listening)
            await site.start()
            self._sites.append(site)

    async def _drain(self) -> None:
        self.health.stopping()
        for site in self._sites:
            await site.stop()
        left = await self._draining.drained(self._settings.grace)
        if left:
            _LOG.warning(
                "%d requests were still under way after %g s and are broken off (--grace)",
                left,
                self._settings.grace,
            )

    async def _measure(self) -> None:
        if self._metrics is None:
            return
        used: int | None = None
        if self._settings.emulator_appid and not self.health.why_not:
            with contextlib.suppress(StoreError):
                used = await self._quota.used(self._settings.emulator_appid, OPERATION)
        pending = self._app[RECOGNITION].pending
        self._metrics.state(pending=pending, used=used, limit=self._settings.daily_quota)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches *host*, an IP address."""
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _metrics() -> ProcessMetrics | None:
    if find_spec("prometheus_client") is None:
        return None
    from openapi_shim.serving.metrics import ProcessMetrics  # noqa: PLC0415 - an extra

    return ProcessMetrics()


def _tracing(settings: Settings) -> Tracing | None:
    if settings.otlp_endpoint is None:
        return None
    from openapi_shim.serving.tracing import Tracing  # noqa: PLC0415 - an extra, off by default

    return Tracing(str(settings.otlp_endpoint))


async def _serve(settings: Settings, sockets: list[socket.socket], telling: Telling) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)

    async def orphaned() -> None:
        await telling.gone()
        stop.set()

    lonely = asyncio.create_task(orphaned())
    admin = settings.gateway_secret_id != MADE_ID
    await ServingProcess(settings, telling, admin=admin).run(sockets, stop)
    lonely.cancel()


def main(arguments: Sequence[str]) -> None:
    """Serve until told to stop."""
    channel, *listening = (socket.socket(fileno=int(number)) for number in arguments)
    try:
        settings = receive_settings(channel)
    except EOFError:
        sys.exit(1)
    log_as(settings.log)
    telling = Telling(channel)
    code = 0
    try:
        asyncio.run(_serve(settings, listening, telling))
    except ShimError as error:
        telling.why_not(str(error), fault=True)
        code = 1
    sys.stderr.flush()
    os._exit(code)  # a reading of a photo, or of the weights, would be waited for


if __name__ == "__main__":
    main(sys.argv[1:])
