from __future__ import annotations

import signal
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from openapi_shim.cli.stopping import Terminated, stoppable

SIGNALS = pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)


@pytest.fixture(autouse=True)
def heeding() -> Iterator[None]:
    """Ctrl+C raises here, even behind a script's ``&``."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Thing:
    """What can be weakly referred to."""


def in_a_callback(number: signal.Signals) -> None:
    """As at the end of every import."""
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(number))
    del thing
    assert reference() is None


def in_a_generator(number: signal.Signals) -> None:
    def numbers() -> Iterator[int]:
        try:
            yield 1
        finally:
            signal.raise_signal(number)

    assert next(numbers()) == 1


def dropped(error: type[BaseException]) -> Any:
    """As Python tells of it."""
    return SimpleNamespace(exc_type=error)


@SIGNALS
@pytest.mark.parametrize("drop", [in_a_callback, in_a_generator])
def test_a_signal_whose_exception_is_dropped_comes_again(
    number: signal.Signals, error: type[BaseException], drop: Callable[[signal.Signals], None]
) -> None:
    def work() -> None:
        with stoppable():
            drop(number)
            time.sleep(60)  # which it ends

    with pytest.raises(error):
        work()


@SIGNALS
def test_where_it_is_held_back_it_comes_afterwards(
    number: signal.Signals, error: type[BaseException]
) -> None:
    pending = False

    def work() -> None:
        nonlocal pending
        with stoppable():
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
            try:
                sys.unraisablehook(dropped(error))
                end = time.monotonic() + 30  # never reached but where it does not come at all
                while not pending and time.monotonic() < end:
                    pending = number in signal.sigpending()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    with pytest.raises(error):
        work()
    assert pending


def test_what_else_is_dropped_is_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)]
    other = dropped(ZeroDivisionError)
    with stoppable():
        sys.unraisablehook(other)
    assert told == [other]
    assert sys.unraisablehook == told.append
    assert handlers == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)]
