"""The commands, put together. Each imports what is heavy only when it runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from openapi_shim._version import __version__
from openapi_shim.cli.batch import batch
from openapi_shim.cli.ca import ca
from openapi_shim.cli.clock import clock
from openapi_shim.cli.doctor import doctor
from openapi_shim.cli.env import env
from openapi_shim.cli.evaluate import evaluate
from openapi_shim.cli.execute import execute
from openapi_shim.cli.explain import explain
from openapi_shim.cli.faults import faults
from openapi_shim.cli.invoke import invoke
from openapi_shim.cli.mistakes import complain
from openapi_shim.cli.package import package
from openapi_shim.cli.recognize import recognize
from openapi_shim.cli.recordings import recordings
from openapi_shim.cli.serve import serve
from openapi_shim.cli.settings_help import SettingsCommand
from openapi_shim.cli.specimens import specimens
from openapi_shim.cli.start import start
from openapi_shim.cli.state import state

_UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer does not export it
_VARIABLES = "Each option is also a variable: --image-urls is OPENAPI_SHIM_IMAGE_URLS."

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


app.command(cls=SettingsCommand, epilog=_VARIABLES)(start)
app.command(cls=SettingsCommand, epilog=_VARIABLES)(serve)
app.command(cls=SettingsCommand)(invoke)
app.command()(env)
app.command()(ca)
app.command()(clock)
app.add_typer(faults, name="faults")
app.add_typer(recordings, name="recordings")
app.command("exec", context_settings={"allow_interspersed_args": False})(execute)
app.add_typer(state, name="state")
app.command(context_settings={"ignore_unknown_options": True})(explain)  # -604101 is none
app.command()(recognize)
app.command()(evaluate)
app.command()(specimens)
app.add_typer(batch, name="batch")
app.command()(doctor)
app.add_typer(package, name="package")


def run() -> int:
    """Run the command that the command line names; its exit code."""
    try:
        code = app(prog_name="openapi-shim", standalone_mode=False)
    except _UsageError as error:
        return _told(error)
    except typer.Abort:
        complain("aborted")
        return 1
    return code if isinstance(code, int) else 0


def _told(error: Any) -> int:
    """A mistake in the arguments, in the form of all our errors."""
    if type(error).__name__ == "NoArgsIsHelpError":
        pass  # typer has shown the help while it made the error
    elif error.ctx is None or type(error) is typer.BadParameter:
        complain(error.format_message())
    else:
        complain(f"{error.format_message()} See {error.ctx.command_path} --help")
    return int(error.exit_code)
