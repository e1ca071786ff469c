"""Calls a day: counted per appid, operation and day in Beijing, and begun anew when cleared."""

from __future__ import annotations

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.wechat.ids import Clock

CLEARS = 10
"""Times a month that an appid may clear its counts (documented)."""


class DailyCalls:
    """Counts of the day in a store.

    To clear them is one atomic step too: how often an appid cleared its counts this month is part
    of their keys, so that they all begin anew at once, and a call under way counts where it began.

    Args:
        store: keeps the counts.
        clock: seconds since 1970.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def key(self, appid: str, operation: str) -> tuple[str, float]:
        """Where today's calls are counted, and when that count ends."""
        day = day_of(self._clock())
        cleared = await self._store.count(_cleared(appid, day.month))
        name = f"{day.name}.{cleared}" if cleared else day.name
        return f"wechat/quota/{name}/{operation}/{appid}", day.end

    async def used(self, appid: str, operation: str) -> int:
        """Calls of today."""
        key, _ = await self.key(appid, operation)
        return await self._store.count(key)

    async def clear(self, appid: str) -> int:
        """Let all of *appid*'s counts of today begin anew; how often it was done this month.

        Raises:
            WeChatError: 48006, it was done ten times.
            StoreError: the store cannot be reached.
        """
        day = day_of(self._clock())
        times = await self._store.take(
            _cleared(appid, day.month), limit=CLEARS, expires=day.month_end
        )
        if not times:
            raise WeChatError(
                48006,
                f"{appid} cleared its counts {CLEARS} times in {day.month} already; "
                "`openapi-shim state reset` lets the emulator begin anew",
            )
        return times


def _cleared(appid: str, month: str) -> str:
    return f"wechat/cleared/{month}/{appid}"
