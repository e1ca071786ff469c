"""Which store is meant: ``sqlite:PATH``, ``redis://…`` or ``dynamodb:TABLE``."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from openapi_shim.errors import ConfigError
from openapi_shim.stores.base import Store
from openapi_shim.stores.sqlite import MEMORY, SqliteStore

_KNOWN = "sqlite:FILE, redis://HOST:6379/0 (rediss:// with TLS) and dynamodb:TABLE"
# As AWS rules table names; an ARN names a table of another account.
_TABLE = re.compile(r"[\w.-]{3,255}|arn:[\w:/.-]{1,1000}", re.ASCII)


def open_store(where: str, *, clock: Callable[[], float] = time.time) -> Store:
    """The store that *where* names; nothing is connected before its first operation.

    Args:
        where: ``sqlite:PATH``, ``sqlite::memory:``, ``redis://…``, ``rediss://…`` or
            ``dynamodb:TABLE``.
        clock: seconds since 1970.

    Raises:
        ConfigError: it names none, or a package is missing. The text never shows a password.
    """
    kind, _, rest = where.partition(":")
    if kind == "sqlite":
        if not rest:
            raise ConfigError("The store sqlite: needs a file, as sqlite:state/shared.sqlite")
        return SqliteStore(rest if rest == MEMORY else Path(rest).expanduser(), clock=clock)
    # Late, each: who shares state in one way must not load or have what the others need.
    if kind in {"redis", "rediss"}:
        try:
            from openapi_shim.stores.redis import RedisStore  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "redis":
                raise
            raise ConfigError(
                "A store in Redis needs the package redis (6 or later): pip install redis"
            ) from error
        return RedisStore(where, clock=clock)
    if kind == "dynamodb":
        from openapi_shim.stores.dynamodb import DynamodbStore  # noqa: PLC0415 - takes aiohttp

        if not _TABLE.fullmatch(rest):
            raise ConfigError("The store dynamodb: needs a table, as dynamodb:openapi-shim")
        return DynamodbStore(rest, clock=clock)
    # Only a word that looks like a kind is shown: the rest may hold a password.
    told = f"store {kind!r}" if re.fullmatch(r"[a-z]{1,12}", kind) and rest else "such store"
    raise ConfigError(f"There is no {told}; known are {_KNOWN}")
