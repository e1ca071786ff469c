"""``openapi-shim recognize``: read licences from photos on disk, offline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.mistakes import complain
from openapi_shim.cli.photo_files import content_of, drawing_places, photos_at
from openapi_shim.errors import RecognitionError

if TYPE_CHECKING:
    from rich.console import Console

    from openapi_shim.ocr import Reading, Recognizer

_FAILED = 1

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
        typer.Argument(help="Photos, or folders of them.", show_default=False),
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
            "several photos. A drawing of an earlier run is replaced.",
            show_default=False,
        ),
    ] = None,
    threads: Threads = None,
) -> None:
    """Read the eleven fields of driving licences from photos. Nothing leaves this machine."""
    from rich.console import Console

    meant = photos_at(photos)
    places = drawing_places(meant.files, annotate)
    if places:
        _tell_without_font()
    for note in meant.notes:
        complain(note)
    recognizer = loaded_recognizer(threads)
    errors = Console(stderr=True, highlight=False)
    show = _as_json if as_json else _as_table
    failed = 0
    for file in _with_progress(meant.files, errors):
        try:
            content = content_of(file)
            reading = recognizer.read(content, details=details or file in places)
        except (RecognitionError, OSError) as error:
            failed += 1
            _tell(errors, file, _words(error))
            if as_json:
                _print_json({"file": str(file), "error": _words(error)})
            continue
        place = places.get(file)
        if place is not None:
            why = _why_not_drawn(place, content, reading)
            if why:  # what was read is shown all the same
                failed += 1
                _tell(errors, place, why)
                place = None
        show(file, reading if details else replace(reading, details=None), place)
    if failed:
        if len(meant.files) > 1:
            what = "read and drawn" if places else "read"
            complain(f"{failed} of {len(meant.files)} photos could not be {what}.")
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


def _tell_without_font() -> None:
    from openapi_shim.cli.annotated import has_font

    if not has_font():
        complain("no CJK font found: boxes bear numbers, 1 to 11 in the order of the table")


def _why_not_drawn(place: Path, content: bytes, reading: Reading) -> str:
    """Draws a photo; an empty text if that went well."""
    from openapi_shim.cli.annotated import annotate

    try:
        place.write_bytes(annotate(content, reading))
    except OSError as error:
        return f"the drawing cannot be written: {error.strerror or error}."
    return ""


def _as_json(file: Path, reading: Reading, place: Path | None) -> None:
    from openapi_shim.cli.readings import as_object

    drawn = {} if place is None else {"annotated": str(place)}
    _print_json({**as_object(file, reading), **drawn})


def _as_table(file: Path, reading: Reading, place: Path | None) -> None:
    from rich.console import Console

    from openapi_shim.cli.readings import as_tables

    output = Console(highlight=False)
    for part in as_tables(file, reading):
        output.print(part, soft_wrap=isinstance(part, str))
    if place is not None:
        output.print(f"drawn in {place}", markup=False, soft_wrap=True)


def _with_progress(files: Sequence[Path], errors: Console) -> Iterator[Path]:
    """The files, with a bar where what is read goes elsewhere than to the same terminal."""
    from rich.console import Console
    from rich.progress import track

    hidden = len(files) == 1 or not errors.is_terminal or Console().is_terminal
    yield from track(files, "Reading", console=errors, transient=True, disable=hidden)


def _tell(errors: Console, file: Path, why: str) -> None:
    errors.print(f"openapi-shim: {file}: {why}", markup=False, style="red", soft_wrap=True)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        hint = " Check its permissions." if isinstance(error, PermissionError) else ""
        return f"the file cannot be opened: {error.strerror or error}.{hint}"
    return str(error)


def _print_json(line: dict[str, object]) -> None:
    typer.echo(json.dumps(line, ensure_ascii=False))
