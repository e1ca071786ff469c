"""Processes that a command leaves behind: found, and ended.

On Linux a process can make itself the parent of what its descendants leave behind; elsewhere only
the command itself is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_PATIENCE = 2.0  # seconds to end after being asked


def adopt() -> None:
    """Become the parent of what descendants leave behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> int:
    """End all children of this process, and what they leave behind; how many there were.

    They are asked first, and killed when they do not end.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + _PATIENCE
    while children := _children():
        late = time.monotonic() > deadline
        for child in children:
            if late or child not in seen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL if late else signal.SIGTERM)
        seen |= children
        time.sleep(0.01)
    return len(seen)


def _children() -> set[int]:
    """Children that run; those that ended are reaped."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    found: set[int] = set()
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                found |= {int(child) for child in (task / "children").read_text().split()}
    return found
