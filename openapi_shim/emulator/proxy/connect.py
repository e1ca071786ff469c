"""CONNECT: a connection becomes a tunnel, for WeChat's hosts to the emulator itself.

What comes first on a connection tells a proxy's client from any other; the rest of the emulator
sees plain requests either way.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from collections.abc import Callable
from typing import Any

from openapi_shim.emulator.journal import LOG, one_line
from openapi_shim.emulator.proxy.hosts import WECHAT_HOSTS
from openapi_shim.errors import ConfigError

_METHOD = b"CONNECT "
_HEAD_LIMIT = 8192  # bytes of a request line and its headers
_FIRST_BYTES = 30.0  # seconds until they have to be there
_HANDSHAKE = 10.0  # seconds for TLS, and to reach another host
_TARGET = re.compile(rb"CONNECT (\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):(\d{1,5}) HTTP/1\.[01]")
_PIECE = 64 * 1024

MakeHandler = Callable[[], asyncio.Protocol]


class Proxy:
    """What the connections of one server share.

    Args:
        context: TLS for WeChat's hosts; asked for at the first tunnel.
        others: whether connections to other hosts are passed on, or refused.
    """

    def __init__(self, context: Callable[[], ssl.SSLContext], *, others: bool = False) -> None:
        self._context = context
        self._others = others
        self._open: set[asyncio.BaseTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection(self, make_handler: MakeHandler) -> asyncio.Protocol:
        """A protocol for a new connection.

        Args:
            make_handler: makes what serves HTTP, once a connection turns out to speak it.
        """
        return _FirstBytes(self, make_handler)

    async def close(self) -> None:
        """End every connection that is not served as HTTP."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in tuple(self._open):
            transport.close()

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Remember a connection until it is known what it is."""
        self._open.add(transport)

    def left(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection: it has ended, or somebody else serves it."""
        self._open.discard(transport)

    def tunnel(self, transport: asyncio.Transport, head: bytes, make_handler: MakeHandler) -> None:
        """Answer the CONNECT in *head*."""
        task = asyncio.get_running_loop().create_task(self._tunnel(transport, head, make_handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tunnel(
        self, transport: asyncio.Transport, head: bytes, make_handler: MakeHandler
    ) -> None:
        try:
            found = _TARGET.fullmatch(head.partition(b"\r\n")[0])
            if found is None:
                _refuse(transport, 400, "CONNECT wants HOST:PORT, as api.weixin.qq.com:443")
                return
            host, port = found[1].decode("ascii").lower(), int(found[2])
            if host in WECHAT_HOSTS:
                await self._answer_here(transport, make_handler)
            elif self._others and _from_here(transport):
                await _pass_on(transport, host.strip("[]"), port)
            else:
                _refuse(
                    transport,
                    403,
                    f"{host} is no host of WeChat's: put it into NO_PROXY, or let the emulator "
                    "pass it on with OPENAPI_SHIM_PROXY_OTHERS=pass",
                )
        finally:
            self.left(transport)

    async def _answer_here(self, transport: asyncio.Transport, make_handler: MakeHandler) -> None:
        try:
            context = self._context()
        except ConfigError as error:
            LOG.warning("a proxy's client was refused because %s", error)
            _refuse(transport, 500, str(error))
            return
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        handler = make_handler()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                handler,
                context,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE,
            )
        except (OSError, asyncio.CancelledError) as error:
            transport.abort()
            LOG.warning("a proxy's client did not come to TLS: %s", _why_no_tls(error))
            return
        if secured is not None:
            handler.connection_made(secured)


class _FirstBytes(asyncio.Protocol):
    """Waits for what a connection begins with."""

    def __init__(self, proxy: Proxy, make_handler: MakeHandler) -> None:
        self._proxy = proxy
        self._make_handler = make_handler
        self._seen = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give it a while to say what it is."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a server's always is one
        self._transport = transport
        self._proxy.opened(transport)
        self._timer = asyncio.get_running_loop().call_later(_FIRST_BYTES, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """It went before it had said enough."""
        del exc
        self._settled()

    def data_received(self, data: bytes) -> None:
        """Look at what it says so far."""
        self._seen += data
        transport = self._transport
        assert transport is not None  # noqa: S101 - the connection was made
        if not self._seen.startswith(_METHOD[: len(self._seen)]):
            self._settled()
            handler = self._make_handler()
            transport.set_protocol(handler)
            handler.connection_made(transport)
            handler.data_received(self._seen)
        elif b"\r\n\r\n" in self._seen:
            self._stop_timer()
            transport.pause_reading()  # what follows belongs to the tunnel
            self._proxy.tunnel(transport, self._seen, self._make_handler)
        elif len(self._seen) > _HEAD_LIMIT:
            _refuse(transport, 431, f"the head has more than {_HEAD_LIMIT} bytes")

    def _settled(self) -> None:
        self._stop_timer()
        if self._transport is not None:
            self._proxy.left(self._transport)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _refuse(transport: asyncio.Transport, status: int, text: str) -> None:
    LOG.warning("%d to a proxy's client, because %s", status, one_line(text))
    body = f"openapi-shim: {text}\n".encode()
    transport.write(
        f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    transport.close()


def _from_here(transport: asyncio.Transport) -> bool:
    """Whether the client is on this machine: for others in the network we are no way out."""
    peer = transport.get_extra_info("peername")
    return bool(peer) and ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback


def _why_no_tls(error: BaseException) -> str:
    text = str(error)
    if "alert unknown ca" in text or "certificate unknown" in text:
        return "it does not trust the local authority; `openapi-shim ca` shows how it can"
    return f"{type(error).__name__} {text}".strip()


async def _pass_on(transport: asyncio.Transport, host: str, port: int) -> None:
    """Pass bytes to and from another host, until both have ended."""
    try:
        there = await asyncio.wait_for(
            asyncio.open_connection(host, port, limit=_PIECE), _HANDSHAKE
        )
    except (OSError, asyncio.TimeoutError) as error:
        told = str(error) or f"no answer within {_HANDSHAKE:g} s"
        _refuse(transport, 502, f"{host}:{port} cannot be reached: {told}")
        return
    here = _streams(transport)
    transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    transport.resume_reading()
    try:
        await asyncio.gather(_pump(here[0], there[1]), _pump(there[0], here[1]))
    finally:
        for writer in (here[1], there[1]):
            writer.close()


def _streams(transport: asyncio.Transport) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_PIECE, loop=loop)
    protocol: Any = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE):
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
