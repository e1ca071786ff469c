"""The photos of a folder and of all below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from openapi_shim.errors import BatchError

# Also kinds that the recognizer refuses: each then gets its line with what to do, whereas a
# file that was passed over would be missed in silence.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".heic", ".heif", ".avif", ".tif", ".tiff"}
)
"""Endings of the names of photos, in lower case."""


@dataclass(frozen=True)
class Found:
    """A photo in the folder, or a folder below it that cannot be listed.

    Attributes:
        path: below the folder, as the system has it; that of a folder ends in ``/``.
        size: in bytes.
        changed: the file's own time, in nanoseconds since 1970.
        problem: why a folder cannot be listed, else empty.
    """

    path: str
    size: int = 0
    changed: int = 0
    problem: str = ""


@dataclass
class Passed:
    """What was passed over.

    Attributes:
        others: files that are no photos by their names.
        hidden: files and folders whose names begin with a dot, as thumbnails have.
        links: symbolic links; where they lead may be outside the folder, or be read already.
    """

    others: int = 0
    hidden: int = 0
    links: int = 0

    def notes(self) -> tuple[str, ...]:
        """A sentence for each kind that was met."""
        told = (
            (self.others, "other files were passed over: their names are not those of photos"),
            (self.hidden, "hidden files or folders (.name) were passed over"),
            (self.links, "symbolic links were not followed: name the folder they lead to"),
        )
        return tuple(f"{count} {words}" for count, words in told if count)


def is_photo(name: str) -> bool:
    """Whether *name*, a file's or a key's, is that of a photo."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def find_photos(folder: Path, passed: Passed) -> Iterator[Found]:
    """The photos below *folder*, folder by folder, sorted within each.

    Symbolic links are never followed. Memory is bound by the largest single folder.

    Args:
        folder: where to look.
        passed: is told what was passed over.

    Raises:
        BatchError: *folder* itself cannot be listed.
    """
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, below)) as entries:  # noqa: PTH118 (bytes kept)
                listed = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            if not below:
                raise BatchError(
                    f"the folder {folder} cannot be listed: {error.strerror}. Check its permissions"
                ) from error
            yield Found(below, problem=f"the folder cannot be listed: {error.strerror}")
            continue
        folders = []
        for entry in listed:
            if entry.name.startswith("."):
                passed.hidden += 1
            elif entry.is_symlink():
                passed.links += 1
            elif entry.is_dir(follow_symlinks=False):
                folders.append(f"{below}{entry.name}/")
            elif not is_photo(entry.name) or not entry.is_file(follow_symlinks=False):
                passed.others += 1
            else:
                yield _found(f"{below}{entry.name}", entry)
        waiting += reversed(folders)


def _found(path: str, entry: os.DirEntry[str]) -> Found:
    try:
        facts = entry.stat(follow_symlinks=False)
    except OSError:  # it went away, or its path is too long: reading it will tell
        return Found(path)
    return Found(path, facts.st_size, facts.st_mtime_ns)
