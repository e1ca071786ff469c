"""The supervising side: sockets, processes, and the port for health and metrics."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aiohttp import web

from openapi_shim.emulator.server import cannot_listen
from openapi_shim.errors import ConfigError
from openapi_shim.serving.capacity import Capacity
from openapi_shim.serving.doors import check_keys, closed_settings
from openapi_shim.serving.health import LIVE_PATH, READY_PATH, health_response
from openapi_shim.serving.run_folder import RunFolder
from openapi_shim.serving.shared import check_store
from openapi_shim.serving.supervisor import Supervisor
from openapi_shim.settings import Settings

if TYPE_CHECKING:
    from openapi_shim.serving.metrics import ServerMetrics

_BACKLOG = 512
METRICS_PATH = "/metrics"
_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Serving:
    """A server of one's own.

    Args:
        settings: as loaded.
        capacity: how many processes, and threads each.

    Raises:
        ConfigError: keys are missing, an extra is not installed, or a port cannot be had.
    """

    def __init__(self, settings: Settings, capacity: Capacity) -> None:
        check_keys(settings)
        check_store(settings, capacity.processes)
        if settings.otlp_endpoint is not None and not _installed("opentelemetry.sdk"):
            raise ConfigError(
                "OPENAPI_SHIM_OTLP_ENDPOINT is set, and opentelemetry-sdk with "
                "opentelemetry-exporter-otlp-proto-http is not installed: install both, or the "
                "extra tracing"
            )
        self.settings = closed_settings(settings).model_copy(
            update={"ocr_threads": capacity.threads}
        )
        self.capacity = capacity
        self._sockets = listen(settings.host, settings.port)
        try:
            self._admin = listen(settings.admin_host, settings.admin_port, flag="--admin-port")
        except ConfigError:
            self._close_sockets(self._sockets)
            raise
        self._folder = _run_folder(settings) if _installed("prometheus_client") else None
        self._metrics = _server_metrics(self._folder)
        self._supervisor = self._make_supervisor()

    @property
    def port(self) -> int:
        """That it listens on."""
        port: int = self._sockets[0].getsockname()[1]
        return port

    @property
    def admin_port(self) -> int:
        """That health and metrics are on."""
        port: int = self._admin[0].getsockname()[1]
        return port

    @property
    def has_metrics(self) -> bool:
        """Whether prometheus_client is there."""
        return self._metrics is not None

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT.

        Args:
            on_ready: called once all processes serve.

        Raises:
            ServingError: the processes keep ending before they are ready.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end, stop, number)
        admin = await self._open_admin()
        telling = asyncio.create_task(self._tell_ready(on_ready))
        try:
            await self._supervisor.run(stop)
        finally:
            telling.cancel()
            await admin.cleanup()
            self._close_sockets(self._sockets)
            if self._folder is not None:
                self._folder.remove()

    def _end(self, stop: asyncio.Event, number: int) -> None:
        """End in order; asked a second time, at once."""
        if stop.is_set():
            self._supervisor.kill()
            os._exit(128 + number)
        self._close_sockets(self._sockets)  # or clients would wait where nobody accepts any more
        stop.set()

    async def _tell_ready(self, on_ready: Callable[[], None]) -> None:
        await self._supervisor.all_ready.wait()
        on_ready()

    def _make_supervisor(self) -> Supervisor:
        environ = dict(os.environ)
        metrics = self._metrics
        if metrics is None or self._folder is None:
            return Supervisor(
                self.settings, self.capacity.processes, self._sockets, environ=environ
            )
        return Supervisor(
            self.settings,
            self.capacity.processes,
            self._sockets,
            environ=environ | {_METRICS_VARIABLE: str(self._folder.path)},
            on_end=metrics.ended,
            on_restart=metrics.restarted,
        )

    async def _open_admin(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get(LIVE_PATH, self._live)
        app.router.add_get(READY_PATH, self._ready)
        app.router.add_get(METRICS_PATH, self._show_metrics)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        for listening in self._admin:
            await web.SockSite(runner, listening).start()
        return runner

    async def _live(self, _: web.Request) -> web.Response:
        return health_response("")

    async def _ready(self, _: web.Request) -> web.Response:
        return health_response(self._supervisor.why_not())

    async def _show_metrics(self, _: web.Request) -> web.Response:
        if self._metrics is None:
            text = "prometheus-client is not installed: install it, or the extra metrics\n"
            return web.Response(status=501, text=text)
        body = await asyncio.to_thread(self._metrics.text, self._supervisor.ready())
        return web.Response(body=body, headers={"Content-Type": self._metrics.content_type})

    @staticmethod
    def _close_sockets(sockets: list[socket.socket]) -> None:
        for listening in sockets:
            listening.close()


def listen(host: str, port: int, *, flag: str = "--port") -> list[socket.socket]:
    """Sockets that listen on *port* at all addresses of *host*; port 0 takes a free one.

    Raises:
        ConfigError: one cannot be had; the text says which and what to do.
    """
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in dict.fromkeys(found):
            one = socket.create_server(
                (address[0], sockets[0].getsockname()[1] if sockets else port),
                family=family,
                backlog=_BACKLOG,
            )
            one.setblocking(False)
            sockets.append(one)
    except OSError as error:
        for one in sockets:
            one.close()
        raise ConfigError(cannot_listen(host, port, error).replace("--port", flag)) from error
    return sockets


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package it would be in
        return False


def _run_folder(settings: Settings) -> RunFolder:
    """A folder of this run's own for the processes' numbers, beside what else is kept.

    Raises:
        ConfigError: it cannot be made.
    """
    try:
        return RunFolder(settings.state_dir)
    except OSError as error:
        raise ConfigError(
            f"nothing can be written to {settings.state_dir}: {error.strerror or error}; let "
            "OPENAPI_SHIM_STATE_DIR name a folder that this user may write to"
        ) from error


def _server_metrics(folder: RunFolder | None) -> ServerMetrics | None:
    if folder is None:
        return None
    from openapi_shim.serving.metrics import ServerMetrics  # noqa: PLC0415 - an extra

    return ServerMetrics(folder.path)
