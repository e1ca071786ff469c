"""What one operation of each store costs: ``python -m bench.stores``.

Each beside the least that its library can do, in turn, so that a noisy machine disturbs all
alike: SQLite beside the same statement without a thread, Redis beside a PING, DynamoDB beside
boto3's ``put_item`` in a thread. Both of the last two against one moto server in a process of its
own, whose time (milliseconds) is no measure of DynamoDB's: the difference is what the client costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from openapi_shim.http_session import close_session
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store

ROUNDS = 400
TABLE = "bench"
END = time.time() + 3600
# As long as WeChat's answer for a licence.
VALUE = "x" * 600

Kinds = dict[str, Callable[[int], Awaitable[object]]]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server(command: list[str], port: int) -> Iterator[None]:
    """A server process, until it listens and while it is needed."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        assert process.poll() is None, f"{command[0]} does not start"
        yield
    finally:
        process.kill()
        process.wait()


def operations(name: str, store: Store) -> Kinds:
    """The operations of *store* that a call needs."""
    return {
        f"{name} get": lambda n: store.get(f"value{n % 50}"),
        f"{name} put": lambda n: store.put(f"value{n % 50}", VALUE, expires=END),
        f"{name} add": lambda n: store.add(f"added{n}", VALUE, expires=END),
        f"{name} take": lambda _: store.take("count", limit=10**9, expires=END),
    }


async def measure(kinds: Kinds, rounds: int) -> None:
    """Time *kinds* in turn, and print a line for each."""
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(-5, rounds):
        for kind, call in kinds.items():
            begin = time.perf_counter()
            await call(number)
            if number >= 0:  # the first ones open connections
                times[kind].append((time.perf_counter() - begin) * 1e6)
    for kind, values in times.items():
        median, late = statistics.median(values), statistics.quantiles(values, n=20)[-1]
        print(f"{kind:34} {median:8.0f} µs, one in 20 over {late:8.0f} µs")


async def measure_sqlite(folder: Path) -> None:
    """In a file and in memory."""
    in_file = open_store(f"sqlite:{folder / 'shared.sqlite'}")
    in_memory = open_store("sqlite::memory:")
    with contextlib.closing(sqlite3.connect(folder / "plain.sqlite", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT, expires REAL)")

        async def plain(number: int) -> None:
            row = (f"value{number % 50}", VALUE, END)
            db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", row)

        await measure(
            {
                "plain sqlite3, INSERT OR REPLACE": plain,
                **operations("SQLite file", in_file),
                **operations("SQLite memory", in_memory),
            },
            ROUNDS,
        )
    for store in (in_file, in_memory):
        await store.close()


async def measure_redis() -> None:
    """A server on this machine."""
    from redis.asyncio import Redis

    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with server(["redis-server", *options], port):
        store = open_store(f"redis://127.0.0.1:{port}")
        async with Redis(port=port) as plain:
            await measure(
                {"redis-py, PING": lambda _: plain.ping(), **operations("Redis", store)}, ROUNDS
            )
        await store.close()


async def measure_dynamodb() -> None:
    """Moto on this machine."""
    import boto3

    port = free_port()
    os.environ.update(
        AWS_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="bench",
        AWS_SECRET_ACCESS_KEY="bench",  # noqa: S106  # moto takes any
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
    )
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with server(command, port):
        await AwsRequests().call(
            "dynamodb",
            "CreateTable",
            {
                "TableName": TABLE,
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        client = boto3.client("dynamodb", region_name="us-east-1")

        async def theirs(number: int) -> None:
            item = {"pk": {"S": f"value{number % 50}"}, "value": {"S": VALUE}}
            await asyncio.to_thread(client.put_item, TableName=TABLE, Item=item)

        store = open_store(f"dynamodb:{TABLE}")
        kinds = {"boto3 in a thread, PutItem": theirs, **operations("DynamoDB (moto)", store)}
        await measure(kinds, ROUNDS // 4)
        await close_session()


async def main() -> None:
    """Measure and print."""
    print(f"Python {sys.version.split()[0]}, {ROUNDS} rounds ({ROUNDS // 4} against moto)")
    with tempfile.TemporaryDirectory() as folder:
        await measure_sqlite(Path(folder))
    await measure_redis()
    await measure_dynamodb()


if __name__ == "__main__":
    asyncio.run(main())
