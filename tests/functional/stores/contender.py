"""A process that takes and adds with several threads at once, each with a loop of its own.

Started by test_contention.py as ``python contender.py WHERE THREADS``. For each line
``{"key": …, "limit": …, "takes": …, "keys": …, "naive": …}`` on its standard input it contends
once and answers with a line of what it was granted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store


class NaiveStore:
    """The control: counts and adds by reading first and writing then, as a beginner would."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        taken = int(await self._store.get(key) or 0)
        if taken >= limit:
            return 0
        await self._store.put(key, str(taken + 1), expires=expires)
        return taken + 1

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        there = await self._store.get(key)
        if there is None:
            await self._store.put(key, value, expires=expires)
        return there

    async def count(self, key: str) -> int:
        return int(await self._store.get(key) or 0)

    async def close(self) -> None:
        await self._store.close()


async def contend(where: str, task: dict[str, Any]) -> tuple[list[int], list[int]]:
    """The counts that were granted, and which of the keys were kept."""
    opened = open_store(where)
    store = NaiveStore(opened) if task["naive"] else opened
    expires = time.time() + 3600
    added, taken = [], []
    for number in range(max(task["keys"], task["takes"])):
        if number < task["keys"]:
            name = f"{task['key']}:{number}"
            if await store.add(name, "mine", expires=expires) is None:
                added.append(number)
        if number < task["takes"]:
            taken.append(await store.take(task["key"], limit=task["limit"], expires=expires))
    await store.close()
    return [count for count in taken if count], added


def main() -> None:
    where, threads = sys.argv[1], int(sys.argv[2])
    with ThreadPoolExecutor(threads) as pool:
        for line in sys.stdin:
            task = json.loads(line)
            runs = [pool.submit(asyncio.run, contend(where, task)) for _ in range(threads)]
            done = [run.result() for run in runs]
            taken = [count for one, _ in done for count in one]
            added = [number for _, one in done for number in one]
            sys.stdout.write(json.dumps({"taken": taken, "added": added}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
