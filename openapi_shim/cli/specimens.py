"""``openapi-shim specimens``: writes photos of invented people's licences, and their truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from openapi_shim.cli.mistakes import HOW_TO_INSTALL, complain

if TYPE_CHECKING:
    from openapi_shim.specimens import Specimen

_TRUTH = "truth.jsonl"


def _make(seeds: range, grade: str, layout: str | None, rotation: int | None) -> Iterator[Specimen]:
    from openapi_shim.specimens import make_specimen  # the drawing is heavy

    for seed in seeds:
        yield make_specimen(seed, grade=grade, layout=layout, rotation=rotation)


def _check_drawing() -> None:
    """Ends the command with what to install where specimens cannot be drawn."""
    try:
        from openapi_shim.specimens import cjk_fonts_available  # heavy
        from openapi_shim.specimens.fonts import PACKAGES  # heavy
    except ModuleNotFoundError as error:
        complain(f"{error.name} is not installed: {HOW_TO_INSTALL}")
        raise typer.Exit(1) from error
    if not cjk_fonts_available():
        complain(f"no CJK font found; on Debian or Ubuntu: apt-get install {' '.join(PACKAGES)}")
        raise typer.Exit(1)


def _photos_of(truth: Path) -> list[Path]:
    """The photos that an earlier set's truth names."""
    if not truth.is_file():
        return []
    try:
        lines = [json.loads(line) for line in truth.read_text("utf-8").splitlines()]
        return [truth.parent / Path(line["file"]).name for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter(
            f"{truth} is not a set's list: empty the folder yourself, or name another",
            param_hint="OUT_DIR",
        ) from error


def _prepare(folder: Path, force: bool) -> None:
    """Makes the folder, and takes an earlier set out of it if forced; nothing else is deleted."""
    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is a file: name a folder", param_hint="OUT_DIR")
    if folder.is_dir() and any(folder.iterdir()):
        if not force:
            raise typer.BadParameter(
                f"{folder} is not empty: name another folder, or replace the set with --force",
                param_hint="OUT_DIR",
            )
        for photo in _photos_of(folder / _TRUTH):
            photo.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


def _write(out_dir: Path, made: Iterator[Specimen], count: int, *, quiet: bool) -> int:
    """Writes the photos and their truth; how many bytes the photos have."""
    from rich.console import Console  # other commands start sooner
    from rich.progress import track

    console = Console(stderr=True)
    digits = max(4, len(str(count)))
    total = 0
    with (out_dir / _TRUTH).open("w", encoding="utf-8") as truth:
        shown = track(
            made, "Specimens", count, console=console, disable=quiet or not console.is_terminal
        )
        for number, specimen in enumerate(shown, 1):
            name = f"{number:0{digits}d}.jpg"
            (out_dir / name).write_bytes(specimen.image)
            total += len(specimen.image)
            line = {
                "file": name,
                "seed": specimen.seed,
                "grade": specimen.grade,
                "layout": specimen.layout,
                "rotation": specimen.rotation,
                "truth": specimen.truth,
            }
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")
    return total


def specimens(
    out_dir: Annotated[Path, typer.Argument(help="Folder to write to; made if missing.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many photos.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of the first photo; the next is one more.")] = 0,
    grade: Annotated[
        Literal["clean", "normal", "hard", "extreme", "severe"],
        typer.Option(help="How good the photos are."),
    ] = "normal",
    layout: Annotated[
        Literal["current", "older"] | None,
        typer.Option(help="Of the card; chosen by the seed when left out."),
    ] = None,
    rotation: Annotated[
        Literal["0", "90", "180", "270"] | None,
        typer.Option(help="Degrees, clockwise; chosen by the seed when left out."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the set in OUT_DIR.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a summary as one JSON object.")
    ] = False,
) -> None:
    """Write photos of driving licences of invented people, and truth.jsonl beside them."""
    _check_drawing()
    turned = None if rotation is None else int(rotation)
    made = _make(range(seed, seed + count), grade, layout, turned)
    try:
        _prepare(out_dir, force)
        total = _write(out_dir, made, count, quiet=as_json)
    except OSError as error:
        place = error.filename or out_dir
        complain(f"{place} cannot be written: {error.strerror or error}: name another folder")
        raise typer.Exit(2) from error
    if as_json:
        summary = {
            "folder": str(out_dir),
            "count": count,
            "seed": seed,
            "grade": grade,
            "bytes": total,
            "truth": str(out_dir / _TRUTH),
        }
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        typer.echo(f"{count} specimens and {_TRUTH} in {out_dir}")
