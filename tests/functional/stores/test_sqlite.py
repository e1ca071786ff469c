"""SQLite: files that cannot be used, processes that die, rows that have ended."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from openapi_shim.errors import StoreError
from openapi_shim.stores.sqlite import SqliteStore

from .conftest import Clock

END = 4e9

# Takes without end, and says after each what it was granted; two keys, so that a transaction of
# two rows would show if half of it were lost.
WRITER = """
import asyncio, os, sys
from openapi_shim.stores.sqlite import SqliteStore

async def main():
    store = SqliteStore(sys.argv[1])
    while True:
        granted = await store.take("quota", limit=10**9, expires=4e9)
        await store.put("last", str(granted), expires=4e9)
        os.write(1, b"%d\\n" % granted)

asyncio.run(main())
"""


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def kept(path: Path) -> tuple[int, int]:
    store = SqliteStore(path)
    kept = await store.count("quota"), int(await store.get("last") or 0)
    await store.close()
    return kept


def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    told = 0
    for turn in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(20 + turn)]
        writer.kill()
        lines += writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        granted = [int(line) for line in lines]
        # Nothing twice, nothing left out, from where the one before was killed; that one may
        # have taken one more than it could tell.
        assert granted == list(range(granted[0], granted[0] + len(granted)))
        assert granted[0] in {told + 1, told + 2}
        told = granted[-1]
        count, last = asyncio.run(kept(path))
        assert count in {told, told + 1}
        assert last in {told, count}
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


async def test_the_file_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    before = os.umask(0)
    try:
        store = SqliteStore(folder / "shared.sqlite")
        await store.put("key", "value", expires=END)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert modes.keys() >= {"shared.sqlite", "shared.sqlite-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    await store.close()


async def test_memory_is_each_stores_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = SqliteStore(":memory:"), SqliteStore(":memory:")
    assert await one.add("key", "value", expires=END) is None
    assert await one.get("key") == "value"
    assert await other.get("key") is None
    assert [await one.take("n", limit=1, expires=END) for _ in range(2)] == [1, 0]
    for store in (one, other):
        await store.close()
    assert not names(tmp_path)


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, then in (
        (tmp_path / "file" / "x.sqlite", "choose another place"),
        (Path("/proc/no/x.sqlite"), "choose another place"),
        (tmp_path, "check that it is a file and whose it is"),
    ):
        store = SqliteStore(path)
        with pytest.raises(StoreError, match=rf"cannot be written \(.+\); {then}"):
            await store.get("key")
        await store.close()


async def test_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    path.write_bytes(b"no database" * 500)
    store = SqliteStore(path)
    with pytest.raises(StoreError, match=r"is broken .*move it away and a new, empty one is made"):
        await store.take("key", limit=1, expires=END)
    path.rename(tmp_path / "away")
    assert await store.take("key", limit=1, expires=END) == 1
    await store.close()


async def test_a_file_that_breaks_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    store = SqliteStore(path)
    for number in range(300):
        await store.put(f"key{number}", "x" * 100, expires=END)
    await store.close()  # all is in the one file now
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is broken"):
        await asyncio.gather(*(store.get(f"key{number}") for number in range(300)))
    await store.close()


async def test_the_database_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE kept (whatever)")
    db.commit()
    db.close()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match=r"of something else or of another version"):
        await store.get("key")
    await store.close()
    db = sqlite3.connect(path)
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("kept",)]
    db.close()


async def test_a_locked_file_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    store = SqliteStore(path, patience=0.2)
    await store.put("key", "value", expires=END)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    outcomes = await asyncio.gather(
        *(store.take("key", limit=9, expires=END) for _ in range(9)), return_exceptions=True
    )
    for outcome in outcomes:
        assert isinstance(outcome, StoreError)
        assert "was locked by another process for 0.2 s" in str(outcome) or "busy" in str(outcome)
    # They waited side by side: a queue of nine does not wait nine times.
    assert sum("busy" in str(outcome) for outcome in outcomes) >= 7
    assert await store.get("key") == "value"  # a reader needs no lock
    blocker.execute("COMMIT")
    blocker.close()
    assert await store.take("key", limit=9, expires=END) == 1
    await store.close()


async def test_a_removed_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "shared.sqlite"
    one, other = SqliteStore(path), SqliteStore(path)
    await one.put("key", "value", expires=END)
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()
    assert await one.add("key", "new", expires=END) is None
    assert await other.get("key") == "new"
    for store in (one, other):
        await store.close()


async def test_rows_that_have_ended_are_removed(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "shared.sqlite"
    store = SqliteStore(path, clock=clock)
    for number in range(700):
        clock.now += 1
        await store.put(f"key{number}", "王小明" * 20, expires=clock.now + 50)
        await store.take(f"key{number}", limit=1, expires=clock.now + 50)
    with sqlite3.connect(path) as db:
        rows = db.execute(
            "SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM counts)"
        ).fetchone()
    db.close()
    assert all(50 <= count <= 200 for count in rows)
    clock.now += 1000
    for number in range(200):
        await store.put(f"late{number}", "v", expires=clock.now + 50)
    await store.close()
    # Nor do they stay readable in pages that are free now.
    assert "王小明".encode() not in path.read_bytes()


FORKING = """
import asyncio, os, sys
from openapi_shim.errors import StoreError
from openapi_shim.stores.sqlite import SqliteStore

