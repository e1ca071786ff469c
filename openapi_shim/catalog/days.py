"""The day that WeChat counts calls by: it begins at midnight in Beijing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_BEIJING = timezone(timedelta(hours=8))  # without daylight saving


@dataclass(frozen=True)
class Day:
    """One day in Beijing: its *name*, as 2026-11-22, and its *end* in seconds since 1970."""

    name: str
    end: float


def day_of(now: float) -> Day:
    """The day in Beijing at *now*, seconds since 1970."""
    midnight = datetime.fromtimestamp(now, _BEIJING).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return Day(f"{midnight:%Y-%m-%d}", (midnight + timedelta(days=1)).timestamp())
