from __future__ import annotations

import pytest

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.quota import Quota

from .fakes import FakeClock

OCR = "ocr.driverLicense"
MIDNIGHT_IN_BEIJING = 1_790_006_400.0  # 2026-09-22 00:00 there, 16:00 UTC the day before


def test_the_day_ends_at_midnight_in_beijing() -> None:
    clock = FakeClock(MIDNIGHT_IN_BEIJING - 1)
    quota = Quota(1, clock)
    quota.reserve("wx1", OCR).commit()
    with pytest.raises(WeChatError) as caught:
        quota.reserve("wx1", OCR)
    assert caught.value.errcode == 101003
    assert "OPENAPI_SHIM_DAILY_QUOTA" in caught.value.reason
    clock.now += 1
    quota.reserve("wx1", OCR).commit()
    assert quota.used("wx1", OCR) == 1


def test_appids_and_operations_are_counted_apart() -> None:
    quota = Quota(1, FakeClock())
    for appid, operation in (("wx1", OCR), ("wx2", OCR), ("wx1", "ocr.idcard")):
        quota.reserve(appid, operation).commit()


def test_a_reservation_counts_until_it_is_given_back() -> None:
    quota = Quota(1, FakeClock())
    place = quota.reserve("wx1", OCR)
    with pytest.raises(WeChatError):
        quota.reserve("wx1", OCR)
    place.release()
    place.release()
    assert quota.used("wx1", OCR) == 0
    charged = quota.reserve("wx1", OCR)
    charged.commit()
    charged.release()
    assert quota.used("wx1", OCR) == 1


def test_a_call_over_midnight_is_yesterdays() -> None:
    clock = FakeClock(MIDNIGHT_IN_BEIJING - 1)
    quota = Quota(5, clock)
    place = quota.reserve("wx1", OCR)
    clock.now += 2
    place.release()
    assert quota.used("wx1", OCR) == 0


def test_a_quota_of_zero_answers_nothing() -> None:
    with pytest.raises(WeChatError):
        Quota(0, FakeClock()).reserve("wx1", OCR)
