"""Ends the workers when their emulator dies without a word: ``python guard_process.py``.

Stand-alone and standard library only. It reads ``+<pid>`` and ``-<pid>`` lines from its standard
input; when that ends, it kills the process groups that are left. A worker alone could not:
a function in an endless loop, in C code or in Node, never looks at its socket.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def main() -> None:
    """Keep the list until the emulator is gone."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
