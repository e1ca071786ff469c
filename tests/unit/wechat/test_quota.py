from __future__ import annotations

import asyncio

import pytest

from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.quota import Quota

from .fakes import FakeClock

OCR = "ocr.driverLicense"
MIDNIGHT_IN_BEIJING = 1_790_006_400.0  # 2026-09-22 00:00 there, 16:00 UTC the day before


def quota_of(limit: int, clock: FakeClock | None = None) -> Quota:
    clock = clock or FakeClock()
    return Quota(SqliteStore(MEMORY, clock=clock), limit, clock)


async def refused(quota: Quota, appid: str = "wx1") -> WeChatError:
    """The error with which a call is refused, at its beginning and at its end alike."""
    with pytest.raises(WeChatError) as first:
        await quota.check(appid, OCR)
    with pytest.raises(WeChatError) as last:
        await quota.charge(appid, OCR)
    assert (first.value.errcode, first.value.reason) == (last.value.errcode, last.value.reason)
    return last.value


async def test_the_day_ends_at_midnight_in_beijing() -> None:
    clock = FakeClock(MIDNIGHT_IN_BEIJING - 1)
    quota = quota_of(1, clock)
    await quota.charge("wx1", OCR)
    error = await refused(quota)
    assert error.errcode == 101003
    assert "OPENAPI_SHIM_DAILY_QUOTA" in error.reason
    clock.now += 1
    await quota.check("wx1", OCR)
    await quota.charge("wx1", OCR)
    assert await quota.used("wx1", OCR) == 1


async def test_appids_and_operations_are_counted_apart() -> None:
    quota = quota_of(1)
    for appid, operation in (("wx1", OCR), ("wx2", OCR), ("wx1", "ocr.idcard")):
        await quota.check(appid, operation)
        await quota.charge(appid, operation)


async def test_a_call_that_was_refused_is_not_counted() -> None:
    quota = quota_of(1)
    await quota.check("wx1", OCR)
    assert await quota.used("wx1", OCR) == 0
    await quota.charge("wx1", OCR)
    await refused(quota)
    assert await quota.used("wx1", OCR) == 1


async def test_calls_at_the_same_time_never_pass_the_limit() -> None:
    quota = quota_of(3)
    results = await asyncio.gather(
        *(quota.charge("wx1", OCR) for _ in range(10)), return_exceptions=True
    )
    assert [type(result) for result in results].count(WeChatError) == 7
    assert await quota.used("wx1", OCR) == 3


async def test_a_quota_of_zero_answers_nothing() -> None:
    await refused(quota_of(0))
