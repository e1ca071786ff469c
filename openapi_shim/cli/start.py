"""``openapi-shim start``: WeChat's API and the cloud functions, on this machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from openapi_shim.cli.late import LateRecognizer
from openapi_shim.cli.logs import log_to_stderr

if TYPE_CHECKING:
    from openapi_shim.emulator.server import EmulatorServer
    from openapi_shim.settings import Settings

_LOG = logging.getLogger("openapi_shim.cli")


def start(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (OPENAPI_SHIM_HOST).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 takes a free one (OPENAPI_SHIM_PORT).")
    ] = None,
    functions_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the cloud functions (OPENAPI_SHIM_FUNCTIONS_DIR)."),
    ] = None,
    daily_quota: Annotated[
        int | None,
        typer.Option(help="Recognitions a day and appid (OPENAPI_SHIM_DAILY_QUOTA)."),
    ] = None,
    strict: Annotated[
        bool | None,
        typer.Option(help="Refuse what WeChat does not document (OPENAPI_SHIM_STRICT)."),
    ] = None,
    image_urls: Annotated[
        str | None,
        typer.Option(
            metavar="public|loopback|any",
            help="Where an img_url may lead to (OPENAPI_SHIM_IMAGE_URLS).",
        ),
    ] = None,
    image_url_timeout: Annotated[
        float | None,
        typer.Option(help="Seconds for downloading one (OPENAPI_SHIM_IMAGE_URL_TIMEOUT)."),
    ] = None,
    function_timeout: Annotated[
        float | None,
        typer.Option(help="Seconds an invocation may take (OPENAPI_SHIM_FUNCTION_TIMEOUT)."),
    ] = None,
    watch: Annotated[
        bool | None,
        typer.Option(help="Load functions anew when their files change (OPENAPI_SHIM_WATCH)."),
    ] = None,
    inspect: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            help="Let a debugger attach to the first function at this port, to the next ones at "
            "the next; time-outs are off (OPENAPI_SHIM_INSPECT).",
        ),
    ] = None,
) -> None:
    """Start the emulator: WeChat's HTTPS API, and the cloud functions behind it."""
    from openapi_shim.settings import load_settings  # noqa: PLC0415 - --help stays fast

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
    asyncio.run(_serve(load_settings(flags=flags, function_dir=Path())))


async def _serve(settings: Settings) -> None:
    from openapi_shim.emulator.app import create_app  # noqa: PLC0415
    from openapi_shim.emulator.server import EmulatorServer  # noqa: PLC0415

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _end, stop, number)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    app = create_app(settings, recognizer=LateRecognizer(settings.ocr_threads))
    server = EmulatorServer(app, host=settings.host, port=settings.port)
    await server.start()
    try:
        for line in _introduction(settings, server):
            console.print(line)
        if not server.local:
            _LOG.warning("others in the network can reach the emulator on %s", settings.host)
        loading = asyncio.create_task(_tell_loaded(server, console))
        await stop.wait()
        loading.cancel()
    finally:
        await server.stop()


def _end(stop: asyncio.Event, number: int) -> None:
    """End in order; asked a second time, at once: the guard ends the functions' processes."""
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


def _introduction(settings: Settings, server: EmulatorServer) -> list[str]:
    """What runs where. The first line is for programs too."""
    folder = settings.functions_dir.resolve()
    names = ", ".join(server.functions()) or "none: put <name>/index.py or <name>/index.js there"
    account = settings.emulator_appid or "any appid and secret"
    strict = ", strict" if settings.strict else ""
    return [
        f"openapi-shim listening on {server.url}",
        f"  WeChat's API   POST {server.url}/cv/ocr/drivinglicense?access_token=…",
        f"  access tokens  {server.url}/cgi-bin/token for {account}",
        f"  functions      {names} (in {folder})",
        f"  called by      openapi-shim invoke NAME --url {server.url}",
        f"  quota          {settings.daily_quota} recognitions a day and appid{strict}",
        f"  img_url        may lead to: {settings.image_urls.value}",
        "  Ctrl+C stops it.",
    ]


async def _tell_loaded(server: EmulatorServer, console: Console) -> None:
    seconds = await server.weights_loaded()
    if seconds is not None:
        console.print(f"  weights loaded in {seconds:.1f} s")
