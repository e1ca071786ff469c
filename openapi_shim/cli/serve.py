"""``openapi-shim serve``: the recognizer and the functions as a server of one's own."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.mistakes import complain

if TYPE_CHECKING:
    from openapi_shim.serving.server import Serving

_LOG = logging.getLogger("openapi_shim.cli")


def serve(
    host: Annotated[str | None, typer.Option(metavar="HOST")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT")] = None,
    processes: Annotated[int | None, typer.Option(metavar="N")] = None,
    ocr_threads: Annotated[int | None, typer.Option(metavar="N")] = None,
    admin_host: Annotated[str | None, typer.Option(metavar="HOST")] = None,
    admin_port: Annotated[int | None, typer.Option(metavar="PORT")] = None,
    grace: Annotated[float | None, typer.Option(metavar="SEC")] = None,
    functions_dir: Annotated[Path | None, typer.Option(metavar="DIR")] = None,
    state_dir: Annotated[Path | None, typer.Option(metavar="DIR")] = None,
    daily_quota: Annotated[int | None, typer.Option(metavar="N")] = None,
    public_url: Annotated[str | None, typer.Option(metavar="URL")] = None,
    log: Annotated[str | None, typer.Option(metavar="FORM")] = None,
    cloudrun: Annotated[bool | None, typer.Option("--cloudrun/--no-cloudrun")] = None,
    open_doors: Annotated[bool | None, typer.Option("--open/--no-open")] = None,
) -> int:
    """Serve WeChat's HTTPS API and the functions to others, by several processes."""
    from openapi_shim.errors import ServingError
    from openapi_shim.serving.capacity import choose_capacity, usable_cores
    from openapi_shim.serving.logs import log_as
    from openapi_shim.serving.server import Serving
    from openapi_shim.settings import load_settings, unknown_variables

    flags = {
        "host": host,
        "port": port,
        "processes": processes,
        "ocr_threads": ocr_threads,
        "admin_host": admin_host,
        "admin_port": admin_port,
        "grace": grace,
        "functions_dir": functions_dir,
        "state_dir": state_dir,
        "daily_quota": daily_quota,
        "public_url": public_url,
        "log": log,
        "cloudrun": cloudrun,
        "open_doors": open_doors,
    }
    settings = load_settings(flags=flags, function_dir=Path())
    log_as(settings.log)
    for variable, near in unknown_variables(os.environ):
        meant = f"; did you mean {near}?" if near else ""
        _LOG.warning("%s is no variable of openapi-shim and does nothing%s", variable, meant)
    serving = Serving(settings, choose_capacity(settings, usable_cores()))
    for line in _introduction(serving):
        _LOG.info("%s", line)
    try:
        asyncio.run(serving.run(lambda: _LOG.info("all processes serve")))
    except ServingError as error:
        complain(str(error))
        return 1
    return 0


def _introduction(serving: Serving) -> list[str]:
    """What is served where, and which doors are open."""
    settings, capacity = serving.settings, serving.capacity
    account = "any appid and secret (--open)" if settings.open_doors else settings.emulator_appid
    health = "/livez /readyz /metrics" if serving.has_metrics else "/livez /readyz"
    by_path = "; functions by path, for WeChat CloudRun" if settings.cloudrun else ""
    return [
        f"serving on {settings.host} port {serving.port} for {account}{by_path}",
        f"health on {settings.admin_host} port {serving.admin_port}: {health}",
        f"{capacity.processes} processes with {capacity.threads} threads each for a photo, "
        f"{settings.daily_quota} recognitions a day",
    ]
