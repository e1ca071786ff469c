"""One event loop for each process, kept warm between calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_Result = TypeVar("_Result")

_loop: asyncio.AbstractEventLoop | None = None


def run(awaitable: Awaitable[_Result]) -> _Result:
    """What *awaitable* gives, run on the process's loop.

    The loop is made on first use and never closed: connections that one call opened serve the
    next one. ``asyncio.run`` would close them, and break a session kept at module level. Tasks
    that a call leaves behind pause until the next one, as all code between invocations does.

    Raises:
        RuntimeError: called from code that already runs on a loop: await it there.
    """
    global _loop  # noqa: PLW0603 - one for the process is what this module is for
    if _loop is None or _loop.is_closed():
        _loop = asyncio.new_event_loop()
    # Code of a synchronous function may have set another one, or none (asyncio.run does).
    asyncio.set_event_loop(_loop)
    return _loop.run_until_complete(_awaited(awaitable))


async def _awaited(awaitable: Awaitable[_Result]) -> _Result:
    return await awaitable
