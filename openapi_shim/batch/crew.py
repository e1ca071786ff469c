"""Worker processes that read photos, each with a recognizer of its own.

A process and not a thread for each core: the recognizer's models gain little from a second
thread (they are many short steps), and a photo that ends the process ends only its own try.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from openapi_shim.batch.reading import Read, Recognizer, read_photo
from openapi_shim.errors import BatchStoppedError, RecognitionError

RecognizerFactory = Callable[[int], Recognizer]
"""Makes a recognizer for so many threads. A function of a module, for it goes to processes."""

_SPAWN = multiprocessing.get_context("spawn")
_FAILED_STARTS = 3  # in a row
_START_SECONDS = 120.0  # the imports and weights take about one
_GIVEN_TO_END = 5.0  # seconds
# A worker is replaced after so many photos: onnxruntime keeps as much memory as the largest
# steps needed, and a leak of any library would be kept for ever. Starting costs a second.
_PHOTOS_A_LIFE = 500
_HELD_BACK = {signal.SIGINT, signal.SIGTERM}  # while a worker is started


def local_recognizer(threads: int, budget: float) -> Recognizer:
    """The package's own recognizer, on *threads* cores.

    Args:
        threads: cores.
        budget: seconds after which no further look at a photo begins.
    """
    import cv2  # noqa: PLC0415  (heavy, and only workers have it)

    from openapi_shim.ocr import Recognizer as LocalRecognizer  # noqa: PLC0415  (likewise)

    cv2.setNumThreads(threads)  # by itself it takes every core, and workers would stand in line
    return LocalRecognizer(threads=threads, budget=budget)


def _work(pipe: Connection, factory: RecognizerFactory, threads: int, root: str) -> None:
    """What a worker process does: paths in, outcomes out, until the pipe's other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to all; the parent ends us
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # it was held back until here
    try:
        recognizer = factory(threads)
        recognizer.load()
    except (RecognitionError, ImportError) as error:
        pipe.send(str(error))
        return
    pipe.send(None)
    with contextlib.suppress(EOFError, OSError):  # the parent went away, perhaps by a kill
        while True:
            pipe.send(read_photo(recognizer, root, pipe.recv()))


@dataclass
class _Worker:
    """A worker process as the parent sees it.

    Attributes:
        ready: whether it has said that its recognizer is loaded.
        path: the photo it has in work, or None.
        since: when that was given to it, or when it was started (monotonic seconds).
        given: photos it was given.
    """

    process: BaseProcess
    pipe: Connection
    ready: bool = False
    path: str | None = None
    since: float = field(default_factory=time.monotonic)
    given: int = 0

    def give(self, path: str) -> None:
        """Have it read *path*; if it is dead already, waiting for it will tell."""
        self.path, self.since, self.given = path, time.monotonic(), self.given + 1
        with contextlib.suppress(OSError):
            self.pipe.send(path)

    def end(self, *, kill: bool) -> None:
        """End the process: at once, or when it has understood that nothing more comes."""
        self.pipe.close()
        if not kill:
            self.process.join(_GIVEN_TO_END)
        self.process.kill()
        self.process.join()
        self.process.close()


class Crew:
    """Worker processes for one folder; a context manager that ends them.

    Args:
        root: the folder.
        workers: how many processes.
        threads: cores each may use.
        seconds: that one photo may take.
        factory: makes the recognizer in each.
    """

    def __init__(
        self,
        root: str,
        *,
        workers: int,
        threads: int,
        seconds: float,
        factory: RecognizerFactory,
    ) -> None:
        self._root = root
        self._wanted = workers
        self._threads = threads
        self._seconds = seconds
        self._factory = factory
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.end(kill=kind is not None or worker.path is not None)

    def read(self, paths: Iterable[str], lost: Callable[[str, str], bool]) -> Iterator[Read]:
        """The photos' outcomes, as they come.

        Args:
            paths: of the photos below the folder.
            lost: is told a path and why its worker ended on it; whether to try it again.

        Raises:
            BatchStoppedError: the workers end while they start, or their recognizer cannot be
                loaded.
        """
        fresh, again = iter(paths), deque[str]()
        while True:
            self._hand_out(again, fresh)
            if all(worker.path is None for worker in self._workers):
                return
            wait([worker.pipe for worker in self._workers], timeout=self._patience())
            for worker in list(self._workers):
                path = worker.path
                try:
                    outcome = self._heard(worker)
                except _LostError as error:
                    self._drop(worker)
                    if path is not None and (not worker.ready or lost(path, str(error))):
                        again.append(path)
                    continue
                if outcome is not None:
                    yield outcome

    def _hand_out(self, again: deque[str], fresh: Iterator[str]) -> None:
        """Give a photo to each who has none; start workers as long as there are photos."""
        idle = [worker for worker in self._workers if worker.path is None]
        while idle or len(self._workers) < self._wanted:
            path = again.popleft() if again else next(fresh, None)
            if path is None:
                return
            worker = idle.pop() if idle else self._start()
            if worker.given >= _PHOTOS_A_LIFE:
                self._workers.remove(worker)
                worker.end(kill=False)
                worker = self._start()
            worker.give(path)

    def _start(self) -> _Worker:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(
            target=_work, args=(theirs, self._factory, self._threads, self._root), daemon=True
        )
        # The first worker's start would start this too, which ends by letting signals through.
        resource_tracker.ensure_running()
        # A worker is started whole or not at all, and must not cry when Ctrl+C comes before it
        # has switched that off: it inherits the mask.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            process.start()
            theirs.close()
            worker = _Worker(process, ours)
            self._workers.append(worker)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return worker

    def _patience(self) -> float:
        """Seconds until the first worker is overdue."""
        ends = [self._due(worker) for worker in self._workers if worker.path is not None]
        return max(0.0, min(ends) - time.monotonic())

    def _due(self, worker: _Worker) -> float:
        """When it should have said something (monotonic seconds)."""
        return worker.since + (self._seconds if worker.ready else _START_SECONDS)

    def _heard(self, worker: _Worker) -> Read | None:
        """What *worker* has said meanwhile: an outcome, or nothing.

        Raises:
            _LostError: it ended, or takes too long.
            BatchStoppedError: it cannot load its recognizer.
        """
        try:
            if not worker.pipe.poll():
                if worker.path is not None and time.monotonic() > self._due(worker):
                    raise _LostError(f"it took more than {self._seconds:g} s")
                return None
            message = worker.pipe.recv()
        except (EOFError, OSError) as error:
            worker.process.join()
            raise _LostError(_how_it_ended(worker.process.exitcode or 0)) from error
        if worker.ready:
            worker.path = None
            outcome: Read = message
            return outcome
        if message is not None:
            raise BatchStoppedError(message)
        worker.ready, worker.since = True, time.monotonic()
        self._failed_starts = 0
        return None

    def _drop(self, worker: _Worker) -> None:
        ready = worker.ready
        self._workers.remove(worker)
        worker.end(kill=True)
        self._failed_starts += not ready
        if self._failed_starts >= _FAILED_STARTS:
            raise BatchStoppedError(
                f"{_FAILED_STARTS} worker processes in a row ended while they loaded the "
                "recognizer. Is there enough memory? About 1 GB each is needed: try fewer by "
                "--workers"
            )


class _LostError(Exception):
    """A worker is gone; the text says how."""


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"its worker process ended with {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return f"its worker process was ended by {name}"
