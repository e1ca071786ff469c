"""``openapi-shim recognize``: read licences from photos on disk, offline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.mistakes import complain, megabytes, read_at_most
from openapi_shim.errors import ImageError, RecognitionError

if TYPE_CHECKING:
    from rich.console import Console

    from openapi_shim.ocr import Reading, Recognizer

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
"""Of the files that count as photos in a folder."""
_DRAWN = ".annotated.jpg"  # what a photo's drawing is called; never read as a photo of a folder
LARGEST = 256 * 1024 * 1024  # bytes; the largest picture that is read, uncompressed, has fewer
_FAILED, _USAGE = 1, 2

Threads = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=64,
        help="Cores that reading may use; else OPENAPI_SHIM_OCR_THREADS, else 2.",
        show_default=False,
    ),
]


def recognize(
    photos: Annotated[
        list[Path],
        typer.Argument(
            help="Photos, or folders of them (jpg, jpeg, png, webp, bmp).", show_default=False
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per photo and line, for programs.")
    ] = False,
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Also warnings, checks, the second page's values, and with --json each value's "
            "place in the photo.",
        ),
    ] = False,
    annotate: Annotated[
        Path | None,
        typer.Option(
            help="Write the photo with what was read drawn on it: a .jpg file, or a folder for "
            "several photos.",
            show_default=False,
        ),
    ] = None,
    threads: Threads = None,
) -> None:
    """Read the eleven fields of driving licences from photos. Nothing leaves this machine."""
    from rich.console import Console

    from openapi_shim.cli.readings import as_tables

    errors = Console(stderr=True, highlight=False)
    try:
        files = _files(photos)
        places = _annotated_places(files, annotate)
    except _UsageError as error:
        errors.print(f"openapi-shim: {error}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(_USAGE) from error
    recognizer = loaded_recognizer(threads)
    failed = 0
    output = Console(highlight=False)
    for file in _with_progress(files, errors):
        try:
            content = _content(file)
            reading = recognizer.read(content, details=details or annotate is not None)
            if file in places:
                _write_annotated(places[file], content, reading)
        except (RecognitionError, OSError) as error:
            failed += 1
            told = f"openapi-shim: {file}: {_words(error)}"
            errors.print(told, markup=False, style="red", soft_wrap=True)
            if as_json:
                _print_json({"file": str(file), "error": _words(error)})
            continue
        shown = reading if details else replace(reading, details=None)
        if as_json:
            _print_json(_as_line(file, shown, places))
            continue
        output.print(*as_tables(file, shown), sep="\n")
        if file in places:
            output.print(f"drawn in {places[file]}", markup=False, soft_wrap=True)
    if failed:
        if len(files) > 1:
            errors.print(f"openapi-shim: {failed} of {len(files)} photos could not be read.")
        raise typer.Exit(_FAILED)


def loaded_recognizer(threads: int | None) -> Recognizer:
    """A recognizer as the settings have it, or ends the command with what is missing.

    Args:
        threads: in place of the setting.

    Raises:
        ConfigError: a setting cannot be used.
    """
    from openapi_shim.settings import load_settings

    settings = load_settings(flags={"ocr_threads": threads}, function_dir=Path())
    try:
        from openapi_shim.ocr import Recognizer

        recognizer = Recognizer(threads=settings.ocr_threads, budget=settings.ocr_budget)
        recognizer.load()
    except (RecognitionError, ImportError) as error:
        complain(str(error))
        raise typer.Exit(_FAILED) from error
    return recognizer


def _content(file: Path) -> bytes:
    content, size = read_at_most(file, LARGEST)
    if size > LARGEST:
        raise ImageError(f"The file has more than {megabytes(LARGEST)}: no photo has.")
    return content


class _UsageError(Exception):
    """The command's arguments cannot be used."""


def _files(paths: Sequence[Path]) -> list[Path]:
    """The photos meant, folders replaced by the photos in them, in order and once each."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(
                inner
                for inner in path.iterdir()
                if inner.suffix.lower() in SUFFIXES and not inner.name.endswith(_DRAWN)
            )
            if not inside:
                kinds = ", ".join(sorted(suffix.strip(".") for suffix in SUFFIXES))
                raise _UsageError(f"the folder {path} holds no photo ({kinds}).")
            found |= dict.fromkeys(inside)
        elif path.exists():
            found[path] = None
        else:
            raise _UsageError(f"there is no file or folder {path}. Check the path.")
    return list(found)


def _annotated_places(files: Sequence[Path], target: Path | None) -> dict[Path, Path]:
    """Where each photo is drawn; empty where none is wanted. Makes the folder for several."""
    if target is None:
        return {}
    from openapi_shim.cli.annotated import has_font

    if len(files) == 1 and not target.is_dir() and target.suffix.lower() in {".jpg", ".jpeg"}:
        places = {files[0]: target}
        folder = target.parent
    elif target.suffix and not target.is_dir():
        wanted = "name a folder for several photos" if len(files) > 1 else "name a .jpg file"
        raise _UsageError(f"--annotate {target}: {wanted}, or a folder.")
    else:
        places, folder = _names_in(target, files), target
    originals = {file.resolve() for file in files}
    for place in places.values():
        if place.resolve() in originals:
            raise _UsageError(f"--annotate {place} is the photo itself: name another file.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _UsageError(f"--annotate {folder}: {error.strerror or error}.") from error
    if not has_font():
        complain("no CJK font found: boxes bear numbers, 1 to 11 in the order of the table")
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


def _write_annotated(place: Path, content: bytes, reading: Reading) -> None:
    from openapi_shim.cli.annotated import annotate

    place.write_bytes(annotate(content, reading))


def _as_line(file: Path, reading: Reading, places: Mapping[Path, Path]) -> dict[str, object]:
    from openapi_shim.cli.readings import as_object

    drawn = {"annotated": str(places[file])} if file in places else {}
    return {**as_object(file, reading), **drawn}


def _with_progress(files: Sequence[Path], errors: Console) -> Iterator[Path]:
    if len(files) == 1:
        yield from files
        return
    from rich.progress import track

    yield from track(files, description="Reading", console=errors, transient=True)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        what = error.filename or "the file"
        return f"{what} cannot be opened: {error.strerror or error}. Check its permissions."
    return str(error)


def _print_json(line: dict[str, object]) -> None:
    typer.echo(json.dumps(line, ensure_ascii=False))
