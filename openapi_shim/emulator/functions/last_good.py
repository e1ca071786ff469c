"""Copies of functions as they were when they last loaded, to start workers from meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from openapi_shim.config_file import FILE_NAME
from openapi_shim.emulator.functions.watch import Fingerprint, counts_as_code, fingerprint

FILES_LIMIT = 5000  # files and links of one copy
BYTES_LIMIT = 50 * 1024 * 1024  # of one copy
_MODULES = "node_modules"


class Copies:
    """A temporary folder of copies; made with the first of them, gone when closed."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._made: set[asyncio.Future[Path | None]] = set()

    def make(self, folder: Path, read: Fingerprint, then: Callable[[Path], None]) -> None:
        """Copy the function in *folder* beside the event loop, and call *then* with the copy.

        There is none if its files are no longer those of *read*, or are too many.
        """
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="openapi-shim-"))
        project = Path(tempfile.mkdtemp(dir=self._folder))
        loop = asyncio.get_running_loop()
        made = loop.run_in_executor(None, _copy, folder, read, project)
        self._made.add(made)
        made.add_done_callback(partial(self._done, then))

    def drop(self, copy: Path) -> None:
        """*copy* is used no more."""
        shutil.rmtree(copy.parent.parent, ignore_errors=True)

    async def close(self) -> None:
        """Remove all copies."""
        if self._made:
            await asyncio.wait(self._made)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _done(self, then: Callable[[Path], None], made: asyncio.Future[Path | None]) -> None:
        self._made.discard(made)
        if not made.cancelled() and (copy := made.result()) is not None:
            then(copy)


def _copy(folder: Path, read: Fingerprint, project: Path) -> Path | None:
    """The copy, laid out as the project is, so that ``../x`` is still found."""
    copy = project / folder.parent.name / folder.name
    try:
        copy.mkdir(parents=True)
        for name in (FILE_NAME, _MODULES):
            _link(folder.parent.parent / name, project / name)
        for path in folder.parent.iterdir():
            if path.name != folder.name:
                _link(path, copy.parent / path.name)
        room = _Room()
        _fill(folder, copy, room)
        if fingerprint(folder) == read:
            return copy
    except OSError:
        pass  # the disk is full, or the files go while they are copied
    shutil.rmtree(project, ignore_errors=True)
    return None


class _Room:
    """What may still be copied."""

    def __init__(self) -> None:
        self.files, self.bytes = FILES_LIMIT, BYTES_LIMIT

    def take(self, size: int) -> None:
        self.files -= 1
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise OSError("the function is too large for a copy")


def _fill(folder: Path, copy: Path, room: _Room) -> None:
    """Copy what a function is made of; link to all else, as its packages and data."""
    for path in list(folder.iterdir()):
        target = copy / path.name
        if path.is_dir() and not path.is_symlink() and counts_as_code(path):
            room.take(0)
            target.mkdir()
            _fill(path, target, room)
        elif path.is_file() and counts_as_code(path):
            room.take(path.stat().st_size)
            shutil.copy2(path, target)
        elif path.name != "__pycache__":
            room.take(0)
            _link(path, target)


def _link(path: Path, link: Path) -> None:
    if path.exists():
        with suppress(FileExistsError):
            link.symlink_to(path.resolve(), path.is_dir())
