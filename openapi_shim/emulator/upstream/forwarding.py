"""Requests on their way to the real WeChat, and its answers back: as they came, within bounds."""

from __future__ import annotations

import asyncio
import io
import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_plus

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from openapi_shim.credentials.base import AccessToken
from openapi_shim.emulator.upstream.describing import Answered, Asked
from openapi_shim.errors import ConfigError, TransportError
from openapi_shim.http_session import shared_session
from openapi_shim.settings import Settings
from openapi_shim.transports.encoding import encode_query
from openapi_shim.transports.sending import bounded, fault_text
from openapi_shim.wechat.calls import TOKEN_PARAMETERS

# RFC 9110, section 7.6.1; and what belongs to one connection though it is not said to.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Made anew for the next connection; and what a browser or a gateway adds, which no path of
# WeChat's API reads and which may tell of the developer.
_NOT_SENT = _HOP_BY_HOP | {
    "accept-encoding",
    "authorization",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "origin",
    "referer",
    "via",
}
_NOT_SENT_FAMILIES = ("x-openapi-shim-", "x-forwarded-", "x-wx-", "sec-")
_NOT_RETURNED = _HOP_BY_HOP | {
    "alt-svc",
    "content-encoding",
    "content-length",
    "set-cookie",
    "strict-transport-security",
}


def checked_upstream(settings: Settings) -> str:
    """Where the real WeChat is, without a slash at its end.

    Raises:
        ConfigError: access tokens and photos would go there unprotected.
    """
    url = settings.upstream_url
    if url.scheme != "https" and not is_this_machine(url.host or ""):
        raise ConfigError(
            "OPENAPI_SHIM_UPSTREAM_URL is plain http to another machine: access tokens and photos "
            "would go there unprotected. Use https"
        )
    if url.query or url.fragment or url.username or url.password:
        raise ConfigError(
            "OPENAPI_SHIM_UPSTREAM_URL is a scheme, a host and perhaps a path, as "
            "https://api.weixin.qq.com"
        )
    return str(url).rstrip("/")


class Forwarder:
    """Sends requests to one host and to no other.

    Args:
        settings: ``upstream_url``, ``timeout`` and ``connect_timeout`` count here.

    Raises:
        ConfigError: the address cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.base = checked_upstream(settings)
        self._settings = settings

    async def send(self, asked: Asked) -> Answered:
        """What the other side answers to *asked*, whatever its status.

        Raises:
            TransportError: it cannot be reached, or its answer did not come whole; the text is
                for people and holds nothing of the request.
        """
        query = f"?{asked.query}" if asked.query else ""
        timeout = aiohttp.ClientTimeout(
            total=self._settings.timeout, sock_connect=self._settings.connect_timeout
        )
        session = await shared_session()
        try:
            async with session.request(
                asked.method,
                URL(f"{self.base}{asked.path}{query}", encoded=True),
                headers=[*_sent(asked.headers), ("Accept-Encoding", "identity")],
                data=io.BytesIO(asked.body) if asked.body else None,
                skip_auto_headers=("User-Agent", "Content-Type"),
                allow_redirects=False,  # it would lead to another host
                timeout=timeout,
            ) as response:
                body = await bounded(response.content)
                headers = CIMultiDict(_returned(response.headers))
                return Answered(response.status, headers, body)
        except (asyncio.TimeoutError, TimeoutError) as error:
            unsent = isinstance(error, aiohttp.ConnectionTimeoutError)
            limit = self._settings.connect_timeout if unsent else self._settings.timeout
            raise TransportError(
                f"{self.base} did not answer within {limit:g} s", timeout=True, sent=not unsent
            ) from error
        except aiohttp.ClientPayloadError as error:
            raise TransportError(f"the answer of {self.base} broke off before its end") from error
        except aiohttp.ClientError as error:
            told = fault_text(error)
            unsent = isinstance(error, aiohttp.ClientConnectorError)
            raise TransportError(
                f"{self.base} cannot be reached ({told})", sent=not unsent
            ) from error


def with_token(query: str, token: AccessToken) -> str:
    """An undecoded *query* with another access token, in the place of the one it has."""
    other = encode_query({token.parameter: token.value})
    return "&".join(
        other if unquote_plus(piece.partition("=")[0]) in TOKEN_PARAMETERS else piece
        for piece in query.split("&")
    )


def _sent(headers: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    named = _named_by_connection(headers)
    for name, value in headers.items():
        low = name.lower()
        if low in _NOT_SENT or low in named or low.startswith(_NOT_SENT_FAMILIES):
            continue
        yield name, value


def _returned(headers: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    named = _named_by_connection(headers)
    for name, value in headers.items():
        if name.lower() not in _NOT_RETURNED and name.lower() not in named:
            yield name, value


def _named_by_connection(headers: Mapping[str, str]) -> frozenset[str]:
    return frozenset(re.split(r"\s*,\s*", headers.get("Connection", "").strip().lower()))


def is_this_machine(host: str) -> bool:
    """Whether *host*, a name or an address, is this machine and nothing but it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
