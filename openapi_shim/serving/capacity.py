"""How many processes, and how many threads each: what the machine, or the container, really gives.

A container sees all cores of its host; what it may use of them stands in its control group.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from openapi_shim.settings import Settings

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Capacity:
    """What serves: *processes*, each with *threads* for one photo."""

    processes: int
    threads: int


def choose_capacity(settings: Settings, cores: int) -> Capacity:
    """One process a core with one thread each, unless *settings* say otherwise.

    A photo costs more CPU with more threads (docs/self-hosting.md has the measurement); they only
    lower the time of a single photo where cores are idle.
    """
    threads = settings.ocr_threads if "ocr_threads" in settings.model_fields_set else 1
    return Capacity(settings.processes or max(1, cores // threads), threads)


def usable_cores(cgroup: Path = _CGROUP) -> int:
    """Cores this process may use: those it is bound to, but no more than its control group gives.

    Args:
        cgroup: where the control group's files are; version 2 (``cpu.max``) or 1.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = _quota(cgroup)
    return max(1, bound or 1) if quota is None else max(1, min(bound or 1, math.ceil(quota)))


def _quota(cgroup: Path) -> float | None:
    """Cores the control group gives, or None where it sets no limit."""
    limit, period = "", ""
    try:
        limit, period = (cgroup / "cpu.max").read_text("ascii").split()
    except (OSError, ValueError):
        try:
            limit = (cgroup / "cpu/cpu.cfs_quota_us").read_text("ascii").strip()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text("ascii").strip()
        except OSError:
            return None
    if not limit.isdigit() or not period.isdigit() or not int(period):
        return None  # "max", or -1
    return int(limit) / int(period)
