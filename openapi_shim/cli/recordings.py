"""``openapi-shim recordings``: what WeChat answered, and where the emulator answers otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openapi_shim.emulator.upstream.exchange import Exchange, Question

File = Annotated[Path, typer.Argument(help="A recording, made with OPENAPI_SHIM_UPSTREAM=record.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

recordings = typer.Typer(
    help="Recorded answers of the real WeChat: list them, compare them with the emulator's.",
    no_args_is_help=True,
)


@recordings.command("list")
def show(file: File, as_json: Json = False) -> None:
    """Show what was recorded, in order."""
    from openapi_shim.emulator.upstream.exchange import read_recording

    rows = [_row(number, exchange) for number, exchange in enumerate(read_recording(file), 1)]
    if as_json:
        typer.echo(json.dumps({"exchanges": rows}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(
            f"{row['number']}  {row['time']}  {row['method']} {row['path']}  {row['with']}  "
            f"errcode={row['errcode']}  {row['milliseconds']} ms"
        )
    if not rows:
        typer.echo(f"{file} is empty")


@recordings.command()
def compare(file: File, as_json: Json = False) -> None:
    """Show where recorded answers have another shape than the emulator's.

    Keys, types, order, the form of errmsg and the Content-Type count; values do not. Exit code 1:
    there are differences.
    """
    from openapi_shim.emulator.upstream.comparing import compare as compared
    from openapi_shim.emulator.upstream.exchange import read_recording

    found = compared(read_recording(file))
    different = sum(bool(one.differences) for one in found)
    if as_json:
        rows = [
            {
                "number": one.number,
                "what": one.what,
                "errcode": one.errcode,
                "compared": one.compared,
                "differences": list(one.differences),
            }
            for one in found
        ]
        typer.echo(json.dumps({"exchanges": rows, "different": different}, ensure_ascii=False))
    else:
        for one in found:
            for difference in one.differences:
                typer.echo(f"{one.number}  {one.what}  errcode={one.errcode}: {difference}")
            if not one.compared:
                typer.echo(f"{one.number}  {one.what}: the emulator has no answer to compare with")
        total = sum(one.compared for one in found)
        typer.echo(f"{total} of {len(found)} exchanges compared, {different} with differences")
    raise typer.Exit(1 if different else 0)


def _row(number: int, exchange: Exchange) -> dict[str, object]:
    question = exchange.question
    return {
        "number": number,
        "time": exchange.time,
        "operation": question.operation,
        "method": question.method,
        "path": question.path,
        "with": _with(question),
        "status": exchange.answer.status,
        "errcode": exchange.answer.errcode,
        "milliseconds": exchange.milliseconds,
        "raw": exchange.answer.raw,
    }


def _with(question: Question) -> str:
    """What was sent, in a word or two."""
    if question.img_url_sha256:
        return f"img_url {question.img_url_sha256[:12]}"
    files = [part for part in question.body.parts if part.filename is not None]
    if files:
        return f"{files[0].name} {files[0].sha256[:12]} ({files[0].bytes} bytes)"
    return question.body.kind if question.body.bytes else "no body"
