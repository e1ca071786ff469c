"""``openapi-shim faults``: let a running emulator fail as production does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from openapi_shim.cli.control import ask
from openapi_shim.cli.mistakes import read_at_most
from openapi_shim.errors import ConfigError

_LIMIT = 1024 * 1024  # bytes of a file of rules

Url = Annotated[str, typer.Option(help="URL of the emulator.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_EMULATOR = "http://127.0.0.1:8420"

faults = typer.Typer(
    help="Let a running emulator fail as production does: codes, latency, broken connections.",
    no_args_is_help=True,
)


@faults.command("list")
def show(url: Url = _EMULATOR, as_json: Json = False) -> None:
    """Show the rules in force, how many calls fitted each and how many met it."""
    _tell(ask(url, "GET", "/faults"), as_json)


@faults.command()
def add(
    rules: Annotated[
        list[str],
        typer.Argument(help="Names of presets, a rule as JSON, or a file with a list of rules."),
    ],
    url: Url = _EMULATOR,
    as_json: Json = False,
) -> None:
    """Put rules in force. Presets are listed by `openapi-shim faults list`.

    A rule: {"name": "mine", "match": {"operation": "ocr.driverLicense"}, "every": 3,
    "errcode": 101000}.
    """
    wanted: list[Any] = []
    for item in rules:
        wanted += _meant(item)
    _tell(ask(url, "POST", "/faults", {"rules": wanted}), as_json)


@faults.command()
def clear(
    name: Annotated[str, typer.Argument(help="Of one rule; left out: all.")] = "",
    url: Url = _EMULATOR,
    as_json: Json = False,
) -> None:
    """Take rules out of force."""
    _tell(ask(url, "DELETE", f"/faults/{name}" if name else "/faults"), as_json)


def _meant(item: str) -> list[Any]:
    """One argument: JSON, a file of it, or the name of a preset."""
    text = item
    if not item.lstrip().startswith(("{", "[")):
        path = Path(item)
        if not path.is_file():
            return [item]
        content, size = read_at_most(path, _LIMIT)
        if size > _LIMIT:
            raise ConfigError(f"{path} has more than 1 MB: no file of rules has")
        text = content.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{item[:80]} is not JSON: {error}") from error
    return found if isinstance(found, list) else [found]


def _tell(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told))
        return
    for rule in told["rules"]:
        counts = f"{rule.pop('met')} of {rule.pop('fitting')} calls"
        name = rule.pop("name")
        typer.echo(f"{name}: {counts}  {json.dumps(rule)}")
    if not told["rules"]:
        typer.echo(f"no rules are in force; presets: {', '.join(told['presets'])}")
