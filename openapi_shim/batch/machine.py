"""What this machine, or the container around us, gives: cores and memory."""

from __future__ import annotations

import os
import re
from pathlib import Path


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int | None:
    """Bytes that can be had without swapping; None where the system does not tell."""
    told = [_of_the_machine(), _of_the_container()]
    return min((value for value in told if value is not None), default=None)


def _of_the_machine() -> int | None:
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def _of_the_container() -> int | None:
    """By control groups, version 2: the limit less what is used."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = int((folder / "memory.max").read_text("ascii"))
        return limit - int((folder / "memory.current").read_text("ascii"))
    except (OSError, ValueError):  # no such group, or "max": no limit
        return None
