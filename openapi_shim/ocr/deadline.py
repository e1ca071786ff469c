"""Until when a photo may be looked at again."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A point in time, by the clock that never goes back.

    A look that has begun is finished: a reading may take one look longer than it was given.

    Attributes:
        at: seconds of ``time.monotonic``.
    """

    at: float

    @classmethod
    def within(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def passed(self) -> bool:
        """Whether no further look may begin."""
        return time.monotonic() >= self.at
