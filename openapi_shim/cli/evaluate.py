"""``openapi-shim evaluate``: how well one's own photos are read. Nothing leaves this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.batch.photos import is_photo
from openapi_shim.cli.mistakes import complain
from openapi_shim.cli.photo_files import content_of
from openapi_shim.cli.recognize import Threads, loaded_recognizer
from openapi_shim.errors import ConfigError, RecognitionError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from openapi_shim.cli.scores import Miss, Scores
    from openapi_shim.cli.truth import TruePhoto
    from openapi_shim.ocr import Reading, Recognizer


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder with the photos.", show_default=False)],
    truth: Annotated[
        Path | None,
        typer.Option(
            help='What is true of them: one {"file": …, "truth": {…}} a line, as '
            "openapi-shim specimens writes it; truth.jsonl in FOLDER when left out.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print what is true and what was read: licence data.")
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Write a picture (.jpg) of the values that were not exact: licence data.",
            show_default=False,
        ),
    ] = None,
    threads: Threads = None,
) -> None:
    """Measure how well photos with known fields are read. Nothing leaves this machine."""
    from openapi_shim.cli.truth import TRUTH, read_truth

    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder: name the one that holds the photos")
    photos = read_truth(truth or folder / TRUTH, folder)
    if sheet is not None:
        _check_sheet(sheet, photos)
    _tell_others(folder, photos)
    scores = _scored(loaded_recognizer(threads), photos)
    if as_json:
        typer.echo(json.dumps(_as_object(scores, show=show), ensure_ascii=False))
    else:
        _print(scores, show=show)
    if sheet is not None:
        _write_sheet(sheet, scores.misses, quiet=as_json)


def _check_sheet(sheet: Path, photos: Sequence[TruePhoto]) -> None:
    if sheet.suffix.lower() not in {".jpg", ".jpeg"}:
        raise ConfigError(f"--sheet {sheet}: name a .jpg file")
    if sheet.resolve() in {photo.file.resolve() for photo in photos}:
        raise ConfigError(f"--sheet {sheet} is one of the photos: name another file")
    if not sheet.parent.is_dir():
        raise ConfigError(f"--sheet {sheet}: there is no folder {sheet.parent}")
    from openapi_shim.cli.annotated import has_font

    if not has_font():
        complain("no CJK font found: the sheet cannot show Chinese values")


def _tell_others(folder: Path, photos: Sequence[TruePhoto]) -> None:
    """A photo that the list does not name is not counted; that is said once."""
    named = {photo.file.resolve() for photo in photos}
    others = [
        file.name
        for file in sorted(folder.iterdir())
        if is_photo(file.name) and file.name[0] != "." and file.resolve() not in named
    ]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        complain(f"not in the list, and not counted: {others[0]}{more}")


def _scored(recognizer: Recognizer, photos: Sequence[TruePhoto]) -> Scores:
    from rich.console import Console
    from rich.progress import track

    from openapi_shim.cli.scores import Scores

    scores = Scores()
    console = Console(stderr=True)
    hidden = not console.is_terminal
    for photo in track(photos, "Reading", console=console, transient=True, disable=hidden):
        start = time.perf_counter()
        reading = _read(recognizer, photo.file)
        scores.add(photo.file, photo.truth, reading, 1000 * (time.perf_counter() - start))
    return scores


def _read(recognizer: Recognizer, file: Path) -> Reading | str:
    """The reading, or why there is none."""
    try:
        return recognizer.read(content_of(file))
    except RecognitionError as error:
        return str(error)
    except OSError as error:
        return f"the file cannot be opened: {error.strerror or error}"


def _as_object(scores: Scores, *, show: bool) -> dict[str, object]:
    return {
        **scores.summary(),
        "errors": [_miss_object(miss, show=show) for miss in scores.misses],
        "refusals": [{"file": str(file), "reason": why} for file, why in scores.refused],
    }


def _miss_object(miss: Miss, *, show: bool) -> dict[str, object]:
    told = {
        "file": str(miss.file),
        "field": miss.name,
        "kind": miss.kind,
        "off_by": miss.off,
        "confidence": miss.found.confidence,
    }
    return {**told, "truth": miss.wanted, "read": miss.found.value} if show else told


def _print(scores: Scores, *, show: bool) -> None:
    from rich.console import Console

    output = Console(highlight=False)
    for part in _parts(scores, show=show):
        output.print(part)
    _print_refusals(output, scores)


def _parts(scores: Scores, *, show: bool) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    from openapi_shim.cli.readings import LABELS, two_digits
    from openapi_shim.cli.scores import share

    fields = Table(title=f"{scores.photos} photos", title_justify="left")
    for name in ("Field", "字段", "Photos", "Exact", "%"):
        fields.add_column(name, justify="left" if name in {"Field", "字段"} else "right")
    for name, told in scores.told.items():
        if told:
            exact = scores.exact[name]
            fields.add_row(name, LABELS[name], str(told), str(exact), f"{share(exact, told):.1f}")
    fields.add_section()
    told, exact = sum(scores.told.values()), sum(scores.exact.values())
    fields.add_row("all fields", "", str(told), str(exact), f"{share(exact, told):.1f}")
    whole = share(scores.whole, scores.wholes)
    fields.add_row(
        "all eleven of a photo", "", str(scores.wholes), str(scores.whole), f"{whole:.1f}"
    )
    yield fields
    sure = Table("Confidence", title="What a confidence is worth", title_justify="left")
    for name in ("Values", "Exact", "%"):
        sure.add_column(name, justify="right")
    for low, high, values, hits in reversed(scores.calibration()):
        percent = f"{share(hits, values):.1f}" if values else "–"
        sure.add_row(f"{low:.2f} – {high:.2f}", str(values), str(hits), percent)
    yield sure
    yield (
        f"time for a photo: median {scores.percentile(50):.0f} ms, "
        f"p95 {scores.percentile(95):.0f} ms"
    )
    if not scores.misses:
        return
    misses = Table(title=f"Values not exact: {len(scores.misses)}", title_justify="left")
    for name in ("Photo", "Field", "Kind", "Off by", "Confidence"):
        misses.add_column(name, justify="right" if name in {"Off by", "Confidence"} else "left")
    if show:
        misses.add_column("True")
        misses.add_column("Read")
    for miss in scores.misses:
        cells = [miss.file.name, miss.name, miss.kind, str(miss.off)]
        cells.append(two_digits(miss.found.confidence) if miss.found.value else "–")
        misses.add_row(
            *(Text(cell) for cell in cells),
            *((Text(miss.wanted), Text(miss.found.value)) if show else ()),
        )
    yield misses


def _print_refusals(output: Console, scores: Scores) -> None:
    for file, why in scores.refused:
        output.print(f"{file.name}: {why}", markup=False, soft_wrap=True)


def _write_sheet(sheet: Path, misses: Sequence[Miss], *, quiet: bool) -> None:
    from openapi_shim.cli.contact_sheet import AT_MOST, draw_sheet

    try:
        sheet.write_bytes(draw_sheet(misses))
    except OSError as error:
        raise ConfigError(f"--sheet {sheet}: {error.strerror or error}") from error
    if quiet:
        return
    count = min(len(misses), AT_MOST)
    typer.echo(f"{count} of {len(misses)} values that were not exact are drawn in {sheet}")
