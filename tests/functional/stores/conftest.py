"""The three stores: SQLite files, a Redis server of our own, and moto in DynamoDB's place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from openapi_shim.http_session import close_session
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store
from tests.functional.aws.moto_server import started_server

TABLE = "openapi-shim"
PATIENCE = 30.0  # seconds a server may take to start; never what a test measures


@dataclass
class RedisServer:
    """A real redis-server, which a test may kill and start again on its port."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:  # somebody else may take a port between finding and using it
            port = self.port or free_port()
            options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
            self.process = subprocess.Popen(
                [
                    "redis-server",
                    *(part for name in options for part in (f"--{name}", options[name])),
                ],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
            )
            if self.answers(port, deadline):
                self.port = port
                return
            assert time.monotonic() < deadline, "redis-server does not start"

    def answers(self, port: int, deadline: float) -> bool:
        assert self.process is not None
        while self.process.poll() is None and time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1) as link,
            ):
                link.sendall(b"PING\r\n")
                return link.recv(5) == b"+PONG"
            time.sleep(0.01)
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def aws() -> Iterator[dict[str, str]]:
    """An environment in which AWS is moto, with the stores' table in it."""
    server, address = started_server()
    environ = {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "no-secret",
        "AWS_ENDPOINT_URL": address,
    }
    asyncio.run(make_table(environ))
    yield environ
    server.stop()


async def make_table(environ: dict[str, str]) -> None:
    requests = AwsRequests(environ)
    if TABLE in (await requests.call("dynamodb", "ListTables", {}))["TableNames"]:
        return  # moto's state belongs to the process, and another server was here
    await requests.call(
        "dynamodb",
        "CreateTable",
        {
            "TableName": TABLE,
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class Place:
    """A store as a user names it, and the environment in which that works."""

    where: str
    environ: dict[str, str]

    def open(self, clock: Callable[[], float] = time.time) -> Store:
        return open_store(self.where, clock=clock)


@pytest.fixture(params=["sqlite", "redis", "dynamodb"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Every store that processes share, in turn."""
    environ: dict[str, str] = {}
    if request.param == "sqlite":
        where = f"sqlite:{tmp_path}/shared.sqlite"
    elif request.param == "redis":
        where = request.getfixturevalue("redis_server").url
    else:
        environ = request.getfixturevalue("aws")
        where = f"dynamodb:{TABLE}"
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
    return Place(where, {**os.environ, **environ})


@pytest.fixture
async def store(place: Place, clock: Clock) -> AsyncIterator[Store]:
    store = place.open(clock)
    yield store
    await store.close()
    await close_session()


@pytest.fixture
def key() -> str:
    """A key that no other test has: servers outlive tests."""
    return f"täst:{uuid.uuid4()} 1/2#"
