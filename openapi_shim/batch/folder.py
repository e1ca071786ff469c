"""A batch on a local folder: listed, read by worker processes, kept in a journal."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from openapi_shim.batch.crew import Crew, RecognizerFactory, local_recognizer
from openapi_shim.batch.journal import Journal, Listing
from openapi_shim.batch.machine import available_memory, usable_cores
from openapi_shim.batch.photos import SUFFIXES, Found, Passed, find_photos
from openapi_shim.batch.reading import Read, open_photo
from openapi_shim.batch.results import (
    Failure,
    Orders,
    Outcome,
    Progress,
    State,
    Summary,
    write_lines,
)
from openapi_shim.errors import BatchError, ImageError

TRIES = 3
"""Times that a photo may end its worker process before it counts as failed."""

_MEMORY = 1 << 30  # bytes a worker needs at its peak, with some to spare; see docs/batch.md
# Seconds that a photo may take beyond its budget: the look that has begun then, on a machine
# with much else to do.
_LAST_LOOK = 105.0
_LOCK = "lock"
_LOCK_PATIENCE = 2.0  # seconds; ``status`` holds the lock for a moment


@dataclass(frozen=True)
class Crewing:
    """What workers are like.

    Attributes:
        factory: makes the recognizer in each process.
        seconds: one photo may take.
    """

    factory: RecognizerFactory
    seconds: float = 120.0

    @classmethod
    def within(cls, budget: float) -> Crewing:
        """Our own recognizer, which begins no further look after *budget* seconds."""
        return cls(partial(local_recognizer, budget=budget), budget + _LAST_LOOK)

    def hired(self, root: Path, split: tuple[int, int]) -> Crew:
        """Those who read *root*: so many workers with so many threads each."""
        workers, threads = split
        return Crew(
            os.fspath(root),
            workers=workers,
            threads=threads,
            seconds=self.seconds,
            factory=self.factory,
        )


class FolderJob:
    """The batch of one folder. The same folder has the same job, whenever it is submitted.

    Args:
        state_dir: where jobs keep their journals.
        name: of the job.
        source: its folder; None where it is not to be submitted.
        crewing: who reads; None where it is not to be submitted.
    """

    reads_here = True

    def __init__(
        self,
        state_dir: Path,
        name: str,
        source: Path | None = None,
        crewing: Crewing | None = None,
    ) -> None:
        self.name = name
        self._source = source
        self._crewing = crewing
        self._folder = state_dir.absolute() / "batch" / name

    @classmethod
    def of(cls, state_dir: Path, source: Path, crewing: Crewing) -> FolderJob:
        """The job of the folder *source*, whether it was submitted yet or not.

        Raises:
            BatchError: *source* is no folder.
        """
        if not source.is_dir():
            what = "is a file" if source.exists() else "does not exist"
            raise BatchError(f"{source} {what}: name a folder of photos, or s3://bucket/prefix")
        root = source.resolve()
        readable = re.sub(r"[^\w.-]+", "-", root.name)[:40].strip("-.") or "photos"
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
        return cls(state_dir, f"{readable}-{digest}", root, crewing)

    @property
    def exists(self) -> bool:
        """Whether it was submitted before."""
        return Journal.is_in(self._folder)

    @property
    def results(self) -> Path:
        """Where the JSON lines are by default."""
        return self._folder / "results.jsonl"

    def submit(self, orders: Orders, progress: Progress = lambda _: None) -> Summary:
        """List the folder, read what has no result yet, and write the results, to the end.

        Args:
            orders: the user's wishes.
            progress: is told after the listing, and after each photo.

        Returns:
            the job at its end.

        Raises:
            BatchError: the folder has no photo, somebody is reading it already, or the results
                cannot be written where they are wanted.
            BatchStoppedError: the disk is full, the recognizer cannot be loaded or the like;
                what was read is kept.
        """
        root, crewing = self._source, self._crewing
        if root is None or crewing is None:
            raise BatchError(f"the job {self.name} is submitted by its folder, not by its name")
        if not self.exists:
            _refuse_empty(root)
        if orders.out is not None:
            _refuse_unwritable(orders.out)
        with closing(Journal(self._folder)) as journal, self._alone():
            _list(journal, root, retry=orders.retry)
            journal.note("source", os.fsencode(root).decode("utf-8", "replace"))
            if orders.out is not None:
                journal.note("out", os.fspath(orders.out.absolute()))
            now = self._summary(journal, State.READING)
            progress(now)
            if now.remaining:
                with crewing.hired(root, _split(orders.workers, now.remaining)) as crew:
                    self._read(journal, crew, now, progress)
            ended = self._summary(journal, State.FINISHED)
            write_lines(journal.lines(), Path(ended.results))
            return ended

    def summary(self) -> Summary:
        """The job as it stands.

        Raises:
            BatchError: there is no such job.
        """
        with self._opened() as journal:
            return self._summary(journal, None)

    def lines(self) -> Iterator[str]:
        """The results as JSON lines, in the order of the photos' names.

        Raises:
            BatchError: there is no such job.
        """
        with self._opened() as journal:
            yield from journal.lines()

    def _read(self, journal: Journal, crew: Crew, now: Summary, progress: Progress) -> None:
        failures = Counter(now.failures)
        read = now.read

        def keep(one: Read) -> None:
            nonlocal read
            journal.keep(one)
            if one.outcome.failure is None:
                read += 1
            else:
                failures[one.outcome.failure.value] += 1
            progress(replace(now, read=read, failures=failures))

        def lost(path: str, why: str) -> bool:
            if journal.tried(path) < TRIES:
                return True
            keep(Read(_crashed(path, why)))
            return False

        for one in crew.read(journal.waiting(), lost):
            keep(one)

    def _summary(self, journal: Journal, state: State | None) -> Summary:
        total, done, gone = journal.counts()
        read = done.pop("", 0)
        if state is None:
            ended = State.FINISHED if read + done.total() == total else State.STOPPED
            state = State.READING if self._is_running() else ended
        notes = journal.notes()
        if gone:
            notes += (f"{gone} photos are no longer in the folder; their results are kept",)
        return Summary(
            self.name,
            journal.fact("source"),
            state,
            total,
            read,
            dict(sorted(done.items())),
            journal.fact("out") or os.fspath(self.results),
            notes,
        )

    @contextmanager
    def _opened(self) -> Iterator[Journal]:
        if not self.exists:
            raise BatchError(
                f"there is no job {self.name} in {self._folder.parent}: name the folder that was "
                "submitted or its job, from where it was submitted, or see --state-dir"
            )
        with closing(Journal(self._folder)) as journal:
            yield journal

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from reading the same folder; a kill lets go of it too."""
        end = time.monotonic() + _LOCK_PATIENCE
        with (self._folder / _LOCK).open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > end:
                        raise BatchError(
                            f"the job {self.name} is being read by another process: "
                            f"openapi-shim batch status {self.name} tells how far it is"
                        ) from error
                    time.sleep(0.05)
            yield

    def _is_running(self) -> bool:
        try:
            with (self._folder / _LOCK).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


