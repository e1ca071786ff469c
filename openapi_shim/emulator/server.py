"""The emulator on a port: started, reached by URL, stopped."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import ssl
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from openapi_shim.emulator.app import ADDRESS, LOAD_NOW, LOADING, RUNNER
from openapi_shim.emulator.journal import BrokenRequestFilter, broken_request
from openapi_shim.emulator.proxy.connect import Proxy
from openapi_shim.errors import ConfigError

_LOG = logging.getLogger("openapi_shim.emulator.http")
_LOG.addFilter(BrokenRequestFilter())
_GRACE = 1.0  # seconds requests under way may take to end when the emulator stops


_OPTIONS: dict[str, Any] = {
    "access_log": None,  # the journal writes its own
    "logger": _LOG,
    "max_line_size": 64 * 1024,  # an endpoint can say what is wrong with so long a URL
}


class _Handler(web.RequestHandler):
    """A connection that shows nothing of a broken request: an access token may be in it."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that cannot be served."""
        if isinstance(exc, HttpProcessingError):
            message = broken_request(exc)
        return super().handle_error(request, status, exc, message)


class _Server(web.Server):
    proxy: Proxy | None = None

    def __call__(self) -> Any:
        return self.proxy.connection(self._handler) if self.proxy else self._handler()

    def _handler(self) -> _Handler:
        return _Handler(self, loop=asyncio.get_running_loop(), **_OPTIONS)


class Runner(web.AppRunner):
    """Serves an application over such connections.

    Args:
        app: to serve.
        proxy: answers those who take the server for a proxy; None: nobody does.
        shutdown_timeout: seconds requests under way may take to end.
    """

    def __init__(
        self, app: web.Application, *, proxy: Proxy | None = None, shutdown_timeout: float = 60.0
    ) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout)
        self._proxy = proxy

    async def _make_server(self) -> _Server:
        made = await super()._make_server()
        server = _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=True,
            **_OPTIONS,
        )
        server.proxy = self._proxy
        return server


class EmulatorServer:
    """One emulator on one port.

    Args:
        app: made by ``create_app``.
        host: address to listen on.
        port: to listen on; 0 takes a free one.
        proxy: answers clients that take it for their proxy; None refuses them.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        proxy: Proxy | None = None,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._proxy = proxy
        self._runner = Runner(self._app, proxy=proxy, shutdown_timeout=_GRACE)
        self._tls: web.TCPSite | None = None
        self.url = ""

    async def start(self) -> str:
        """Listen, and answer the URL.

        Raises:
            ConfigError: the address cannot be listened on; the text says which and what to do.
        """
        host, port = self._host, self._port
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(cannot_listen(host, port, error)) from error
        bound: int = self._runner.addresses[0][1]
        self.url = f"http://{_reachable(host)}:{bound}"
        self._app[ADDRESS].url = self.url
        if self.local:
            self._app[ADDRESS].only_here(host, *(bound[0] for bound in self._runner.addresses))
        self._app[RUNNER].serve_at(self.url)
        return self.url

    async def listen_tls(self, context: ssl.SSLContext) -> int:
        """Listen with TLS as well, on a free port, for clients that are led here by name.

        Args:
            context: with the server's certificate.

        Returns:
            the port; the same one however often it is asked for.
        """
        if self._tls is None:
            self._tls = web.TCPSite(self._runner, self._host, 0, ssl_context=context)
            await self._tls.start()
        return self._tls.port

    async def weights_loaded(self, *, now: bool = False) -> float | None:
        """Wait for the recognizer's weights; seconds their loading took, None if it failed.

        Args:
            now: load them at once, not only after the first calls.
        """
        if now:
            self._app[LOAD_NOW].set()
        return await asyncio.shield(self._app[LOADING])

    @property
    def app(self) -> web.Application:
        """What it serves."""
        return self._app

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the emulator."""
        addresses = [ipaddress.ip_address(bound[0]) for bound in self._runner.addresses]
        return all(address.is_loopback for address in addresses)

    def functions(self) -> list[str]:
        """Names of the functions found."""
        return self._app[RUNNER].names()

    async def stop(self) -> None:
        """Stop listening, end what is under way, and every function's process."""
        if self._proxy is not None:
            await self._proxy.close()
        await self._runner.cleanup()


def _reachable(host: str) -> str:
    """The address under which this machine reaches what listens on *host*, for a URL."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return str(address) if address.version == 4 else f"[{address}]"


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Why *host* and *port* cannot be listened on, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken: stop what listens there, or choose another with "
            "--port (0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user: choose one above 1023 with --port"
    return f"cannot listen on {host}, port {port}: {error.strerror or error}"
