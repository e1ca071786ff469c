"""The quota: so many calls a day, per appid and operation, and those that were bought."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from openapi_shim.errors import WeChatError
from openapi_shim.stores.base import Store
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.ids import Clock

_NEVER = 32_503_680_000.0  # the year 3000: what was bought does not end


@dataclass(frozen=True)
class Standing:
    """Calls of the day: *limit*, *used* and those that remain."""

    limit: int
    used: int

    @property
    def remain(self) -> int:
        """Calls that are left."""
        return max(0, self.limit - self.used)


class Reservation:
    """One call's place among those of its day: held until it is released, counted or not."""

    def __init__(self, quota: Quota, appid: str, operation: str, key: str, end: float) -> None:
        self._quota = quota
        self._appid = appid
        self._operation = operation
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
            await self._quota.take(self._appid, self._operation, self._key, self._end)
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
        limit: free calls a day.
        clock: seconds since 1970; the day begins at midnight in Beijing.
        bought: calls of an appid and operation beyond those, in all; they are spent when the
            day's are used up, and midnight does not bring them back.
    """

    def __init__(self, store: Store, limit: int, clock: Clock, *, bought: int = 0) -> None:
        self._store = store
        self._limit = limit
        self._bought = bought
        self._calls = DailyCalls(store, clock)
        self._under_way: Counter[str] = Counter()

    async def reserve(self, appid: str, operation: str) -> Reservation:
        """A place for one call; to be released in any case.

        Raises:
            WeChatError: 101003 the day's calls are used up, and so are those that were bought.
            StoreError: the store cannot be reached.
        """
        key, end = await self._calls.key(appid, operation)
        left = max(0, self._limit - await self._store.count(key))
        if self._under_way[key] >= left and self._bought:
            left += max(0, self._bought - await self.spent(appid, operation))
        if self._under_way[key] >= left:
            self._tidy(key)
            raise self._used_up(appid)
        self._under_way[key] += 1
        return Reservation(self, appid, operation, key, end)

    async def take(self, appid: str, operation: str, key: str, end: float) -> None:
        """Count the call of a reservation; see :meth:`Reservation.commit`."""
        if await self._store.take(key, limit=self._limit, expires=end):
            return
        bought = _bought(appid, operation)
        if not await self._store.take(bought, limit=self._bought, expires=_NEVER):
            raise self._used_up(appid)

    def end(self, key: str) -> None:
        """End the call of a reservation; see :meth:`Reservation.release`."""
        self._under_way[key] -= 1
        self._tidy(key)

    def _tidy(self, key: str) -> None:
        if not self._under_way[key]:
            del self._under_way[key]

    async def used(self, appid: str, operation: str) -> int:
        """Free calls of today that were answered."""
        return await self._calls.used(appid, operation)

    async def spent(self, appid: str, operation: str) -> int:
        """Bought calls that were answered, whenever that was."""
        return await self._store.count(_bought(appid, operation))

    async def standing(self, appid: str, operation: str) -> Standing:
        """The day's free calls."""
        return Standing(self._limit, await self.used(appid, operation))

    def _used_up(self, appid: str) -> WeChatError:
        bought = f", and so are the {self._bought} that were bought" if self._bought else ""
        return WeChatError(
            101003,
            f"all {self._limit} calls of today are used up by {appid}{bought}; they begin anew at "
            "midnight in Beijing, and --daily-quota, OPENAPI_SHIM_DAILY_QUOTA or "
            "OPENAPI_SHIM_BOUGHT_QUOTA gives the emulator more",
        )


def _bought(appid: str, operation: str) -> str:
    return f"wechat/bought/{operation}/{appid}"
