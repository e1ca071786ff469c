"""A store in Redis, shared by several hosts. Needs the package ``redis``."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from openapi_shim.errors import ConfigError, StoreError
from openapi_shim.per_loop import PerLoop
from openapi_shim.stores.base import check_end, check_key, check_value

_CONNECTIONS = 32  # a loop; more at once wait for one
_IDLE = 30  # seconds after which a connection is tried before it is used

# Redis removes by its own clock, and later by this much: before that the callers' clock decides.
_LINGER = 60.0  # seconds
_LONGEST = 10 * 365 * 86400.0  # seconds; far from the number that Redis refuses

# A row is a hash: its value v or its count n, and its end e. ARGV[1] is the caller's now.
_ROW = """
local function there(field)
  local row = redis.call('HMGET', KEYS[1], field, 'e')
  if row[1] and tonumber(row[2]) > tonumber(ARGV[1]) then return row[1] end
  return false
end
local function keep(field, value, e, ms)
  redis.call('HSET', KEYS[1], field, value, 'e', e)
  redis.call('PEXPIRE', KEYS[1], ms)
end
"""


class _Script:
    """A piece of Lua, which Redis runs as one step."""

    def __init__(self, body: str) -> None:
        self.text = _ROW + body
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


_GET = _Script("return there(ARGV[2])")
_PUT = _Script("keep('v', ARGV[2], ARGV[3], ARGV[4])")
_ADD = _Script("""
local old = there('v')
if not old then keep('v', ARGV[2], ARGV[3], ARGV[4]) end
return old
""")
_SWAP = _Script("""
if there('v') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[1]) else keep('v', ARGV[4], ARGV[5], ARGV[6]) end
return 1
""")
_TAKE = _Script("""
local n = there('n')
if tonumber(n or 0) >= tonumber(ARGV[2]) then return 0 end
if n then return redis.call('HINCRBY', KEYS[1], 'n', 1) end
keep('n', 1, ARGV[3], ARGV[4])
return 1
""")
_GIVE_BACK = _Script(
    "if tonumber(there('n') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'n', -1) end"
)


class RedisStore:
    """A ``Store`` in a Redis server of version 4 or later (no cluster).

    Connections are made anew when the server was lost; meanwhile operations fail in time.
    Nothing is sent twice: what was lost on the way may have been done.

    Args:
        url: ``redis://[[user]:password@]host[:port][/database]``, or ``rediss://…`` for TLS; with
            options of redis-py as its query, e.g. ``?ssl_ca_certs=/etc/ca.pem``.
        prefix: what all keys begin with.
        clock: seconds since 1970.
        patience: seconds one operation may take, the connection included.

    Raises:
        ConfigError: *url* cannot be used; the text does not show it.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "openapi-shim:",
        clock: Callable[[], float] = time.time,
        patience: float = 3.0,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._clock = clock
        self._patience = patience
        self._name = _name(url)
        self._clients = PerLoop(self._client, Redis.aclose)
        try:
            # Reads the whole URL, and connects to nothing.
            self._client().connection_pool.make_connection()  # type: ignore[no-untyped-call]
        except (ValueError, TypeError, AttributeError, exceptions.RedisError):
            # Without its cause, which would show parts of the URL.
            raise ConfigError(f"{self._name}: an option in its URL cannot be used") from None

    async def get(self, key: str) -> str | None:
        """As ``Store.get`` says."""
        return await self._text(_GET, self._value(key), "v")

    async def put(self, key: str, value: str, *, expires: float) -> None:
        """As ``Store.put`` says."""
        check_value(value, expires)
        await self._run(_PUT, self._value(key), value, *self._end(expires))

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        """As ``Store.add`` says."""
        check_value(value, expires)
        return await self._text(_ADD, self._value(key), value, *self._end(expires))

    async def swap(self, key: str, old: str, new: str | None, *, expires: float) -> bool:
        """As ``Store.swap`` says."""
        if new is None:
            return bool(await self._run(_SWAP, self._value(key), old, ""))
        check_value(new, expires)
        end = self._end(expires)
        return bool(await self._run(_SWAP, self._value(key), old, "put", new, *end))

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        """As ``Store.take`` says."""
        check_end(expires)
        return int(await self._run(_TAKE, self._count(key), str(limit), *self._end(expires)))

    async def give_back(self, key: str) -> None:
        """As ``Store.give_back`` says."""
        await self._run(_GIVE_BACK, self._count(key))

    async def count(self, key: str) -> int:
        """As ``Store.count`` says."""
        return int(await self._text(_GET, self._count(key), "n") or 0)

    async def close(self) -> None:
        """As ``Store.close`` says."""
        await self._clients.close()

    def _client(self) -> Redis:
        return Redis.from_pool(
            BlockingConnectionPool.from_url(
                self._url,
                decode_responses=True,
                health_check_interval=_IDLE,
                max_connections=_CONNECTIONS,
                protocol=2,  # what every server and proxy speaks
                retry=Retry(NoBackoff(), 0),  # a count must not be taken twice
                socket_connect_timeout=self._patience,
                socket_timeout=self._patience,
                timeout=self._patience,
            )
        )

    def _value(self, key: str) -> str:
        check_key(key)
        return f"{self._prefix}value:{key}"

    def _count(self, key: str) -> str:
        check_key(key)
        return f"{self._prefix}count:{key}"

    def _end(self, expires: float) -> tuple[str, str]:
        """The end as it is kept, and in how many milliseconds Redis may remove the row."""
        left = min(max(expires - self._clock(), 0.0) + _LINGER, _LONGEST)
        return repr(float(expires)), str(math.ceil(left * 1000))

    async def _text(self, script: _Script, key: str, *arguments: str) -> str | None:
        answer = await self._run(script, key, *arguments)
        return None if answer is None else str(answer)

    async def _run(self, script: _Script, key: str, *arguments: str) -> Any:
        client = await self._clients.get()
        parts = (1, key, repr(float(self._clock())), *arguments)
        for _ in range(2):
            # A loop that stood still, as in a frozen function, learns here which connections
            # have ended meanwhile: one turn to read that, one to act on it.
            await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(_evaluate(client, script, parts), self._patience)
        except (asyncio.TimeoutError, exceptions.TimeoutError) as error:
            raise StoreError(f"{self._name} did not answer in {self._patience:g} s") from error
        except exceptions.AuthenticationError as error:
            raise StoreError(f"{self._name} refuses the user or password of its URL") from error
        except exceptions.ConnectionError as error:
            raise StoreError(f"{self._name} cannot be reached; does it run there?") from error
        except exceptions.RedisError as error:
            # Of an unknown command Redis repeats the arguments.
            text = str(error).partition(", with args")[0]
            raise StoreError(f"{self._name} refuses: {text}") from None


async def _evaluate(client: Redis, script: _Script, parts: tuple[Any, ...]) -> Any:
    try:
        return await client.evalsha(script.sha, *parts)
    except exceptions.NoScriptError:  # a server that started anew
        return await client.eval(script.text, *parts)


def _name(url: str) -> str:
    """The server as errors name it: without user and password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 6379
    except ValueError:
        host = None
    if not host or parts.scheme not in {"redis", "rediss"}:
        raise ConfigError(
            "The URL of the Redis store has another form than redis://:password@host:6379/0; "
            "characters as / # @ in the password must be percent-encoded"
        )
    return f"The Redis store {host}:{port}{parts.path}"
