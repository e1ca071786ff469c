"""A folder that lives as long as one run of the server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "metrics-"


class RunFolder:
    """A new folder in *state_dir*, held by a lock that ends with this process.

    Who is killed cannot tidy up: folders of earlier runs, whose lock nobody holds any more, are
    removed by the next one. Where the file system has no locks they stay.

    Attributes:
        path: of the folder.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(state_dir, fcntl.LOCK_EX):  # a new folder without its lock is not taken for old
            for left in state_dir.glob(f"{_PREFIX}*"):
                _remove_if_left(left)
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=state_dir))
            self._lock = os.open(self.path, os.O_RDONLY)
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove it, with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_if_left(folder: Path) -> None:
    try:
        with _held(folder, fcntl.LOCK_EX | fcntl.LOCK_NB, needed=True):
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # a server of now has it, or it cannot be known


@contextlib.contextmanager
def _held(folder: Path, how: int, *, needed: bool = False) -> Iterator[None]:
    """Hold the lock of *folder*; where there are none, go on unless it is *needed*."""
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, how)
        except OSError:
            if needed:
                raise
        yield
    finally:
        os.close(number)
