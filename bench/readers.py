"""The recognizer and its peers, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import re
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from bench.tesseract import TesseractReader, why_missing
from openapi_shim.errors import RecognitionError
from openapi_shim.ocr.reading import FIELD_NAMES

OURS, PLAIN, TESSERACT = "openapi_shim", "plain rapidocr", "tesseract"

Answer = tuple[dict[str, str], dict[str, float]]
"""Values and confidences by field; a reader that tells no confidence gives none."""


class Reader(Protocol):
    """What takes part."""

    def read(self, data: bytes) -> Answer:
        """Reads one photo; this is what is timed."""
        ...

    def floor(self, data: bytes) -> float | None:
        """Milliseconds of the least work for the photo that was just read, where it is known."""
        ...


class _Ours:
    def __init__(self, threads: int) -> None:
        import cv2

        from bench.floor import Floor
        from openapi_shim.ocr import Reading, Recognizer

        cv2.setNumThreads(threads)
        self._recognizer = Recognizer(threads=threads)
        self._recognizer.load()
        self._floor = Floor(self._recognizer)
        self._last: Reading | None = None

    def read(self, data: bytes) -> Answer:
        try:
            reading = self._last = self._recognizer.read(data)
        except RecognitionError:
            self._last = None
            return dict.fromkeys(FIELD_NAMES, ""), {}
        return reading.values(), {name: item.confidence for name, item in reading}

    def floor(self, data: bytes) -> float | None:
        return self._floor.milliseconds(data, self._last) if self._last else None


class _Peer:
    """A reader that gives values and nothing else."""

    def __init__(self, values: Callable[[bytes], dict[str, str]]) -> None:
        self._values = values

    def read(self, data: bytes) -> Answer:
        return self._values(data), {}

    def floor(self, _data: bytes) -> float | None:
        return None


def _plain(threads: int) -> Reader:
    import cv2

    from bench.plain import PlainReader

    cv2.setNumThreads(threads)
    return _Peer(PlainReader(threads).read)


def _tesseract(threads: int) -> Reader:
    return _Peer(TesseractReader(threads).read)


_READERS: dict[str, Callable[[int], Reader]] = {
    OURS: _Ours,
    PLAIN: _plain,
    TESSERACT: _tesseract,
}


def present_readers() -> tuple[str, ...]:
    """The readers that can run here; says aloud which one cannot."""
    missing = why_missing()
    if not missing:
        return tuple(_READERS)
    print(f"LEFT OUT: {missing}; its rows are not in the tables.", file=sys.stderr)
    return tuple(name for name in _READERS if name != TESSERACT)


class Worker:
    """A reader in a process of its own."""

    def __init__(self, name: str, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, threads, other), daemon=True)
        self._process.start()
        other.close()  # so that a reader that dies ends the wait for it
        self._pipe.recv()

    def read(self, data: bytes) -> tuple[Answer, float]:
        """The answer and the milliseconds it took."""
        self._pipe.send(("read", data))
        answer: tuple[Answer, float] = self._pipe.recv()
        return answer

    def floor(self, data: bytes) -> float | None:
        """See ``Reader.floor``."""
        self._pipe.send(("floor", data))
        milliseconds: float | None = self._pipe.recv()
        return milliseconds

    def finish(self) -> float:
        """Ends the process; its peak memory in megabytes."""
        self._pipe.send(("finish", b""))
        peak: float = self._pipe.recv()
        self._process.join()
        return peak


def _serve(name: str, threads: int, pipe: Connection) -> None:
    reader = _READERS[name](threads)
    pipe.send("ready")
    while True:
        wish, data = pipe.recv()
        if wish == "finish":
            break
        if wish == "floor":
            pipe.send(reader.floor(data))
            continue
        start = time.perf_counter()
        answer = reader.read(data)
        pipe.send((answer, 1000 * (time.perf_counter() - start)))
    pipe.send(_peak_megabytes())


def _peak_megabytes() -> float:
    """The peak of this process, or of the largest that it started: tesseract is a process apart.

    Of this process' own, getrusage's begins with the parent's, which made the photos.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    own = int(found.group(1)) if found else 0
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
