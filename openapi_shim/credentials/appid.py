"""Tokens for an appid, kept in this process.

One token is kept with its life and renewed before its end. However many calls wait for a
token, one request is in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from openapi_shim.credentials.base import AccessToken, TokenSource
from openapi_shim.errors import ShimError


@dataclass(frozen=True)
class _Cached:
    token: AccessToken
    refresh_at: float
    expires_at: float


class AppidCredential:
    """Tokens for one appid. Safe to share among the tasks and event loops of a process.

    Args:
        source: where they come from: WeChat, or what all instances share.
        clock: seconds of a clock that nobody turns.
    """

    def __init__(self, source: TokenSource, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
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
        token = await self.token() if self._cached else await self._refresh(refused.value)
        if token == refused:  # of a request that was in flight before the refusal
            token = await self._refresh(refused.value)
        return None if token == refused else token

    async def _refresh(self, refused: str = "") -> AccessToken:
        loop = asyncio.get_running_loop()
        task = self._in_flight.get(loop)
        if task is None:
            task = loop.create_task(self._request(refused))
            self._in_flight[loop] = task
            task.add_done_callback(self._landed)
        # Shielded: one caller that gives up does not take the token from the others.
        return await asyncio.shield(task)

    def _landed(self, task: asyncio.Task[AccessToken]) -> None:
        self._in_flight.pop(task.get_loop(), None)
        if not task.cancelled():
            task.exception()  # fetched, for the case that every waiter has given up

    async def _request(self, refused: str) -> AccessToken:
        issued = await self._source.issue(refused)
        token, now = AccessToken(issued.value), self._clock()
        self._cached = _Cached(token, now + issued.fresh, now + issued.life)
        return token
