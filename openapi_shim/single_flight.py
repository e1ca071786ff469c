"""One does it, the others take what came of it: over processes and hosts, through a store."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import Store

_log = logging.getLogger(__name__)

LEASE = 10.0
"""Seconds after which a process that died at work is taken over from. One that lives, but whose
event loop stands still for so long, is taken for dead."""

_BEAT = LEASE / 4  # seconds between two renewals of a lease
_POLL = 0.1  # seconds between two looks at what another is doing

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class Outage:
    """Tells the log once that a store is away, and again only after it was back.

    Args:
        instead: what is done without it.
    """

    def __init__(self, instead: str) -> None:
        self._instead = instead
        self._told = False

    def met(self, error: StoreError) -> None:
        """The store failed with *error*."""
        if not self._told:
            self._told = True
            _log.warning("%s; %s", error, self._instead)

    def over(self) -> None:
        """The store answered."""
        self._told = False


class SingleFlight:
    """Work of which one at a time is done, whoever shares the store.

    Args:
        store: where whoever works holds a lease.
        outage: told when the store fails; the work is done without it then.
        clock: seconds since 1970.
        sleep: pauses between two looks.
    """

    def __init__(
        self,
        store: Store,
        outage: Outage,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._outage = outage
        self._clock = clock
        self._sleep = sleep

    async def run(
        self,
        key: str,
        look: Callable[[], Awaitable[T | None]],
        work: Callable[[], Awaitable[T]],
        *,
        meanwhile: T | None = None,
    ) -> T:
        """What is kept, or else what *work* gives.

        Args:
            key: names the work.
            look: what is kept, or None.
            work: makes it, keeps it, and answers it. What it raises goes to its caller alone;
                whoever waits tries for himself.
            meanwhile: taken instead of waiting while another is at work.
        """
        lease, me = f"{key}/lease", secrets.token_hex(8)
        try:
            kept = await self._kept_or_lease(look, lease, me, meanwhile)
        except StoreError as error:
            self._outage.met(error)
            return await work()
        except asyncio.CancelledError:
            await self._leave(lease, me)  # it may have been given just then
            raise
        self._outage.over()
        if kept is not None:
            return kept
        beating = asyncio.ensure_future(self._beat(lease, me))
        try:
            return await work()
        finally:
            beating.cancel()
            await self._leave(lease, me)

    async def _kept_or_lease(
        self, look: Callable[[], Awaitable[T | None]], lease: str, me: str, meanwhile: T | None
    ) -> T | None:
        """What is kept, or None as soon as *me* has the lease."""
        while True:
            kept = await look()
            if kept is not None:
                return kept
            there = await self._store.add(lease, me, expires=self._clock() + LEASE)
            if there is None:
                kept = await look()  # another may have been here between the look and the lease
                if kept is not None:
                    await self._leave(lease, me)
                return kept
            if meanwhile is not None:
                return meanwhile
            await self._sleep(_POLL)

    async def _beat(self, lease: str, me: str) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            with suppress(StoreError):
                await self._store.swap(lease, me, me, expires=self._clock() + LEASE)

    async def _leave(self, lease: str, me: str) -> None:
        with suppress(StoreError):  # it ends by itself
            await self._store.swap(lease, me, None, expires=0.0)
