"""The commands, put together. Each imports what is heavy only when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from openapi_shim._version import __version__
from openapi_shim.cli.env import env
from openapi_shim.cli.invoke import invoke
from openapi_shim.cli.recognize import recognize
from openapi_shim.cli.specimens import specimens
from openapi_shim.cli.start import start

app = typer.Typer(
    help="WeChat cloud functions in Python: a local emulator, and an offline recognizer of "
    "driving licences behind it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"openapi-shim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


app.command()(start)
app.command()(invoke)
app.command()(env)
app.command()(recognize)
app.command()(specimens)
