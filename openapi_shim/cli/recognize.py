"""``openapi-shim recognize``: read licences from photos on disk, offline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.mistakes import megabytes, read_at_most
from openapi_shim.errors import ImageError, RecognitionError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from openapi_shim.ocr import Reading

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
_LABELS = {
    "id_num": "证号",
    "name": "姓名",
    "sex": "性别",
    "nationality": "国籍",
    "address": "住址",
    "birth_date": "出生日期",
    "issue_date": "初次领证日期",
    "car_class": "准驾车型",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "official_seal": "印章",
}
_LOW = 0.7
_LARGEST = 256 * 1024 * 1024  # bytes; the largest picture that is read, uncompressed, has fewer
_FAILED, _USAGE = 1, 2


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
    threads: Annotated[int, typer.Option(min=1, max=64, help="Cores that reading may use.")] = 2,
) -> None:
    """Read the eleven fields of driving licences from photos. Nothing leaves this machine."""
    from rich.console import Console

    errors = Console(stderr=True, highlight=False)
    try:
        files = _files(photos)
    except _UsageError as error:
        errors.print(f"openapi-shim: {error}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(_USAGE) from error
    from openapi_shim.ocr import Recognizer

    recognizer = Recognizer(threads=threads)
    try:
        recognizer.load()
    except (RecognitionError, ImportError) as error:
        errors.print(f"openapi-shim: {error}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(_FAILED) from error
    failed = 0
    output = Console(highlight=False)
    for file in _with_progress(files, errors):
        try:
            reading = recognizer.read(_content(file))
        except (RecognitionError, OSError) as error:
            failed += 1
            told = f"openapi-shim: {file}: {_words(error)}"
            errors.print(told, markup=False, style="red", soft_wrap=True)
            if as_json:
                _print_json({"file": str(file), "error": _words(error)})
            continue
        if as_json:
            _print_json(_as_object(file, reading))
        else:
            output.print(_table(file, reading))
    if failed:
        if len(files) > 1:
            errors.print(f"openapi-shim: {failed} of {len(files)} photos could not be read.")
        raise typer.Exit(_FAILED)


def _content(file: Path) -> bytes:
    content, size = read_at_most(file, _LARGEST)
    if size > _LARGEST:
        raise ImageError(f"The file has more than {megabytes(_LARGEST)}: no photo has.")
    return content


class _UsageError(Exception):
    """The command's arguments cannot be used."""


def _files(paths: Sequence[Path]) -> list[Path]:
    """The photos meant, folders replaced by the photos in them, in order and once each."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
            if not inside:
                kinds = ", ".join(sorted(suffix.strip(".") for suffix in _SUFFIXES))
                raise _UsageError(f"the folder {path} holds no photo ({kinds}).")
            found |= dict.fromkeys(inside)
        elif path.exists():
            found[path] = None
        else:
            raise _UsageError(f"there is no file or folder {path}. Check the path.")
    return list(found)


def _with_progress(files: Sequence[Path], errors: Console) -> Iterator[Path]:
    if len(files) == 1:
        yield from files
        return
    from rich.progress import track

    yield from track(files, description="Reading", console=errors, transient=True)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the file cannot be opened: {error.strerror or error}. Check its permissions."
    return str(error)


def _as_object(file: Path, reading: Reading) -> dict[str, object]:
    return {
        "file": str(file),
        "fields": reading.values(),
        "confidence": {name: item.confidence for name, item in reading},
    }


def _print_json(line: dict[str, object]) -> None:
    typer.echo(json.dumps(line, ensure_ascii=False))


def _table(file: Path, reading: Reading) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(str(file)), title_justify="left")
    table.add_column("Field", no_wrap=True)
    table.add_column("字段", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("Confidence", justify="right", no_wrap=True)
    for name, item in reading:
        if item.value:
            style = "yellow" if item.confidence < _LOW else ""
            cells = (Text(item.value), Text(f"{item.confidence:.2f}", style=style))
        else:
            cells = (Text("not read", style="yellow"), Text("–"))
        table.add_row(name, _LABELS[name], *cells)
    return table
