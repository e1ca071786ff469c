"""One token for all processes and hosts that share a store.

The value in the store is the token itself; its key is a hash and holds no secret. Whoever may
read the store may call with the token until its end, as with a secret.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace

from openapi_shim.credentials.base import IssuedToken, TokenSource
from openapi_shim.errors import StoreError
from openapi_shim.single_flight import Outage, SingleFlight, Sleep
from openapi_shim.stores.base import Store

_SOON = 1.0  # seconds after which to look again for the token that another is asking for


class SharedTokens:
    """A ``TokenSource`` in front of another: of all that share *store* one asks at a time.

    Without the store each asks for itself: ``stable_token`` gives all the same.

    Args:
        source: asks WeChat.
        store: keeps the token.
        name: whose token it is: appid, endpoint, server.
        clock: seconds since 1970.
        sleep: pauses while another asks.
    """

    def __init__(
        self,
        source: TokenSource,
        store: Store,
        name: tuple[str, ...],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._source = source
        self._store = store
        self._key = "token/" + hashlib.sha256(json.dumps(name).encode()).hexdigest()
        self._clock = clock
        self._outage = Outage("until it is back each process asks WeChat for a token of its own")
        self._flight = SingleFlight(store, self._outage, clock=clock, sleep=sleep)

    async def issue(self, refused: str = "") -> IssuedToken:
        """The shared token, or a new one; see ``TokenSource.issue``."""

        async def fresh() -> IssuedToken | None:
            kept = await self._kept(refused)
            return kept if kept is not None and kept.fresh > 0 else None

        async def ask() -> IssuedToken:
            issued = await self._source.issue(refused)
            await self._keep(issued)
            return issued

        try:
            ending = await self._kept(refused)
        except StoreError:
            ending = None  # the flight meets it too, and tells it
        meanwhile = None if ending is None else replace(ending, fresh=_SOON)
        return await self._flight.run(self._key, fresh, ask, meanwhile=meanwhile)

    async def _kept(self, refused: str) -> IssuedToken | None:
        """The token in the store, unless it is the one that WeChat refuses."""
        text = await self._store.get(self._key)
        if text is None:
            return None
        value, fresh_until, expires = json.loads(text)
        now = self._clock()
        return None if value == refused else IssuedToken(value, expires - now, fresh_until - now)

    async def _keep(self, issued: IssuedToken) -> None:
        now = self._clock()
        text = json.dumps([issued.value, now + issued.fresh, now + issued.life])
        try:
            await self._store.put(self._key, text, expires=now + issued.life)
        except StoreError as error:
            self._outage.met(error)
