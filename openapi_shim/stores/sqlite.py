"""A store in one SQLite file, shared by the processes of one host."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from openapi_shim.errors import StoreError
from openapi_shim.stores.base import check_end, check_key, check_value
from openapi_shim.stores.snapshot import Snapshot

MEMORY = ":memory:"

# Says "this file is ours" in the file's header (PRAGMA application_id): the letters "OaSh".
_APPLICATION = 0x4F615368
_VERSION = 1

# Without RETURNING and UPSERT: Python 3.10 runs on systems whose SQLite has neither.
_SCHEMA = (
    "CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL NOT NULL)",
    "CREATE INDEX kept_expires ON kept (expires)",
    "CREATE TABLE counts (key TEXT PRIMARY KEY, taken INTEGER NOT NULL, expires REAL NOT NULL)",
    "CREATE INDEX counts_expires ON counts (expires)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)

# After so many writes what has ended is removed, at most _SWEEP_ROWS of each table: more than
# can have come meanwhile, and so few that nobody waits for it.
_SWEEP_EVERY = 200
_SWEEP_ROWS = 500

# Held while a new file is made, so that no other thread of the process connects to it meanwhile.
_MAKING = threading.Lock()

T = TypeVar("T")


class SqliteStore:
    """A ``Store`` in the file *path*, or for ``:memory:`` in this object alone.

    All work is done in one thread of its own, off the event loop; any loop may call it. A
    process may be killed at any moment: what was answered is in the file (a power cut can lose
    the last moments, never the file). Not for folders on a network: SQLite's locks fail there.

    Args:
        path: the file; made with mode 0600, and its folder with 0700, where missing.
        clock: seconds since 1970.
        patience: seconds to wait for the lock of another process.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Callable[[], float] = time.time,
        patience: float = 5.0,
    ) -> None:
        self._path = str(path)
        self._clock = clock
        self._patience = patience
        self._writes = 0
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._process = os.getpid()
        self._thread = _one_thread()

    async def get(self, key: str) -> str | None:
        """As ``Store.get`` says."""
        check_key(key)
        return await self._run(lambda db: self._value(db, key))

    async def put(self, key: str, value: str, *, expires: float) -> None:
        """As ``Store.put`` says."""
        check_key(key)
        check_value(value, expires)
        await self._write(lambda db: _keep(db, key, value, expires))

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        """As ``Store.add`` says."""
        check_key(key)
        check_value(value, expires)

        def work(db: sqlite3.Connection) -> str | None:
            there = self._value(db, key)
            if there is None:
                _keep(db, key, value, expires)
            return there

        return await self._write(work)

    async def swap(self, key: str, old: str, new: str | None, *, expires: float) -> bool:
        """As ``Store.swap`` says."""
        check_key(key)
        if new is not None:
            check_value(new, expires)

        def work(db: sqlite3.Connection) -> bool:
            if self._value(db, key) != old:
                return False
            if new is None:
                db.execute("DELETE FROM kept WHERE key = ?", (key,))
            else:
                _keep(db, key, new, expires)
            return True

        return await self._write(work)

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        """As ``Store.take`` says."""
        check_key(key)
        check_end(expires)

        def work(db: sqlite3.Connection) -> int:
            taken = self._taken(db, key)
            if (taken or 0) >= limit:
                return 0
            if taken is None:
                db.execute("INSERT OR REPLACE INTO counts VALUES (?, 1, ?)", (key, expires))
                return 1
            db.execute("UPDATE counts SET taken = ? WHERE key = ?", (taken + 1, key))
            return taken + 1

        return await self._write(work)

    async def give_back(self, key: str) -> None:
        """As ``Store.give_back`` says."""
        check_key(key)
        await self._write(
            lambda db: db.execute(
                "UPDATE counts SET taken = taken - 1 WHERE key = ? AND taken > 0 AND expires > ?",
                (key, self._clock()),
            )
        )

    async def count(self, key: str) -> int:
        """As ``Store.count`` says."""
        check_key(key)
        return await self._run(lambda db: self._taken(db, key) or 0)

    async def snapshot(self, prefix: str) -> Snapshot:
        """All that is under keys that begin with *prefix* at one moment.

        Raises:
            StoreError: the file cannot be read.
        """

        def read(db: sqlite3.Connection) -> Snapshot:
            db.execute("BEGIN")  # both tables as they are at one moment
            try:
                now = self._clock()
                found = [
                    db.execute(
                        f"SELECT * FROM {table} WHERE substr(key, 1, ?) = ? AND expires > ? "  # noqa: S608  # one of two names
                        "ORDER BY key",
                        (len(prefix), prefix, now),
                    ).fetchall()
                    for table in ("kept", "counts")
                ]
            finally:
                db.execute("ROLLBACK")
            return Snapshot(*map(tuple, found))

        return await self._run(read)

    async def restore(self, prefix: str, snapshot: Snapshot) -> None:
        """Put *snapshot* in place of all that is under keys that begin with *prefix*.

        One transaction: others see all of it, or nothing.

        Raises:
            StoreError: the snapshot has other keys, or what no store holds; the file cannot be
                written.
        """
        snapshot.check(prefix)

        def work(db: sqlite3.Connection) -> None:
            for table, rows in (("kept", snapshot.kept), ("counts", snapshot.counts)):
                db.execute(
                    f"DELETE FROM {table} WHERE substr(key, 1, ?) = ?",  # noqa: S608  # one of two names
                    (len(prefix), prefix),
                )
                db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)  # noqa: S608  # likewise

        await self._write(work)

    async def close(self) -> None:
        """As ``Store.close`` says; what was in memory alone is gone."""
        if self._process == os.getpid():
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown(wait=False)
            self._thread = _one_thread()  # starts when it is used again

    def __del__(self) -> None:
        # A store that nobody closed; a fork's copy is its parent's to close, see _after_fork.
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()

    def _value(self, db: sqlite3.Connection, key: str) -> str | None:
        row: tuple[str] | None = db.execute(
            "SELECT value FROM kept WHERE key = ? AND expires > ?", (key, self._clock())
        ).fetchone()
        return row and row[0]

    def _taken(self, db: sqlite3.Connection, key: str) -> int | None:
        row: tuple[int] | None = db.execute(
            "SELECT taken FROM counts WHERE key = ? AND expires > ?", (key, self._clock())
        ).fetchone()
        return None if row is None else row[0]

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* as one transaction; no other process writes meanwhile."""

        def transaction(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                self._writes += 1
                if self._writes % _SWEEP_EVERY == 1:  # the first one too: a process may be short
                    self._sweep(db)
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
            return result

        return await self._run(transaction)

    def _sweep(self, db: sqlite3.Connection) -> None:
        for table in ("kept", "counts"):
            db.execute(
                f"DELETE FROM {table} WHERE key IN "  # noqa: S608  # one of the two names above
                f"(SELECT key FROM {table} WHERE expires <= ? LIMIT {_SWEEP_ROWS})",
                (self._clock(),),
            )

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* in the store's thread."""
        if self._process != os.getpid():
            self._after_fork()
        deadline = time.monotonic() + self._patience

        def task() -> T:
            if time.monotonic() > deadline:  # those before it have waited for the lock so long
                raise self._error("is busy")
            try:
                return work(self._connected())
            except sqlite3.Error as error:
                raise self._told(error) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, task)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None and self._path != MEMORY:
            try:
                moved = Path(self._path).stat().st_ino != self._inode
            except OSError:
                moved = True
            if moved:  # somebody removed the file: what is written to it now reaches nobody
                self._disconnect()
        if self._connection is None:
            if self._path != MEMORY:
                self._make_file()
            self._connection = self._open()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _after_fork(self) -> None:
        # SQLite's locks belong to the process that took them: to go on with its connection, and
        # even to close it, can break the file ("How To Corrupt An SQLite Database File", 2.6).
        if self._connection is not None:
            raise self._error(
                "was in use when this process was forked off; close it before, or start the "
                "process anew (spawn)"
            )
        self._process = os.getpid()
        self._thread = _one_thread()

    def _make_file(self) -> None:
        path = Path(self._path)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Closing a file gives up all locks that the process has on it, those of another
            # store's connection too. So only a file that nobody can have open yet is opened.
            with _MAKING, contextlib.suppress(FileExistsError):
                # SQLite gives its companions (-wal, -shm) the same mode.
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._inode = path.stat().st_ino
        except OSError as error:
            reason = error.strerror or str(error)
            raise self._error(f"cannot be written ({reason}); choose another place") from error

    def _open(self) -> sqlite3.Connection:
        """A connection to a file with our tables in it."""
        db = sqlite3.connect(
            self._path,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,  # one thread uses it; another may have to close it
        )
        try:
            _prepare(db, time.monotonic() + self._patience)
            ours = _make_tables(db)
        except BaseException:
            db.close()
            raise
        if not ours:
            db.close()
            raise self._error(
                "is the database of something else or of another version of openapi-shim; "
                "choose another file"
            )
        return db

    def _told(self, error: sqlite3.Error) -> StoreError:
        text = str(error)
        if "locked" in text or "busy" in text:
            text = f"was locked by another process for {self._patience:g} s; end that one"
        elif "not a database" in text or "malformed" in text:
            text = f"is broken ({text}); move it away and a new, empty one is made"
        elif "readonly" in text or "unable to open" in text:
            text = f"cannot be written ({text}); check that it is a file and whose it is"
        else:
            text = f"failed: {text}"
        return self._error(text)

    def _error(self, text: str) -> StoreError:
        return StoreError(f"The SQLite store {self._path} {text}")


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="sqlite-store")


def _keep(db: sqlite3.Connection, key: str, value: str, expires: float) -> None:
    db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (key, value, expires))


def _prepare(db: sqlite3.Connection, deadline: float) -> None:
    """Set the connection up for readers beside one writer."""
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # Two that open a new file at once: here SQLite does not wait by itself.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    db.execute("PRAGMA synchronous = NORMAL")  # no fsync a write; WAL keeps the file whole
    db.execute("PRAGMA secure_delete = ON")  # licence data must not stay in free pages


def _make_tables(db: sqlite3.Connection) -> bool:
    """Make what is missing; False when the file holds something else."""
    ((application,),) = db.execute("PRAGMA application_id").fetchall()
    if application != _APPLICATION:
        db.execute("BEGIN IMMEDIATE")
        ((tables,),) = db.execute("SELECT count(*) FROM sqlite_master").fetchall()
        if not tables:  # else it is foreign, or another process was faster
            for statement in _SCHEMA:
                db.execute(statement)
        db.execute("COMMIT")
    ((application,),) = db.execute("PRAGMA application_id").fetchall()
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    return (application, version) == (_APPLICATION, _VERSION)
