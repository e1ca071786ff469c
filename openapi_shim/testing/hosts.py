"""WeChat's hosts led to the emulator, for clients in this process in which they are fixed."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from openapi_shim.emulator.proxy.authority import proxy_variables
from openapi_shim.emulator.proxy.hosts import WECHAT_HOSTS

if TYPE_CHECKING:
    import socket

    from openapi_shim.testing.emulated import WeChat


class WeChatResolver(AbstractResolver):
    """Leads WeChat's hosts to a port of this machine; all others where they are.

    Args:
        ports: by the port that is called: 443 to the one with TLS, any other to the plain one.
    """

    def __init__(self, ports: Mapping[int, int]) -> None:
        self._ports = ports
        self._others: AbstractResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily | int = 0
    ) -> list[ResolveResult]:
        """Where *host* is."""
        if host not in WECHAT_HOSTS:
            self._others = self._others or aiohttp.DefaultResolver()
            return await self._others.resolve(host, port, family)  # type: ignore[arg-type]
        import socket as sockets  # noqa: PLC0415 - the type above is for checkers alone

        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._ports.get(port, self._ports[80]),
                family=sockets.AF_INET,
                proto=0,
                flags=sockets.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Let go of the other resolver."""
        if self._others is not None:
            await self._others.close()


@contextmanager
def aiohttp_led(ports: Mapping[int, int], trusted: ssl.SSLContext) -> Iterator[None]:
    """Within this block, aiohttp's new connectors reach WeChat's hosts at *ports*.

    Connectors that choose a resolver or TLS of their own keep it.
    """
    original: Callable[..., None] = aiohttp.TCPConnector.__init__

    def init(self: aiohttp.TCPConnector, *args: Any, **named: Any) -> None:
        named.setdefault("resolver", WeChatResolver(ports))
        if not named.keys() & {"ssl", "verify_ssl", "ssl_context", "fingerprint"}:
            named["ssl"] = trusted
        original(self, *args, **named)

    with patch.object(aiohttp.TCPConnector, "__init__", init):
        yield


@contextmanager
def hosts_led(wechat: WeChat, set_variable: Callable[[str, str], None]) -> Iterator[None]:
    """Within this block, WeChat's hosts are *wechat*, for clients in this process.

    Args:
        wechat: a running emulator.
        set_variable: sets an environment variable for as long.
    """
    port, certificate = wechat.tls()
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certificate)
    for name, value in proxy_variables(wechat.url, Path(certificate).parent).items():
        set_variable(name, value)
    plain = urlsplit(wechat.url).port or 80
    with aiohttp_led({443: port, 80: plain}, trusted):
        yield
