"""Refusals that are not a photo's fault: how long all photos wait then."""

from __future__ import annotations

from dataclasses import dataclass

from openapi_shim.batch.s3_records import DAY
from openapi_shim.catalog.cloud_codes import (
    OPENAPI_NO_PERMISSION,
    OPENAPI_NOT_FOUND,
    TCB_RESOURCE_NOT_INITIALIZED,
)

BEIJING = 8 * 3600
"""Seconds ahead of UTC; WeChat's day."""

_MINUTE, _QUARTER = 60, 900  # seconds

_DAILY = frozenset({101003, 45009})
_BY_MINUTE = frozenset({45011})
# The account's or the function's: appid, secret, address list, permission. Every photo would
# meet them, and none is to blame.
_ACCOUNT = frozenset(
    {40001, 40013, 40014, 40125, 40164, 41001, 41002, 41004, 42001, 48001, 50002, 61024}
    | {TCB_RESOURCE_NOT_INITIALIZED, OPENAPI_NOT_FOUND, OPENAPI_NO_PERMISSION}
)


@dataclass(frozen=True)
class Setback:
    """Until when nothing is to be sent, and why, for ``status``."""

    until: float
    words: str


def setback_of(code: int, now: float) -> Setback | None:
    """How long to wait after the errCode *code*; None when it concerns the one photo.

    Args:
        code: WeChat's or the cloud's.
        now: seconds since 1970.
    """
    if code in _DAILY:
        midnight = (int(now + BEIJING) // DAY + 1) * DAY - BEIJING
        return Setback(midnight, "the day's quota is used up; it goes on by itself after midnight")
    if code in _BY_MINUTE:
        return Setback(now + _MINUTE, "too many calls a minute; it goes on by itself")
    if code in _ACCOUNT:
        return Setback(now + _QUARTER, "the account is refused; mend that, it goes on by itself")
    return None