store = SqliteStore(sys.argv[1])
take = lambda: asyncio.run(store.take("key", limit=99, expires=4e9))
if sys.argv[2] != "unused":
    assert take() == 1
if sys.argv[2] == "closed":
    asyncio.run(store.close())
child = os.fork()
if not child:
    try:
        os._exit(take())
    except StoreError as error:
        print(error, flush=True)
        os._exit(99)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), take())
"""


@pytest.mark.parametrize(
    ("state", "told"),
    [("unused", "1 2\n"), ("closed", "2 3\n"), ("open", "was in use .*forked off.*\n99 2\n")],
)
def test_after_a_fork(tmp_path: Path, state: str, told: str) -> None:
    """Only a store that is not open outlives a fork: SQLite's locks do not."""
    path = str(tmp_path / "shared.sqlite")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING, path, state],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert re.search(told, done.stdout), done.stdout


# The second look at the clock is within the first transaction, after its row was written.
KILLED = """
import asyncio, os, signal, sys
from openapi_shim.stores.sqlite import SqliteStore

looks = 0

def clock():
    global looks
    looks += 1
    if looks == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.0

asyncio.run(SqliteStore(sys.argv[1], clock=clock).take("quota", limit=9, expires=4e9))
"""


async def test_a_transaction_that_was_killed_was_never_there(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    store = SqliteStore(path)
    assert await store.take("quota", limit=9, expires=END) == 1
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(path))
    assert await killed.wait() == -signal.SIGKILL
    assert await store.count("quota") == 1
    assert await store.take("quota", limit=9, expires=END) == 2
    await store.close()


async def test_another_connection_of_the_process_keeps_its_locks(tmp_path: Path) -> None:
    """Opening a second store must not unlock the file under the first one's feet."""
    path = tmp_path / "shared.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = DELETE")
    db.execute("BEGIN EXCLUSIVE")
    store = SqliteStore(path, patience=0.1)
    with pytest.raises(StoreError, match="was locked"):
        await store.get("key")
    # What another process sees:
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", look, str(path), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await other.communicate()
    assert b"database is locked" in errors
    db.close()
    await store.close()


def test_many_that_open_a_new_file_at_once(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from openapi_shim.stores.sqlite import SqliteStore

sys.stdin.readline()
print(asyncio.run(SqliteStore(sys.argv[1]).take("key", limit=99, expires=4e9)))
"""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "new" / "shared.sqlite")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sorted(process.communicate()[0] for process in started) == ["1\n", "2\n", "3\n", "4\n"]


async def test_the_event_loop_is_not_held_up(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    store = SqliteStore(path, patience=30)
    await store.put("key", "value", expires=END)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.put("key", "new", expires=END))
    for _ in range(5):  # the loop turns while the store waits for the lock
        await asyncio.sleep(0.01)
    assert not waiting.done()
    blocker.execute("COMMIT")
    blocker.close()
    await waiting
    assert await store.get("key") == "new"
    await store.close()


def test_without_a_loop_running_nothing_is_opened(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "shared.sqlite")
    assert not names(tmp_path)
