"""The recognizer of a server's process, told about to those who measure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol

from openapi_shim.errors import ImageError, LicenseNotFoundError, RecognitionError
from openapi_shim.wechat.recognition import License, Recognizer

READ, NO_LICENSE, NO_IMAGE, FAILED = "read", "no_licence", "no_image", "failed"
OUTCOMES = (READ, NO_LICENSE, NO_IMAGE, FAILED)


class Gauge(Protocol):
    """Whoever measures recognition; called in the recognizer's thread, in the request's context."""

    def recognizing(self) -> AbstractContextManager[None]:
        """Entered for the time a photo is read."""
        ...

    def recognized(self, outcome: str, seconds: float) -> None:
        """A photo was read, or not; *outcome* is one of ``OUTCOMES``."""
        ...


class MeasuredRecognizer:
    """A recognizer that tells *gauges* of each photo.

    Attributes:
        fault: why the weights could not be loaded; empty unless that was tried in vain.
    """

    def __init__(self, recognizer: Recognizer, gauges: Sequence[Gauge]) -> None:
        self._recognizer = recognizer
        self._gauges = gauges
        self.fault = ""

    def load(self) -> None:
        """Load the weights; if they cannot be, *fault* tells why."""
        try:
            self._recognizer.load()
        except Exception as error:
            told = isinstance(error, RecognitionError)  # our own words, with the next step
            self.fault = str(error) if told else f"the weights cannot be loaded: {error!r}"
            raise

    def read(self, content: bytes, /) -> License:
        """Read one photo; see ``Recognizer.read``."""
        begin = time.perf_counter()
        outcome = FAILED
        with ExitStack() as stack:
            for gauge in self._gauges:
                stack.enter_context(gauge.recognizing())
            try:
                found = self._recognizer.read(content)
                outcome = READ
            except LicenseNotFoundError:
                outcome = NO_LICENSE
                raise
            except ImageError:
                outcome = NO_IMAGE
                raise
            finally:
                seconds = time.perf_counter() - begin
                for gauge in self._gauges:
                    gauge.recognized(outcome, seconds)
        return found
