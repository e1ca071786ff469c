from __future__ import annotations

import asyncio

import pytest

from openapi_shim.catalog.days import day_of
from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.quota import Quota

from .fakes import FakeClock

OCR = "ocr.driverLicense"
MIDNIGHT_IN_BEIJING = 1_790_006_400.0  # 2026-09-22 00:00 there, 16:00 UTC the day before


def quota_of(limit: int, clock: FakeClock | None = None, *, bought: int = 0) -> Quota:
    clock = clock or FakeClock()
    return Quota(SqliteStore(MEMORY, clock=clock), limit, clock, bought=bought)


async def refused(quota: Quota, appid: str = "wx1") -> WeChatError:
    with pytest.raises(WeChatError) as caught:
        await quota.reserve(appid, OCR)
    assert caught.value.errcode == 101003
    return caught.value


async def call(quota: Quota, appid: str = "wx1", operation: str = OCR) -> None:
    await (await quota.reserve(appid, operation)).commit()


async def test_the_day_ends_at_midnight_in_beijing() -> None:
    clock = FakeClock(MIDNIGHT_IN_BEIJING - 1)
    quota = quota_of(1, clock)
    await call(quota)
    assert "OPENAPI_SHIM_DAILY_QUOTA" in (await refused(quota)).reason
    clock.now += 1
    await call(quota)
    assert await quota.used("wx1", OCR) == 1


async def test_appids_and_operations_are_counted_apart() -> None:
    quota = quota_of(1)
    for appid, operation in (("wx1", OCR), ("wx2", OCR), ("wx1", "ocr.idcard")):
        await call(quota, appid, operation)


async def test_a_reservation_counts_until_it_is_given_back() -> None:
    quota = quota_of(1)
    place = await quota.reserve("wx1", OCR)
    await refused(quota)
    place.release()
    place.release()
    assert await quota.used("wx1", OCR) == 0
    charged = await quota.reserve("wx1", OCR)
    await charged.commit()
    charged.release()
    assert await quota.used("wx1", OCR) == 1
    await refused(quota)
    assert not quota._under_way, "nothing is kept of calls that ended"


async def test_a_call_over_midnight_is_yesterdays() -> None:
    clock = FakeClock(MIDNIGHT_IN_BEIJING - 1)
    quota = quota_of(5, clock)
    place = await quota.reserve("wx1", OCR)
    clock.now += 2
    await place.commit()
    assert await quota.used("wx1", OCR) == 0


async def test_calls_at_the_same_time_never_pass_the_limit() -> None:
    quota = quota_of(3)
    results = await asyncio.gather(*(call(quota) for _ in range(10)), return_exceptions=True)
    assert [type(result) for result in results].count(WeChatError) == 7
    assert await quota.used("wx1", OCR) == 3


async def test_of_two_processes_the_slower_is_refused_at_its_end() -> None:
    clock = FakeClock()
    store = SqliteStore(MEMORY, clock=clock)
    one, two = Quota(store, 1, clock), Quota(store, 1, clock)
    first, second = await one.reserve("wx1", OCR), await two.reserve("wx1", OCR)
    await second.commit()
    with pytest.raises(WeChatError) as caught:
        await first.commit()
    assert caught.value.errcode == 101003
    assert await one.used("wx1", OCR) == 1
    assert not one._under_way


async def test_a_process_that_was_killed_has_taken_nothing() -> None:
    clock = FakeClock()
    store = SqliteStore(MEMORY, clock=clock)
    await Quota(store, 1, clock).reserve("wx1", OCR)  # and never heard of again
    await call(Quota(store, 1, clock))


async def test_a_quota_of_zero_answers_nothing() -> None:
    await refused(quota_of(0))


async def test_what_was_bought_is_spent_after_the_free_ones_and_never_comes_back() -> None:
    clock = FakeClock()
    quota = quota_of(2, clock, bought=3)
    for _ in range(4):
        await call(quota)
    assert (await quota.used("wx1", OCR), await quota.spent("wx1", OCR)) == (2, 2)
    await call(quota, "wx2")
    clock.now = day_of(clock.now).end
    for _ in range(3):
        await call(quota)
    assert (await quota.used("wx1", OCR), await quota.spent("wx1", OCR)) == (2, 3)
    assert "and so are the 3 that were bought" in (await refused(quota)).reason
    clock.now += 30 * 86400
    for _ in range(2):
        await call(quota)
    await refused(quota)


async def test_bought_calls_at_the_same_time_never_pass_either_limit() -> None:
    quota = quota_of(3, bought=4)
    results = await asyncio.gather(*(call(quota) for _ in range(12)), return_exceptions=True)
    assert [type(result) for result in results].count(WeChatError) == 5
    assert (await quota.used("wx1", OCR), await quota.spent("wx1", OCR)) == (3, 4)


async def test_counts_begin_anew_when_they_are_cleared_ten_times_a_month() -> None:
    clock = FakeClock()
    store = SqliteStore(MEMORY, clock=clock)
    quota, calls = Quota(store, 1, clock, bought=1), DailyCalls(store, clock)
    for _ in range(2):
        await call(quota)
    await refused(quota)
    for _ in range(10):
        await calls.clear("wx1")
    assert (await quota.standing("wx1", OCR)).remain == 1
    await call(quota)
    await refused(quota)  # the bought one stays spent
    with pytest.raises(WeChatError) as caught:
        await calls.clear("wx1")
    assert caught.value.errcode == 48006
    assert await calls.clear("wx2") == 1
    clock.now = day_of(clock.now).month_end
    assert await calls.clear("wx1") == 1


async def test_a_call_counts_where_it_began_though_it_was_cleared_meanwhile() -> None:
    clock = FakeClock()
    store = SqliteStore(MEMORY, clock=clock)
    quota = Quota(store, 2, clock)
    place = await quota.reserve("wx1", OCR)
    await DailyCalls(store, clock).clear("wx1")
    await place.commit()
    assert (await quota.standing("wx1", OCR)).used == 0
