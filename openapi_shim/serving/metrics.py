"""Prometheus' numbers, over all processes of a server. Imported only where the library is there.

Each process keeps its numbers in files of a common folder (prometheus_client's own way); whoever
answers ``/metrics`` adds them up. No label names an account, a person or what a client wrote.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from openapi_shim.serving.accounts import Finished
from openapi_shim.serving.recognizing import OUTCOMES

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own; set for a process before this module is imported in it."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)


class ProcessMetrics:
    """The numbers of one serving process.

    Raises:
        RuntimeError: the folder for them is not set.
    """

    def __init__(self) -> None:
        if FOLDER_VARIABLE not in os.environ:
            raise RuntimeError(f"{FOLDER_VARIABLE} is not set")
        registry = CollectorRegistry()  # of its own: what is shown is collected from the files
        self._requests = Counter(
            "openapi_shim_requests",
            "Requests by path template and errcode (the gateway's word, or an HTTP status).",
            ["path", "errcode"],
            registry=registry,
        )
        self._seconds = Histogram(
            "openapi_shim_request_seconds",
            "Time to answer.",
            ["path"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._recognition = Histogram(
            "openapi_shim_recognition_seconds",
            "Time to read one photo, without waiting.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._photos = Counter(
            "openapi_shim_photos", "Photos by outcome.", ["outcome"], registry=registry
        )
        self._waiting = Gauge(
            "openapi_shim_photos_pending",
            "Photos in work or waiting.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._used = Gauge(
            "openapi_shim_quota_used",
            "Recognitions of today charged to the appid that is accepted.",
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        self._limit = Gauge(
            "openapi_shim_quota_limit",
            "Recognitions a day.",
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._photos.labels(outcome)
        # The files are open: a function's process must not inherit the way to them.
        del os.environ[FOLDER_VARIABLE]

    def finished(self, request: Finished) -> None:
        """Count one request."""
        self._requests.labels(request.path, str(request.outcome.code)).inc()
        self._seconds.labels(request.path).observe(request.seconds)

    @contextlib.contextmanager
    def recognizing(self) -> Iterator[None]:
        """Nothing is counted before a photo has been read."""
        yield

    def recognized(self, outcome: str, seconds: float) -> None:
        """Count one photo."""
        self._photos.labels(outcome).inc()
        self._recognition.observe(seconds)

    def state(self, *, pending: int, used: int | None, limit: int) -> None:
        """Note what is asked for now and then: photos pending, and today's quota if known."""
        self._waiting.set(pending)
        if used is not None:
            self._used.set(used)
            self._limit.set(limit)


class ServerMetrics:
    """All numbers of a server, for ``/metrics``; to be made in the supervising process.

    Args:
        folder: where the processes keep theirs.
    """

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(self._registry, path=str(folder))  # type: ignore[no-untyped-call]
        own = self._registry
        self._restarts = Counter(
            "openapi_shim_process_restarts", "Processes that had to be replaced.", registry=own
        )
        self._ready = Gauge("openapi_shim_processes_ready", "Processes that serve.", registry=own)

    def ended(self, pid: int) -> None:
        """The process *pid* is no more: what it had in work counts no longer."""
        multiprocess.mark_process_dead(pid, path=str(self._folder))  # type: ignore[no-untyped-call]

    def restarted(self) -> None:
        """A process had to be replaced."""
        self._restarts.inc()

    def text(self, ready: int) -> bytes:
        """All numbers in Prometheus' text format."""
        self._ready.set(ready)
        return generate_latest(self._registry)
