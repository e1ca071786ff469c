"""The emulator's clock, which can be held and moved: tokens, quota and URLs expire by it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from openapi_shim.wechat.ids import Clock

LATEST = 32_503_680_000.0
"""The year 3000, in seconds since 1970: no clock is moved beyond it, or before 1970."""


@dataclass(frozen=True)
class ClockState:
    """Where a clock stands.

    Attributes:
        now: seconds since 1970.
        held: it stands still.
        ahead: seconds before the machine's own clock; negative behind it.
    """

    now: float
    held: bool
    ahead: float


class HeldClock:
    """Seconds since 1970, as the machine tells them until somebody holds or moves it.

    Args:
        source: the machine's clock.
    """

    def __init__(self, source: Clock = time.time) -> None:
        self._source = source
        self._ahead = 0.0
        self._held: float | None = None
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time now."""
        held = self._held
        return self._source() + self._ahead if held is None else held

    def state(self) -> ClockState:
        """Where it stands."""
        now = self()
        return ClockState(now, self._held is not None, now - self._source())

    def freeze(self, at: float | None = None) -> None:
        """Hold it, now or at *at*.

        Raises:
            ValueError: no clock stands there.
        """
        with self._lock:
            self._held = _bounded(self() if at is None else at)

    def advance(self, seconds: float) -> None:
        """Move it, held or not; back by a negative number.

        Raises:
            ValueError: no clock stands there.
        """
        with self._lock:
            moved = _bounded(self() + seconds)
            if self._held is None:
                self._ahead = moved - self._source()
            else:
                self._held = moved

    def restore(self, state: ClockState) -> None:
        """Let it stand as *state* has it: held there, or so far from the machine's clock.

        Raises:
            ValueError: no clock stands there.
        """
        with self._lock:
            if state.held:
                self._held = _bounded(state.now)
            else:
                _bounded(self._source() + state.ahead)
                self._held, self._ahead = None, state.ahead

    def reset(self) -> None:
        """Let it tell the machine's time again."""
        with self._lock:
            self._ahead, self._held = 0.0, None


def _bounded(moment: float) -> float:
    if not 0 <= moment <= LATEST:  # NaN is refused as well
        raise ValueError("a clock stands between the years 1970 and 3000")
    return moment
