"""One of a thing for each event loop, closed together with the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Makes a thing on its first use in a loop, and again after ``close``.

    It closes with the loop: it lives in an asynchronous generator, and ``asyncio.run`` (any
    caller of ``loop.shutdown_asyncgens``) ends those. So a script needs no clean-up of its own.

    Args:
        make: called in the running loop.
        close: ends what *make* gave.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[object]]) -> None:
        self._make = make
        self._close = close
        self._things: dict[asyncio.AbstractEventLoop, tuple[T, AsyncGenerator[T, None]]] = {}

    async def get(self) -> T:
        """The running loop's thing."""
        loop = asyncio.get_running_loop()
        entry = self._things.get(loop)
        if entry is not None:
            return entry[0]
        life = self._life(loop)
        thing = await life.__anext__()
        self._things[loop] = (thing, life)
        return thing

    async def close(self) -> None:
        """Close the running loop's thing, if there is one."""
        entry = self._things.get(asyncio.get_running_loop())
        if entry is not None:
            await entry[1].aclose()

    async def _life(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[T, None]:
        thing = self._make()
        try:
            yield thing
        finally:
            self._things.pop(loop, None)
            await self._close(thing)
