"""One aiohttp session for each event loop, shared by all that speaks HTTP in it."""

from __future__ import annotations

import aiohttp

from openapi_shim._version import __version__
from openapi_shim.per_loop import PerLoop

# Under the idle time after which servers close a connection, so that a call does not meet
# one that is just being closed: a charged call could not be repeated then.
_KEEPALIVE = 10.0  # seconds


async def shared_session() -> aiohttp.ClientSession:
    """The running loop's session, made on first use and closed with the loop."""
    session = await _sessions.get()
    if session.closed:
        await close_session()
        session = await _sessions.get()
    return session


async def close_session() -> None:
    """Close the running loop's session, if there is one."""
    await _sessions.close()


def _make() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE, limit=64),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"openapi-shim/{__version__}"},
    )


_sessions = PerLoop(_make, aiohttp.ClientSession.close)
