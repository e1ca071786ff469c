"""The guard: a small process that ends what workers leave behind.

It outlives the emulator just long enough to end its workers too.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

_SCRIPT = Path(__file__).with_name("guard_process.py")
_LAST_WORDS = 5.0  # seconds to end by itself


class Guard:
    """Knows the workers, and their marks; started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The guard's own process."""
        return None if self._process is None else self._process.pid

    def add(self, group: int, mark: str) -> None:
        """*group*, and all processes with *mark*, are to be killed if the emulator dies."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                # Isolated, for it must start fast and whatever the environment holds.
                [sys.executable, "-I", "-S", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C and a closed terminal are not meant for it
                env={},
            )
        self._tell(f"+{group} {mark}\n")

    def remove(self, group: int) -> None:
        """*group* has ended, and what has its mark is to.

        To be told before its number can be given to another one.
        """
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End the guard, and what it still guards."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _tell(self, line: str) -> None:
        assert self._process is not None  # noqa: S101
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(OSError):  # somebody killed it; the sockets are left
            self._process.stdin.write(line.encode("ascii"))
            self._process.stdin.flush()
