"""Recognition off the event loop: one photo at a time, a bounded queue before it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from openapi_shim.errors import WeChatError


class License(Protocol):
    """What was read from a photo."""

    def values(self) -> Mapping[str, str]:
        """The eleven strings by WeChat's names, in WeChat's order."""
        ...


class Recognizer(Protocol):
    """Reads a driving licence."""

    def load(self) -> None:
        """Load what is heavy, so that the first photo need not wait for it."""
        ...

    def read(self, content: bytes, /) -> License:
        """Read one photo.

        Raises:
            ImageError: not an image, broken, or beyond the bounds.
            LicenseNotFoundError: no main page of a driving licence is in it.
        """
        ...


class RecognitionQueue:
    """Runs a recognizer in a thread of its own.

    Args:
        recognizer: is used from one thread only.
        waiting: photos that may wait behind the one in work.
    """

    def __init__(self, recognizer: Recognizer, *, waiting: int = 16) -> None:
        self._recognizer = recognizer
        self._waiting = waiting
        self._pending = 0
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recognition")

    @property
    def pending(self) -> int:
        """Photos in work or waiting."""
        return self._pending

    async def load(self) -> None:
        """Load the recognizer's weights; photos that come meanwhile wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._recognizer.load)

    async def read(self, content: bytes) -> License:
        """Read one photo. A caller who is cancelled while waiting gives up its place.

        Raises:
            ImageError, LicenseNotFoundError: the recognizer's own.
            WeChatError: -1 too many are waiting.
        """
        if self._pending > self._waiting:
            raise WeChatError(
                -1, f"{self._waiting} photos are waiting to be recognized: call again later"
            )
        # In the caller's context, so that a recognizer can tell for which request it works.
        context = contextvars.copy_context()
        job = self._thread.submit(context.run, self._recognizer.read, content)
        with self._lock:
            self._pending += 1
        # The thread cannot be stopped: a place is free again only when the job is done.
        job.add_done_callback(self._leave)
        return await asyncio.wrap_future(job)

    def _leave(self, _: Future[License]) -> None:
        with self._lock:
            self._pending -= 1

    def close(self) -> None:
        """Take no more photos and drop those that wait."""
        self._thread.shutdown(wait=False, cancel_futures=True)
