"""``openapi-shim clock``: hold and move a running emulator's clock."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated

import typer

from openapi_shim.cli.control import ask


class Action(str, Enum):
    """What is done to the clock."""

    SHOW = "show"
    FREEZE = "freeze"
    ADVANCE = "advance"
    RESET = "reset"


def clock(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.SHOW,
    value: Annotated[
        str,
        typer.Argument(
            help="advance: a span, as 7300s, 5m, 2h, 1d; back with -- before it, as -- -1d. "
            "freeze: a moment, as 2026-12-31T23:59:50 (Beijing); now if left out.",
        ),
    ] = "",
    url: Annotated[str, typer.Option(help="URL of the emulator.")] = "http://127.0.0.1:8420",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold, move or reset a running emulator's clock: tokens and quota expire by it."""
    takes = {Action.FREEZE: value or True, Action.ADVANCE: value, Action.RESET: True}
    if value and action in (Action.SHOW, Action.RESET):
        raise typer.BadParameter(f"{action.value} takes no value, and {value!r} was given")
    if action is Action.ADVANCE and not value:
        raise typer.BadParameter("advance wants a span, as 7300s, 5m, 2h or 1d")
    if action is Action.SHOW:
        told = ask(url, "GET", "/clock")
    else:
        told = ask(url, "POST", "/clock", {action.value: takes[action]})
    if as_json:
        typer.echo(json.dumps(told))
        return
    held = ", held" if told["held"] else ""
    ahead = f", {told['ahead']:+.0f} s from this machine's clock" if told["ahead"] else ""
    typer.echo(f"{told['now']}{held}{ahead}")