def _split(wanted: int | None, photos: int) -> tuple[int, int]:
    """Workers, and threads for each, for so many photos."""
    cores = usable_cores()
    memory = available_memory()
    fitting = cores if memory is None else min(cores, memory // _MEMORY)
    workers = max(1, min(wanted or fitting, photos))
    return workers, max(1, cores // workers)


def _refuse_empty(root: Path) -> None:
    passed = Passed()
    if next(find_photos(root, passed), None) is None:
        kinds = ", ".join(sorted(suffix.strip(".") for suffix in SUFFIXES))
        told = "".join(f"; {note}" for note in passed.notes())
        raise BatchError(f"the folder {root} holds no photo ({kinds}){told}")


def _refuse_unwritable(out: Path) -> None:
    """Before an hour of reading, not after it."""
    if out.is_dir():
        raise BatchError(f"{out} is a folder: name a file in it, as {out / 'results.jsonl'}")
    if not out.parent.is_dir():
        raise BatchError(f"there is no folder {out.parent}: make it first, or name another file")
    if not os.access(out.parent, os.W_OK):
        raise BatchError(f"{out} cannot be written: name a file in another folder")


def _crashed(path: str, why: str) -> Outcome:
    reason = (
        f"the photo was tried {TRIES} times, and each time {why.removeprefix('its ')}. Open and "
        "save it anew in a photo program, or try it again by --retry-failed"
    )
    return Outcome(path, failure=Failure.CRASHED, reason=reason)


def _list(journal: Journal, root: Path, *, retry: bool) -> None:
    """Bring the journal to what the folder holds now."""
    passed = Passed()
    broken: list[Found] = []
    with journal.listing(retry=retry) as listing:
        for found in find_photos(root, passed):
            if found.problem:
                broken.append(found)
            if not listing.is_as_before(found):
                _take_over(listing, root, found)
        listing.forget_waiting()
        listing.note_passed(passed.notes())
    for found in broken:
        why = f"{found.problem}. Mend that and submit again."
        journal.keep(Read(Outcome(found.path, failure=Failure.UNREADABLE, reason=why)))


def _take_over(listing: Listing, root: Path, found: Found) -> None:
    """A photo that is new, or whose size or time changed: the content decides."""
    before = listing.sha256(found.path)
    if before and _sha256(root, found) == before:
        listing.touch(found)
    else:
        listing.put(found)


def _sha256(root: Path, found: Found) -> str:
    try:
        return open_photo(f"{os.fspath(root)}/{found.path}").sha256
    except (OSError, ImageError):
        return ""  # reading it will tell
