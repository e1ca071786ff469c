"""Days and months that WeChat counts calls by: they begin at midnight in Beijing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_BEIJING = timezone(timedelta(hours=8))  # without daylight saving


@dataclass(frozen=True)
class Day:
    """One day in Beijing.

    Attributes:
        name: as 2026-11-22.
        end: in seconds since 1970.
        month_end: that of its month.
    """

    name: str
    end: float
    month_end: float

    @property
    def month(self) -> str:
        """Name of its month, as 2026-11."""
        return self.name[:7]


def day_of(now: float) -> Day:
    """The day in Beijing at *now*, seconds since 1970."""
    midnight = datetime.fromtimestamp(now, _BEIJING).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    next_month = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Day(
        f"{midnight:%Y-%m-%d}",
        (midnight + timedelta(days=1)).timestamp(),
        next_month.timestamp(),
    )
