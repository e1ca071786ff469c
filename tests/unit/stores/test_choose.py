"""Which store is meant, and what is said when none is."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import ConfigError
from openapi_shim.stores.choose import open_store
from openapi_shim.stores.dynamodb import DynamodbStore
from openapi_shim.stores.sqlite import SqliteStore


async def test_a_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/a b:c.sqlite", clock=lambda: 100.0)
    assert isinstance(store, SqliteStore)
    await store.put("key", "value", expires=101)
    assert await store.get("key") == "value"
    await store.close()
    assert "a b:c.sqlite" in {path.name for path in sorted(tmp_path.iterdir())}  # noqa: ASYNC240  # a test


async def test_memory() -> None:
    store = open_store("sqlite::memory:")
    assert await store.take("key", limit=1, expires=4e9) == 1
    await store.close()


async def test_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    store = open_store("sqlite:~/x.sqlite")
    assert await store.get("key") is None
    await store.close()
    assert (tmp_path / "x.sqlite").is_file()


def test_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert isinstance(open_store("dynamodb:openapi-shim"), DynamodbStore)
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(ConfigError, match="AWS_REGION is not set"):
        open_store("dynamodb:openapi-shim")


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("", "There is no such store; known are sqlite:FILE, redis://"),
        ("sqlite", "needs a file"),
        ("redis", r"another form than|needs the package redis"),
        ("SQLite:x", "There is no such store"),
        ("state.sqlite", "There is no such store"),
        ("memcached://host", "There is no store 'memcached'"),
        ("sqlite:", "needs a file"),
        ("dynamodb:", "needs a table"),
        ("dynamodb:a table", "needs a table"),
    ],
)
def test_no_store(where: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        open_store(where)


@pytest.mark.parametrize("where", ["rdis://:hunter2@host", "hunter2", "hunter2:x", ":hunter2"])
def test_what_may_be_a_password_is_not_shown(where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_store(where)
    assert "hunter" not in str(caught.value)


def test_redis_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_redis(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "redis":
            raise ModuleNotFoundError("No module named 'redis'", name="redis")
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "openapi_shim.stores.redis", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_redis)
    with pytest.raises(ConfigError, match=r"needs the package redis .*pip install redis") as caught:
        open_store("redis://:hunter2@host")
    assert "hunter" not in str(caught.value)


def test_a_file_needs_neither_redis_nor_aiohttp() -> None:
    script = (
        "import sys; from openapi_shim.stores.choose import open_store;"
        "open_store('sqlite::memory:');"
        "print(sorted({'redis', 'aiohttp', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
