"""The folder of cloud functions: which there are, and what they are written in."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from openapi_shim.errors import InvocationError
from openapi_shim.wechat.answers import NO_SUCH_FUNCTION

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")


class Runtime(str, Enum):
    """What runs a function; the value is its entry file."""

    PYTHON = "index.py"
    NODE = "index.js"


@dataclass(frozen=True)
class Function:
    """One cloud function: its *name* and *folder*."""

    name: str
    folder: Path

    def runtimes(self) -> list[Runtime]:
        """Those for which there is an entry file; more than one if config.json must choose."""
        return [runtime for runtime in Runtime if (self.folder / runtime.value).is_file()]


class FunctionFolder:
    """Finds functions: sub-folders with an ``index.py`` or ``index.js``, looked up each time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """Names of the functions there are, sorted."""
        try:
            entries = sorted(self.root.iterdir())
        except OSError:
            return []
        return [entry.name for entry in entries if self._is_function(entry.name)]

    def find(self, name: str) -> Function:
        """The function called *name*.

        Raises:
            InvocationError: -501000 there is none; the text lists those found.
        """
        if self._is_function(name):
            return Function(name, (self.root / name).resolve())
        raise InvocationError(NO_SUCH_FUNCTION, self._why_not_found(name))

    def _is_function(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name) and Function(name, self.root / name).runtimes())

    def _why_not_found(self, name: str) -> str:
        names = self.names()
        root = self.root.resolve()
        if not _NAME.fullmatch(name):
            start = f"{name[:80]!r} is no name of a function (letters, digits, - and _, at most 60)"
        elif (self.root / name).is_dir():
            start = f"the folder {root / name} has no index.py or index.js"
        else:
            start = f"no function {name!r} in {root}"
        near = difflib.get_close_matches(name, names, n=1)
        advice = f"; did you mean {near[0]}?" if near else ""
        return f"{start}; found: {', '.join(names) or 'none'}{advice}"
