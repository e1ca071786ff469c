"""The daily quota: counted per appid, operation and day in Beijing."""

from __future__ import annotations

from dataclasses import dataclass

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.ids import Clock

_BEIJING = 8 * 3600  # seconds ahead of UTC, without daylight saving
_DAY = 86400


@dataclass
class _Count:
    taken: int = 0


class Reservation:
    """One call's place in the quota: kept by :meth:`commit`, else given back by :meth:`release`."""

    def __init__(self, count: _Count) -> None:
        self._count = count
        self._open = True

    def commit(self) -> None:
        """Charge the call."""
        self._open = False

    def release(self) -> None:
        """Give the place back, unless the call was charged or the place given back before."""
        if self._open:
            self._open = False
            self._count.taken -= 1


class Quota:
    """Calls per appid, operation and day.

    Args:
        limit: calls a day.
        clock: seconds since 1970; the day begins at midnight in Beijing.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._day = 0
        self._counts: dict[tuple[str, str], _Count] = {}

    def reserve(self, appid: str, operation: str) -> Reservation:
        """A place for one call, so that calls at the same time never pass the limit.

        Raises:
            WeChatError: 101003 the day's calls are used up.
        """
        count = self._today().setdefault((appid, operation), _Count())
        if count.taken >= self._limit:
            raise WeChatError(
                101003,
                f"all {self._limit} calls of today are used up by {appid}; they begin anew at "
                "midnight in Beijing, and --daily-quota or OPENAPI_SHIM_DAILY_QUOTA gives the "
                "emulator more",
            )
        count.taken += 1
        return Reservation(count)

    def used(self, appid: str, operation: str) -> int:
        """Calls of today, those under way included."""
        count = self._today().get((appid, operation))
        return count.taken if count else 0

    def _today(self) -> dict[tuple[str, str], _Count]:
        day = int(self._clock() + _BEIJING) // _DAY
        if day != self._day:
            # Yesterday's reservations still hold their own count and do not touch today's.
            self._day, self._counts = day, {}
        return self._counts
