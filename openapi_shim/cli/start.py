"""``openapi-shim start``: WeChat's API and the cloud functions, on this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.logs import log_to_stderr
from openapi_shim.wechat.late import LateRecognizer

if TYPE_CHECKING:
    from openapi_shim.emulator.server import EmulatorServer
    from openapi_shim.settings import Settings

_LOG = logging.getLogger("openapi_shim.cli")
_POLICIES = {
    "public": "public addresses",
    "loopback": "public addresses and this machine",
    "any": "any address, private networks too",
}


def start(
    host: Annotated[str | None, typer.Option(metavar="HOST")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT")] = None,
    functions_dir: Annotated[Path | None, typer.Option(metavar="DIR")] = None,
    daily_quota: Annotated[int | None, typer.Option(metavar="N")] = None,
    strict: Annotated[bool | None, typer.Option("--strict/--no-strict")] = None,
    image_urls: Annotated[str | None, typer.Option(metavar="POLICY")] = None,
    image_url_timeout: Annotated[float | None, typer.Option(metavar="SEC")] = None,
    function_timeout: Annotated[float | None, typer.Option(metavar="SEC")] = None,
    watch: Annotated[bool | None, typer.Option("--watch/--no-watch")] = None,
    inspect: Annotated[int | None, typer.Option(metavar="PORT")] = None,
) -> None:
    """Start the emulator: WeChat's HTTPS API, and the cloud functions behind it."""
    from openapi_shim.settings import load_settings, unknown_variables

    flags = {
        "host": host,
        "port": port,
        "functions_dir": functions_dir,
        "daily_quota": daily_quota,
        "strict": strict,
        "image_urls": image_urls,
        "image_url_timeout": image_url_timeout,
        "function_timeout": function_timeout,
        "watch": watch,
        "inspect": inspect,
    }
    log_to_stderr()
    for variable, near in unknown_variables(os.environ):
        meant = f"; did you mean {near}?" if near else ""
        _LOG.warning("%s is no variable of openapi-shim and does nothing%s", variable, meant)
    asyncio.run(_serve(load_settings(flags=flags, function_dir=Path())))
    os._exit(0)  # a reading of a photo, or of the weights, would be waited for


async def _serve(settings: Settings) -> None:
    from openapi_shim.emulator.desk import make_desk

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _end, stop, number)
    server = make_desk(
        settings, recognizer=LateRecognizer(settings.ocr_threads, settings.ocr_budget)
    ).server
    await server.start()
    try:
        for line in _introduction(settings, server):
            _say(line)
        if not server.local:
            _LOG.warning("others in the network can reach the emulator on %s", settings.host)
        loading = asyncio.create_task(_tell_loaded(server))
        await stop.wait()
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
    finally:
        await server.stop()


def _say(line: str) -> None:
    """Print *line*; where nobody reads any more, the emulator goes on without a word."""
    try:
        typer.echo(line)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _end(stop: asyncio.Event, number: int) -> None:
    """End in order; asked a second time, at once: the guard ends the functions' processes."""
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


def _introduction(settings: Settings, server: EmulatorServer) -> list[str]:
    """What runs where. The first line is for programs too."""
    folder = settings.functions_dir.resolve()
    names = ", ".join(server.functions()) or "none: put <name>/index.py or <name>/index.js there"
    functions = (
        f"{names} (in {folder})" if folder.is_dir() else f"none: there is no folder {folder}"
    )
    account = settings.emulator_appid or "any appid and secret"
    strict = ", strict" if settings.strict else ""
    return [
        f"openapi-shim listening on {server.url}",
        f"  WeChat's API   POST {server.url}/cv/ocr/drivinglicense?access_token=…",
        f"  access tokens  {server.url}/cgi-bin/token for {account}",
        f"  functions      {functions}",
        f"  HTTPS proxy    {server.url} for api.weixin.qq.com; `openapi-shim ca` tells how",
        *_upstream(settings),
        f"  called by      openapi-shim invoke NAME --url {server.url}",
        f"  quota          {settings.daily_quota} recognitions a day and appid{strict}",
        f"  img_url        may lead to: {_POLICIES[settings.image_urls.value]}",
        "  Ctrl+C stops it.",
    ]


def _upstream(settings: Settings) -> list[str]:
    mode = settings.upstream.value
    where = settings.recording if mode == "replay" else settings.upstream_url
    return [] if mode == "off" else [f"  upstream       {mode}: {where} answers WeChat's API"]


async def _tell_loaded(server: EmulatorServer) -> None:
    seconds = await server.weights_loaded()
    if seconds is not None:
        _say(f"  weights loaded in {seconds:.1f} s")
