"""The daily quota: counted per appid, operation and day in Beijing."""

from __future__ import annotations

from openapi_shim.catalog.days import Day, day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.wechat.ids import Clock


class Quota:
    """Calls per appid, operation and day, counted in a store for all processes together.

    A call is counted when it is answered, in one atomic step: so neither calls at the same time
    nor a process that is killed between its beginning and its end can count one twice or lose
    one. Of calls at the same time more may begin than are left; those beyond are refused when
    they end.

    Args:
        store: keeps the counts.
        limit: calls a day.
        clock: seconds since 1970; the day begins at midnight in Beijing.
    """

    def __init__(self, store: Store, limit: int, clock: Clock) -> None:
        self._store = store
        self._limit = limit
        self._clock = clock

    async def check(self, appid: str, operation: str) -> None:
        """Refuse a call when the day's calls are used up.

        Raises:
            WeChatError: 101003 they are.
            StoreError: the store cannot be reached.
        """
        if await self.used(appid, operation) >= self._limit:
            raise self._used_up(appid)

    async def charge(self, appid: str, operation: str) -> None:
        """Count one call.

        Raises:
            WeChatError: 101003 the day's calls are used up; this one is not counted.
            StoreError: the store cannot be reached.
        """
        day = day_of(self._clock())
        key = _key(appid, operation, day)
        if not await self._store.take(key, limit=self._limit, expires=day.end):
            raise self._used_up(appid)

    async def used(self, appid: str, operation: str) -> int:
        """Calls of today."""
        return await self._store.count(_key(appid, operation, day_of(self._clock())))

    def _used_up(self, appid: str) -> WeChatError:
        return WeChatError(
            101003,
            f"all {self._limit} calls of today are used up by {appid}; they begin anew at "
            "midnight in Beijing, and --daily-quota or OPENAPI_SHIM_DAILY_QUOTA gives the "
            "emulator more",
        )


def _key(appid: str, operation: str, day: Day) -> str:
    return f"wechat/quota/{day.name}/{operation}/{appid}"
