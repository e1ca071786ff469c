"""``openapi-shim env``: the environment for a process that calls the emulator's cloud."""

from __future__ import annotations

import json
import re
import shlex
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.ca import proxy_environment
from openapi_shim.cli.mistakes import emulator_url

if TYPE_CHECKING:
    from openapi_shim.settings import Settings


class Format(str, Enum):
    """How the variables are written."""

    SHELL = "shell"
    DOTENV = "dotenv"
    JSON = "json"


def env(
    url: Annotated[str, typer.Option(help="URL of a running emulator.")] = "http://127.0.0.1:8420",
    form: Annotated[
        Format, typer.Option("--format", help="How the variables are written.")
    ] = Format.SHELL,
    openid: Annotated[
        str, typer.Option(help="A user's OPENID that getWXContext() shall show.")
    ] = "",
    proxy: Annotated[
        bool,
        typer.Option(
            "--proxy",
            help="The proxy's variables only, for clients with a fixed https://api.weixin.qq.com.",
        ),
    ] = False,
) -> None:
    """Print the environment by which a script, a test or a debugger reaches the emulator's cloud.

    Such a process has the permissions of the project's config.json. In a shell:
    eval "$(openapi-shim env)".
    """
    from openapi_shim.settings import load_settings  # --help stays fast

    base = emulator_url(url)
    settings = load_settings(function_dir=Path())
    if proxy:
        typer.echo(written(proxy_environment(base, settings), form))
        return
    typer.echo(written(cloud_environment(base, settings, openid), form))


def cloud_environment(base: str, settings: Settings, openid: str = "") -> dict[str, str]:
    """The variables by which a process calls the cloud of the emulator at *base*.

    Args:
        base: its URL.
        settings: the emulator's.
        openid: of a user that ``getWXContext()`` shall show.
    """
    from openapi_shim.emulator.functions.environment import LOCAL_ENV, emulator_account
    from openapi_shim.emulator.gateway.environment import (
        GatewayKeys,
        caller_environment,
        gateway_environment,
    )

    appid, secret = emulator_account(settings)
    key = settings.gateway_secret_key.get_secret_value()
    keys = GatewayKeys(settings.gateway_secret_id, key) if key else GatewayKeys()
    variables = {
        **gateway_environment(base, keys),
        **caller_environment(env=settings.emulator_env or LOCAL_ENV, appid=appid, openid=openid),
        "OPENAPI_SHIM_APPID": appid,
        "OPENAPI_SHIM_SECRET": secret,
    }
    return {name: value for name, value in variables.items() if value}


def written(variables: dict[str, str], form: Format) -> str:
    """*variables* as *form* has them, without a line break at the end."""
    if form is Format.JSON:
        return json.dumps(variables, ensure_ascii=False, indent=2)
    if form is Format.DOTENV:
        return "\n".join(f"{name}={_dotenv(value)}" for name, value in variables.items())
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def _dotenv(value: str) -> str:
    """Quoted where it must be: within single quotes a dotenv file takes all as it stands."""
    if re.fullmatch(r"[\w.,:/@+-]+", value, re.ASCII):
        return value
    if "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)
