"""A store that can be away, and time that passes while one waits."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import Store
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from tests.unit.wechat.fakes import FakeClock


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let other tasks run until *condition* holds."""
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return
        await asyncio.sleep(0)


class Waiting:
    """Sleeping moves the clock, and nothing else."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.times = 0

    async def __call__(self, seconds: float) -> None:
        self.times += 1
        self.clock.now += seconds
        await asyncio.sleep(0)


class FickleStore:
    """A real store, that can be away, or fail at the operations named in *broken*.

    Those named in *hanging* never end.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._store: Store = SqliteStore(MEMORY, clock=clock)
        self.away = False
        self.broken: set[str] = set()
        self.hanging: set[str] = set()
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any, **named: Any) -> Any:
            self.asked.append(name)
            if self.away or name in self.broken:
                raise StoreError("The store is away")
            if name in self.hanging:
                await asyncio.Event().wait()
            return await getattr(self._store, name)(*args, **named)

        return ask
