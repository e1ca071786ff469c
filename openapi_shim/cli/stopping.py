"""Ctrl+C and SIGTERM end a command wherever they find it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_AGAIN = 0.01  # seconds


class Terminated(BaseException):
    """SIGTERM came."""


_NUMBERS = {KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}


@contextmanager
def stoppable() -> Iterator[None]:
    """Within this, Ctrl+C raises ``KeyboardInterrupt`` and SIGTERM raises ``Terminated``.

    Python drops what is raised in functions that it calls by itself, ``__del__`` and callbacks of
    weak references, and every import ends with one of these. A signal that comes there would be
    for nothing. So a signal whose exception was dropped is sent again, a moment later.
    """
    number = signal.SIGINT
    hook_before = sys.unraisablehook

    def dropped(told: sys.UnraisableHookArgs) -> None:
        nonlocal number
        if told.exc_type not in _NUMBERS:
            hook_before(told)
            return
        number = _NUMBERS[told.exc_type]
        signal.setitimer(signal.ITIMER_REAL, _AGAIN, _AGAIN)

    def send_again(_number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code is dropped.__code__:
            return  # it would be dropped here, too; the timer comes again
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.raise_signal(number)  # and not its exception: who masks it, masks it now

    handlers = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, _terminate),
        signal.SIGALRM: signal.signal(signal.SIGALRM, send_again),
    }
    sys.unraisablehook = dropped
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook_before
        for one, before in handlers.items():
            signal.signal(one, before)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
