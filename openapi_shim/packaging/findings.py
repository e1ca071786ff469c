"""What ``doctor`` finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum


class Level(str, Enum):
    """How bad it is: an error breaks the function where it runs, a warning may."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that breaks, or may.

    Attributes:
        level: how bad it is.
        code: a name for programs, e.g. ``permission-missing``.
        where: file, with its line where there is one.
        what: what is there.
        why: why that breaks.
        fix: what to do.
    """

    level: Level
    code: str
    where: str
    what: str
    why: str
    fix: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {**asdict(self), "level": self.level.value}


def error(code: str, where: str, what: str, why: str, fix: str) -> Finding:
    """A finding that breaks the function."""
    return Finding(Level.ERROR, code, where, what, why, fix)


def warning(code: str, where: str, what: str, why: str, fix: str) -> Finding:
    """A finding that may break it."""
    return Finding(Level.WARNING, code, where, what, why, fix)
