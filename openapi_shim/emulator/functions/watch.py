"""Tells when files of functions change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection
from pathlib import Path

from openapi_shim.config_file import FILE_NAME

_IGNORED_FOLDERS = frozenset(("__pycache__", "node_modules", "venv", "site-packages"))
# What functions are made of. What they write, as logs and databases, must not restart them.
_CODE = frozenset((".cjs", ".js", ".mjs", ".node", ".proto", ".py", ".so", ".wasm"))
_DATA = frozenset((".env", ".json", ".toml", ".yaml", ".yml"))
_SUFFIXES = _CODE | _DATA
_QUIET = 50  # milliseconds without a further change before changes are told
_LONGEST = 400  # milliseconds until they are told in any case
_LOOK = 500  # milliseconds between two looks at what no event tells of
_FILES_LIMIT = 5000

Fingerprint = frozenset[tuple[str, int, int]]
"""Files that make up a function: path, time of change in ns, bytes."""


async def watch(
    root: Path, changed: Callable[[Collection[Path]], None], begun: Callable[[], None]
) -> None:
    """Call *changed* with what changes under *root*, until cancelled.

    Args:
        root: folder of the functions; it may appear later.
        changed: called a moment after the last of several changes. A change of a project's
            config.json, above *root*, counts too.
        begun: called when changes are told from now on: some may have been missed.
    """
    while True:
        while not _is_folder(root):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(_LOOK / 1000)
        await _watch_existing(root, changed, begun)


async def _watch_existing(
    root: Path, changed: Callable[[Collection[Path]], None], begun: Callable[[], None]
) -> None:
    from watchfiles import Change, awatch  # noqa: PLC0415 - the emulator listens before

    project = _project_files(root)
    first = True
    async for changes in awatch(
        root,
        watch_filter=None,
        debounce=_LONGEST,
        step=_QUIET,
        rust_timeout=_LOOK,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    ):
        if first:
            begun()
            first = False
        paths = [
            Path(path)
            for kind, path in changes
            if _counts(Path(path), root, modified=kind is Change.modified)
        ]
        if (project_now := _project_files(root)) != project:
            project = project_now
            paths.append(root.parent / FILE_NAME)
        if paths:
            changed(paths)
        if not _is_folder(root):
            return


def functions_of(paths: Collection[Path], root: Path) -> set[str]:
    """Names of the folders in *root* that hold *paths*; an empty one for what lies elsewhere."""
    return {
        path.relative_to(root).parts[0] if path != root and path.is_relative_to(root) else ""
        for path in paths
    }


def fingerprint(folder: Path) -> Fingerprint:
    """What the files look like now that make up the function in *folder*."""
    found: set[tuple[str, int, int]] = set()
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _ignored(name)]
        for name in files:
            path = Path(place, name)
            if path.suffix in _SUFFIXES:
                try:
                    state = path.stat()
                except OSError:
                    continue  # gone, or being written: the watch will tell
                found.add((str(path), state.st_mtime_ns, state.st_size))
        if len(found) > _FILES_LIMIT:
            break
    return frozenset(found)


def counts_as_code(path: Path) -> bool:
    """Whether *path*, a file or a folder that is there, is what a function is made of."""
    if path.is_dir():
        return not _ignored(path.name)
    return path.suffix in _SUFFIXES or path.name == ".env"


def _counts(path: Path, root: Path, *, modified: bool) -> bool:
    """Whether *path*, which was modified, or else came or went, can be part of a function."""
    folders = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
    if any(_ignored(name) for name in folders):
        return False
    if path.suffix in _SUFFIXES or path.name == ".env":
        return not path.name.startswith(".#")
    # A folder that comes or goes as a whole is one event.
    return not modified and not path.suffix and not _ignored(path.name)


def _ignored(folder: str) -> bool:
    return folder in _IGNORED_FOLDERS or folder.startswith(".")


def _is_folder(path: Path) -> bool:
    return path.is_dir()


def _project_files(root: Path) -> tuple[tuple[str, int], ...]:
    """The config.json files above *root*, which hold for functions without one of their own."""
    paths = [folder / FILE_NAME for folder in root.parents]
    return tuple((str(path), path.stat().st_mtime_ns) for path in paths if path.is_file())
