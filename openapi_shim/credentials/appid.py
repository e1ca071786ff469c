"""Tokens for an appid and its secret, from WeChat's ``stable_token`` or ``token`` endpoint.

One token is kept with its life and renewed before its end. However many calls wait for a
token, one request is in flight. ``stable_token`` gives the same token to every process that
asks, ``token`` replaces the one before: so the former is the default.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from openapi_shim.credentials.base import AccessToken, TokenEndpointCall
from openapi_shim.errors import CredentialError, ShimError
from openapi_shim.settings import TokenEndpoint

# WeChat keeps an old token good for five minutes after the new one is there, and its stable
# token changes five minutes before its end: asking then gets the new one in time.
_MARGIN = 300.0  # seconds


@dataclass(frozen=True)
class _Cached:
    token: AccessToken
    refresh_at: float
    expires_at: float


class AppidCredential:
    """Tokens for one appid. Safe to share among the tasks and event loops of a process."""

    def __init__(
        self,
        appid: str,
        secret: SecretStr,
        endpoint: TokenEndpoint,
        call: TokenEndpointCall,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._endpoint = endpoint
        self._call = call
        self._clock = clock
        self._cached: _Cached | None = None
        self._in_flight: dict[asyncio.AbstractEventLoop, asyncio.Task[AccessToken]] = {}

    async def token(self) -> AccessToken:
        """The kept token, or a new one; see ``Credential.token``."""
        cached, now = self._cached, self._clock()
        if cached is not None and now < cached.refresh_at:
            return cached.token
        try:
            return await self._refresh()
        except ShimError:
            # The kept one is still good for a while: better than failing the call.
            if cached is not None and self._cached is cached and now < cached.expires_at:
                return cached.token
            raise

    async def renew(self, refused: AccessToken) -> AccessToken | None:
        """A token other than *refused*; see ``Credential.renew``."""
        if self._cached is not None and self._cached.token == refused:
            self._cached = None
        token = await self.token()
        if token == refused and self._endpoint is TokenEndpoint.STABLE:
            # WeChat still gives the token it refuses: force_refresh, which it allows 20 times
            # a day, is the last resort.
            token = await self._refresh(force=True)
        return None if token == refused else token

    async def _refresh(self, *, force: bool = False) -> AccessToken:
        loop = asyncio.get_running_loop()
        task = self._in_flight.get(loop)
        if task is None:
            task = loop.create_task(self._request(force=force))
            self._in_flight[loop] = task
            task.add_done_callback(self._landed)
        # Shielded: one caller that gives up does not take the token from the others.
        return await asyncio.shield(task)

    def _landed(self, task: asyncio.Task[AccessToken]) -> None:
        self._in_flight.pop(task.get_loop(), None)
        if not task.cancelled():
            task.exception()  # fetched, for the case that every waiter has given up

    async def _request(self, *, force: bool) -> AccessToken:
        identity = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret.get_secret_value(),
        }
        if self._endpoint is TokenEndpoint.STABLE:
            answer = await self._call(
                "/cgi-bin/stable_token", body={**identity, "force_refresh": force}
            )
        else:
            answer = await self._call("/cgi-bin/token", query=identity)
        token, life = _parse(answer, self._appid)
        now = self._clock()
        margin = min(_MARGIN, life / 10)
        self._cached = _Cached(token, now + life - margin, now + life)
        return token


def _parse(answer: dict[str, Any], appid: str) -> tuple[AccessToken, float]:
    value, life = answer.get("access_token"), answer.get("expires_in")
    if isinstance(value, str) and value and isinstance(life, (int, float)) and life > 0:
        return AccessToken(value), float(life)
    code = answer.get("errcode")
    if isinstance(code, int) and code != 0:
        raise CredentialError(
            f"no access token for appid {appid!r}: {answer.get('errmsg', '')}", errcode=code
        )
    raise CredentialError(
        f"no access token for appid {appid!r}: the token endpoint's answer has no access_token"
    )
