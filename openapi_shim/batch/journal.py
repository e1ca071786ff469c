"""What a job on a folder has done, in one SQLite file: it outlives any kill."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openapi_shim.batch.photos import Found
from openapi_shim.batch.reading import Read
from openapi_shim.batch.results import RETRIED, Failure
from openapi_shim.errors import BatchStoppedError

_NAME = "journal.sqlite"
_PAGE = 200  # rows held at a time

# A photo without a line has no result yet. Paths are bytes: not every name is UTF-8.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS photos (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    line TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting ON photos (path) WHERE line IS NULL;
"""


class Journal:
    """The photos of one job, each with at most one result.

    All raise ``BatchStoppedError`` when the file cannot be read or written.

    Args:
        folder: of the job; made where missing, for its owner alone: results are personal data.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        with self._told():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            # Safe against any kill of ours; a power cut may lose the last results, never more.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether *folder* has a journal."""
        return (folder / _NAME).is_file()

    def fact(self, name: str) -> str:
        """What was noted under *name*; empty when nothing was."""
        with self._told():
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def note(self, name: str, value: str) -> None:
        """Note *value* under *name*."""
        with self._told():
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @contextmanager
    def listing(self, *, retry: bool) -> Iterator[Listing]:
        """A listing of the folder, taken over whole or not at all.

        Args:
            retry: every photo that failed gets another try, not only those whose failure lay
                outside the photo.
        """
        again = list(Failure) if retry else list(RETRIED)
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                number = int(self.fact("listing") or 0) + 1
                self.note("listing", str(number))
                marks = ",".join("?" * len(again))
                self._db.execute(
                    f"UPDATE photos SET line = NULL, failure = '', tries = 0 "  # noqa: S608 - see below
                    f"WHERE failure IN ({marks})",  # (question marks alone are put in)
                    [one.value for one in again],
                )
                yield Listing(self._db, number)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def waiting(self) -> Iterator[str]:
        """The photos without a result, in the order of their names."""
        last = b""
        while True:
            with self._told():
                rows = self._db.execute(
                    "SELECT path FROM photos WHERE line IS NULL AND path > ? ORDER BY path LIMIT ?",
                    (last, _PAGE),
                ).fetchall()
            if not rows:
                return
            yield from (os.fsdecode(path) for (path,) in rows)
            last = rows[-1][0]

    def keep(self, read: Read) -> None:
        """Keep a photo's result."""
        outcome = read.outcome
        failure = outcome.failure.value if outcome.failure else ""
        path = os.fsencode(outcome.file)
        with self._told():
            self._db.execute(
                "UPDATE photos SET size = coalesce(?, size), changed = coalesce(?, changed), "
                "sha256 = ?, failure = ?, line = ? WHERE path = ?",
                (read.size, read.changed, outcome.sha256, failure, outcome.line(), path),
            )

    def tried(self, path: str) -> int:
        """Count a try of *path* that ended without a result; how many there were."""
        key = (os.fsencode(path),)
        with self._told():
            self._db.execute("UPDATE photos SET tries = tries + 1 WHERE path = ?", key)
            row = self._db.execute("SELECT tries FROM photos WHERE path = ?", key).fetchone()
        return int(row[0])

    def counts(self) -> tuple[int, Counter[str], int]:
        """How many photos there are, how many of them have which result, and how many are gone.

        Results are counted under the code of their failure, those with fields under ``""``.
        Those are gone that the last listing no longer met.
        """
        with self._told():
            rows = self._db.execute(
                "SELECT line IS NULL, failure, count(*) FROM photos GROUP BY 1, 2"
            ).fetchall()
            gone = self._db.execute(
                "SELECT count(*) FROM photos WHERE line IS NOT NULL AND listed < ?",
                (int(self.fact("listing") or 0),),
            ).fetchone()[0]
        done = Counter({failure: count for waits, failure, count in rows if not waits})
        return sum(count for _, _, count in rows), done, gone

    def lines(self) -> Iterator[str]:
        """The results as JSON lines, in the order of the photos' names."""
        last = b""
        while True:
            with self._told():
                rows = self._db.execute(
                    "SELECT path, line FROM photos WHERE line IS NOT NULL AND path > ? "
                    "ORDER BY path LIMIT ?",
                    (last, _PAGE),
                ).fetchall()
            if not rows:
                return
            yield from (line for _, line in rows)
            last = rows[-1][0]

    def notes(self) -> tuple[str, ...]:
        """What the last listing passed over."""
        return tuple(json.loads(self.fact("passed") or "[]"))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            why = getattr(error, "strerror", None) or error
            raise BatchStoppedError(
                f"the journal {self._path} cannot be written: {why}. Is the disk full, or the "
                "folder read-only? Mend that and submit again: what was read is kept"
            ) from error


class Listing:
    """One look at the folder, within one transaction of the journal."""

    def __init__(self, db: sqlite3.Connection, number: int) -> None:
        self._db = db
        self._number = number

    def is_as_before(self, found: Found) -> bool:
        """Whether the photo is known with this size and time; it is marked as listed then."""
        done = self._db.execute(
            "UPDATE photos SET listed = ? WHERE path = ? AND size = ? AND changed = ?",
            (self._number, os.fsencode(found.path), found.size, found.changed),
        )
        return done.rowcount == 1

    def sha256(self, path: str) -> str:
        """That of the bytes which *path* had when it was read; empty when it was not."""
        row = self._db.execute(
            "SELECT sha256 FROM photos WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        return row[0] if row else ""

    def touch(self, found: Found) -> None:
        """The file has a new time and the old content: its result stands."""
        self._db.execute(
            "UPDATE photos SET listed = ?, size = ?, changed = ? WHERE path = ?",
            (self._number, found.size, found.changed, os.fsencode(found.path)),
        )

    def put(self, found: Found) -> None:
        """The photo is new or changed: it waits to be read."""
        self._db.execute(
            "INSERT OR REPLACE INTO photos (path, size, changed, listed) VALUES (?, ?, ?, ?)",
            (os.fsencode(found.path), found.size, found.changed, self._number),
        )

    def forget_waiting(self) -> None:
        """Drop what neither has a result nor was met this time: it went before it was read."""
        self._db.execute("DELETE FROM photos WHERE line IS NULL AND listed < ?", (self._number,))

    def note_passed(self, notes: tuple[str, ...]) -> None:
        """Keep what was passed over, for ``status``."""
        self._db.execute(
            "INSERT OR REPLACE INTO facts VALUES ('passed', ?)", (json.dumps(list(notes)),)
        )
