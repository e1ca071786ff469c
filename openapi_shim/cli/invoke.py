"""``openapi-shim invoke``: calls a cloud function, the whole way it would go on the platform."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.event import event_from
from openapi_shim.cli.logs import log_to_stderr
from openapi_shim.cli.mistakes import complain, emulator_url
from openapi_shim.wechat.late import LateRecognizer

if TYPE_CHECKING:
    from openapi_shim.cli.client import Outcome
    from openapi_shim.settings import Settings

_DEVTOOLS = "wx_devtools"


def invoke(
    name: Annotated[str, typer.Argument(help="Name of the function, which is its folder's.")],
    image: Annotated[
        Path | None, typer.Option(help="Photo, sent as the event's img: {contentType, value}.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="The event, as JSON text.")] = None,
    event: Annotated[Path | None, typer.Option(help="File with the event, as JSON.")] = None,
    url: Annotated[
        str | None,
        typer.Option(help="A running emulator; by default one is started for this call."),
    ] = None,
    openid: Annotated[
        str, typer.Option(help="OPENID of the user on whose behalf, as a mini-program calls.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            help="SOURCE that the function sees, e.g. wx_client, wx_trigger; wx_devtools with "
            "--openid, else wx_http."
        ),
    ] = "",
    functions_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR"),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print one JSON object in any case: errcode, errmsg, reason and result.",
        ),
    ] = False,
) -> None:
    """Call a cloud function and print its result as JSON.

    Exit code 0: it succeeded; 1: it failed, or answered an errCode; 2: a mistake in the call.
    """
    from openapi_shim.settings import load_settings  # --help stays fast

    base = None if url is None else emulator_url(url)
    text = event_from(image, data, event)
    settings = load_settings(
        flags={"functions_dir": functions_dir, "watch": False}, function_dir=Path()
    )
    log_to_stderr(logging.WARNING)
    caller = {"openid": openid, "source": source or (_DEVTOOLS if openid else "")}
    outcome = asyncio.run(_call(settings, base, name, text, caller))
    _print(outcome, as_json=as_json)
    raise typer.Exit(_exit_code(outcome))


async def _call(
    settings: Settings, url: str | None, name: str, event: str, caller: Mapping[str, str]
) -> Outcome:
    from openapi_shim.cli.client import call_function
    from openapi_shim.emulator.functions.environment import emulator_account

    account = emulator_account(settings)
    if url is not None:
        return await call_function(url, account, name, event, **caller)
    from openapi_shim.emulator.app import create_app
    from openapi_shim.emulator.functions.folder import FunctionFolder
    from openapi_shim.emulator.server import EmulatorServer
    from openapi_shim.errors import ConfigError, InvocationError
    from openapi_shim.stores.sqlite import MEMORY, SqliteStore

    try:
        FunctionFolder(settings.functions_dir).find(name)
    except InvocationError as error:
        raise ConfigError(str(error)) from error
    # Its tokens and its quota live as long as the one call: a photo is never refused because of
    # those read before.
    store = SqliteStore(MEMORY)
    app = create_app(
        settings, recognizer=LateRecognizer(settings.ocr_threads, settings.ocr_budget), store=store
    )
    server = EmulatorServer(app)
    try:
        await server.start()
        await server.weights_loaded(now=True)  # no function's time-out should pay for it
        return await call_function(server.url, account, name, event, **caller)
    finally:
        await server.stop()


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        whole = {
            "errcode": outcome.errcode,
            "errmsg": outcome.errmsg,
            "reason": outcome.reason,
            "result": outcome.result,
        }
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    elif outcome.errcode == 0:
        typer.echo(json.dumps(outcome.result, ensure_ascii=False, indent=2))
    if outcome.errcode:
        complain(f"{outcome.errcode} {outcome.errmsg}")
        if outcome.reason and outcome.reason not in outcome.errmsg:
            complain(outcome.reason)


def _exit_code(outcome: Outcome) -> int:
    from openapi_shim.wechat.answers import NO_SUCH_FUNCTION

    if outcome.errcode == NO_SUCH_FUNCTION:
        return 2
    return 0 if outcome.ok else 1
