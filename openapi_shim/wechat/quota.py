"""The daily quota: counted per appid, operation and day in Beijing."""

from __future__ import annotations

from collections import Counter

from openapi_shim.catalog.days import Day, day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.wechat.ids import Clock


class Reservation:
    """One call's place among those of its day: held until it is released, counted or not."""

    def __init__(self, quota: Quota, appid: str, key: str, end: float) -> None:
        self._quota = quota
        self._appid = appid
        self._key = key
        self._end = end
        self._held = True

    async def commit(self) -> None:
        """Count the call.

        Raises:
            WeChatError: 101003 another process was faster with the last one; this one is not
                counted.
            StoreError: the store cannot be reached.
        """
        try:
            await self._quota.take(self._appid, self._key, self._end)
        finally:
            self.release()

    def release(self) -> None:
        """Give the place back, if it is still held."""
        if self._held:
            self._held = False
            self._quota.end(self._key)


class Quota:
    """Calls per appid, operation and day, counted in a store for all processes together.

    A call is counted when it is answered, in one atomic step: so neither calls at the same time
    nor a process that is killed between its beginning and its end can count one twice or lose
    one. The places of calls under way are held in this process alone; of several processes
    more calls may begin than are left, and those beyond are refused when they end.

    Args:
        store: keeps the counts.
        limit: calls a day.
        clock: seconds since 1970; the day begins at midnight in Beijing.
    """

    def __init__(self, store: Store, limit: int, clock: Clock) -> None:
        self._store = store
        self._limit = limit
        self._clock = clock
        self._under_way: Counter[str] = Counter()

    async def reserve(self, appid: str, operation: str) -> Reservation:
        """A place for one call; to be released in any case.

        Raises:
            WeChatError: 101003 the day's calls are used up.
            StoreError: the store cannot be reached.
        """
        day = day_of(self._clock())
        key = _key(appid, operation, day)
        used = await self._store.count(key)
        if used + self._under_way[key] >= self._limit:
            self._tidy(key)
            raise self._used_up(appid)
        self._under_way[key] += 1
        return Reservation(self, appid, key, day.end)

    async def take(self, appid: str, key: str, end: float) -> None:
        """Count the call of a reservation; see :meth:`Reservation.commit`."""
        if not await self._store.take(key, limit=self._limit, expires=end):
            raise self._used_up(appid)

    def end(self, key: str) -> None:
        """End the call of a reservation; see :meth:`Reservation.release`."""
        self._under_way[key] -= 1
        self._tidy(key)

    def _tidy(self, key: str) -> None:
        if not self._under_way[key]:
            del self._under_way[key]

    async def used(self, appid: str, operation: str) -> int:
        """Calls of today that were answered."""
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
