"""Ends what workers leave behind: ``python guard_process.py``.

Stand-alone and standard library only. It reads lines from its standard input: ``+<pid> <mark>``
when a worker starts, ``-<pid>`` when it has ended. When the input ends, so has the emulator, and
the process groups that are left are killed. A worker alone could not: a function in an endless
loop, in C code or in Node, never looks at its socket.

A process that a function started may have left its group. On Linux it is known by the mark, a
variable in the environment it has inherited.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection
from pathlib import Path

MARK_VARIABLE = "OPENAPI_SHIM_WORKER"
_ROUNDS = 200  # looks at the processes, for a killed one may have started another
_PROC = Path("/proc")
_KERNEL_THREAD = 0x00200000  # PF_KTHREAD, of a process's flags
_PAUSE = 0.01  # seconds between them


def main() -> None:
    """Keep the list until the emulator is gone."""
    marks: dict[int, str] = {}
    unread = b""
    while chunk := os.read(0, 1 << 16):
        *lines, unread = (unread + chunk).split(b"\n")
        ended = set()
        for line in lines:
            group, _, mark = line[1:].decode("ascii").partition(" ")
            if line.startswith(b"+"):
                marks[int(group)] = mark
            else:
                ended.add(marks.pop(int(group), ""))
        kill_marked(ended)
    for left in marks:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(left, signal.SIGKILL)
    kill_marked(marks.values())


def kill_marked(marks: Collection[str]) -> None:
    """Kill all processes with one of *marks* in their environment."""
    wanted = {f"{MARK_VARIABLE}={mark}".encode("ascii") for mark in marks if mark}
    rounds = _ROUNDS if wanted and _PROC.is_dir() else 0
    while rounds and _kill_those(wanted):
        rounds -= 1
        time.sleep(_PAUSE)


def _kill_those(wanted: set[bytes]) -> bool:
    """Kill all processes with one of *wanted* in their environment; whether to look again."""
    found = False
    for name in [path.name for path in _PROC.iterdir()]:
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # Held from before the look, so that its number cannot be another one's by then.
            process = os.pidfd_open(int(name))
            try:
                environ = _read(name, "environ")
                if not wanted.isdisjoint(environ.split(b"\0")):
                    found = True
                    signal.pidfd_send_signal(process, signal.SIGKILL)
                elif not environ and _begins(name):
                    found = True
            finally:
                os.close(process)
    return found


def _begins(name: str) -> bool:
    """Whether process *name* is being replaced by a program, and shows no environment yet."""
    fields = _read(name, "stat").rpartition(b")")[2].split()
    kernel = int(fields[6]) & _KERNEL_THREAD
    return fields[0] not in (b"Z", b"X") and not kernel and not _read(name, "cmdline")


def _read(name: str, what: str) -> bytes:
    return (_PROC / name / what).read_bytes()


if __name__ == "__main__":
    main()
