"""Which photos a command means, and where drawings of them go."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openapi_shim.batch.photos import SUFFIXES, is_photo
from openapi_shim.cli.mistakes import megabytes, read_at_most
from openapi_shim.errors import ConfigError, ImageError

LARGEST = 256 * 1024 * 1024
"""Bytes; the largest picture that is read, uncompressed, has fewer."""

_DRAWN = ".annotated.jpg"  # what a photo's drawing is called


@dataclass(frozen=True)
class Photos:
    """What is to be read.

    Attributes:
        files: in the order in which they were named, those of a folder by name.
        notes: what was passed over, a line each.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def photos_at(paths: Sequence[Path]) -> Photos:
    """The photos meant, folders replaced by the photos in them, each once.

    What earlier runs drew is passed over: in a folder, and beside the photo that it shows.

    Raises:
        ConfigError: a path leads nowhere, or a folder has no photo or cannot be listed.
    """
    found: dict[str, Path] = {}
    notes: list[str] = []
    for path in paths:
        if path.is_dir():
            files, folders = _inside(path)
            notes += _passed_over(path, folders)
        elif path.exists():
            files = [path]
        else:
            raise ConfigError(f"there is no file or folder {path}. Check the path.")
        for file in files:
            found.setdefault(os.path.abspath(file), file)  # noqa: PTH100 (links stay two photos)
    shown = {file.stem for file in found.values()}
    drawn = [file for file in found.values() if _is_drawing(file) and _stem_of(file) in shown]
    notes += [f"{file} is passed over: it was drawn by an earlier run" for file in drawn]
    return Photos(tuple(file for file in found.values() if file not in drawn), tuple(notes))


def _inside(folder: Path) -> tuple[list[Path], list[Path]]:
    """The photos and the folders in a folder, without what is hidden."""
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigError(f"the folder {folder} cannot be listed: {error.strerror}.") from error
    folders = [path for path in inside if path.is_dir()]
    files = [
        path
        for path in inside
        if is_photo(path.name) and not _is_drawing(path) and path not in folders
    ]
    if not files:
        kinds = ", ".join(sorted(suffix.strip(".") for suffix in SUFFIXES))
        below = f" Those in {folders[0]} are read when you name that." if folders else ""
        raise ConfigError(f"the folder {folder} holds no photo ({kinds}).{below}")
    return files, folders


def _passed_over(folder: Path, folders: Sequence[Path]) -> list[str]:
    if not folders:
        return []
    which = f"{folders[0]} is" if len(folders) == 1 else f"{len(folders)} folders in {folder} are"
    return [
        f"{which} passed over: name what to read, or read all of it by "
        f"openapi-shim batch submit {folder}"
    ]


def _is_drawing(file: Path) -> bool:
    return file.name.endswith(_DRAWN)


def _stem_of(drawing: Path) -> str:
    return drawing.name.removesuffix(_DRAWN)


def content_of(file: Path) -> bytes:
    """A photo's bytes.

    Raises:
        ImageError: it is larger than any photo.
        OSError: it cannot be read.
    """
    content, size = read_at_most(file, LARGEST)
    if size > LARGEST:
        raise ImageError(f"The file has more than {megabytes(LARGEST)}: no photo has.")
    return content


def drawing_places(files: Sequence[Path], target: Path | None) -> dict[Path, Path]:
    """Where each photo is drawn; empty where none is wanted. Makes the folder.

    Args:
        files: the photos.
        target: a file for one photo, or a folder; None to draw none.

    Raises:
        ConfigError: it cannot be used.
    """
    if target is None:
        return {}
    single = len(files) == 1 and target.suffix.lower() in {".jpg", ".jpeg"}
    if target.is_dir() or not target.suffix:
        places, folder = _names_in(target, files), target
    elif single:
        places, folder = {files[0]: target}, target.parent
    else:
        wanted = "a folder for several photos" if len(files) > 1 else "a .jpg file or a folder"
        raise ConfigError(f"--annotate {target}: name {wanted}.")
    originals = {file.resolve() for file in files}
    for place in places.values():
        if place.resolve() in originals:
            raise ConfigError(f"--annotate {place} is the photo itself: name another file.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--annotate {folder}: {error.strerror or error}.") from error
    return places


def _names_in(folder: Path, files: Sequence[Path]) -> dict[Path, Path]:
    """A name for each photo that no other one has."""
    taken: dict[Path, Path] = {}
    for file in files:
        number = 1
        place = folder / f"{file.stem}{_DRAWN}"
        while place in taken.values():
            number += 1
            place = folder / f"{file.stem}-{number}{_DRAWN}"
        taken[file] = place
    return taken
