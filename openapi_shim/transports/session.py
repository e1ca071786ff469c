"""One aiohttp session for each event loop, shared by all that speaks HTTP in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import aiohttp

from openapi_shim._version import __version__

# Under the idle time after which servers close a connection, so that a call does not meet
# one that is just being closed: a charged call could not be repeated then.
_KEEPALIVE = 10.0  # seconds

_sessions: dict[
    asyncio.AbstractEventLoop,
    tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession, None]],
] = {}


async def shared_session() -> aiohttp.ClientSession:
    """The running loop's session, made on first use.

    It closes with the loop: it lives in an asynchronous generator, and ``asyncio.run`` (any
    caller of ``loop.shutdown_asyncgens``) ends those. So a script needs no clean-up of its own.
    """
    loop = asyncio.get_running_loop()
    entry = _sessions.get(loop)
    if entry is not None and not entry[0].closed:
        return entry[0]
    life = _session_life(loop)
    session = await life.__anext__()
    _sessions[loop] = (session, life)
    return session


async def close_session() -> None:
    """Close the running loop's session, if there is one."""
    entry = _sessions.get(asyncio.get_running_loop())
    if entry is not None:
        await entry[1].aclose()


async def _session_life(
    loop: asyncio.AbstractEventLoop,
) -> AsyncGenerator[aiohttp.ClientSession, None]:
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE, limit=64),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"openapi-shim/{__version__}"},
    )
    try:
        yield session
    finally:
        _sessions.pop(loop, None)
        await session.close()
