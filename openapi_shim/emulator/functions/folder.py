"""The folder of cloud functions: which there are, and whether one has changed."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from openapi_shim.config_file import FILE_NAME, read_config
from openapi_shim.errors import ConfigError, InvocationError
from openapi_shim.wechat.answers import FUNCTION_FAILED, NO_SUCH_FUNCTION

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_ENTRY = "index.py"
_FILES_WATCHED = 5000

Fingerprint = frozenset[tuple[str, int, int]]
"""Files that make up a function: path, time of change in ns, bytes."""


@dataclass(frozen=True)
class Function:
    """One cloud function: its *name* and *folder*."""

    name: str
    folder: Path

    def timeout(self, default: float) -> float:
        """Seconds an invocation may take, by its config.json, else *default*.

        Raises:
            InvocationError: -504002, config.json cannot be used.
        """
        path = self.folder / FILE_NAME
        if not path.is_file():
            return default
        try:
            return read_config(path).timeout or default
        except ConfigError as error:
            raise InvocationError(FUNCTION_FAILED, f"ConfigError: {error}") from error

    def fingerprint(self) -> Fingerprint:
        """What its Python files and config.json look like now."""
        found: set[tuple[str, int, int]] = set()
        for folder, folders, files in os.walk(self.folder):
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            for name in files:
                if name.endswith(".py") or name == FILE_NAME:
                    path = Path(folder, name)
                    try:
                        state = path.stat()
                    except OSError:
                        continue  # gone, or being written: the next look will tell
                    found.add((str(path), state.st_mtime_ns, state.st_size))
            if len(found) > _FILES_WATCHED:
                break
        return frozenset(found)


class FunctionFolder:
    """Finds functions: sub-folders with an ``index.py``, looked up anew each time."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> list[str]:
        """Names of the functions there are, sorted."""
        try:
            entries = sorted(self._root.iterdir())
        except OSError:
            return []
        return [
            entry.name
            for entry in entries
            if _NAME.fullmatch(entry.name) and (entry / _ENTRY).is_file()
        ]

    def find(self, name: str) -> Function:
        """The function called *name*.

        Raises:
            InvocationError: -501000 there is none; the text lists those found.
        """
        if _NAME.fullmatch(name) and (self._root / name / _ENTRY).is_file():
            return Function(name, (self._root / name).resolve())
        raise InvocationError(NO_SUCH_FUNCTION, self._why_not_found(name))

    def _why_not_found(self, name: str) -> str:
        names = self.names()
        root = self._root.resolve()
        if not _NAME.fullmatch(name):
            start = f"{name[:80]!r} is no name of a function (letters, digits, - and _, at most 60)"
        elif (self._root / name).is_dir():
            start = f"the folder {root / name} has no {_ENTRY}"
        else:
            start = f"no function {name!r} in {root}"
        near = difflib.get_close_matches(name, names, n=1)
        advice = f"; did you mean {near[0]}?" if near else ""
        return f"{start}; found: {', '.join(names) or 'none'}{advice}"
