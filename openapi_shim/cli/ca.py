"""``openapi-shim ca``: the local authority behind proxy mode, and how clients trust it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.mistakes import emulator_url

if TYPE_CHECKING:
    from openapi_shim.settings import Settings

_URL = "http://127.0.0.1:8420"


def ca(
    url: Annotated[str, typer.Option(help="URL of the emulator.")] = _URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the local certificate authority, made on first use, and how clients come to trust it.

    It can vouch for WeChat's API hosts only. Clients with a fixed https://api.weixin.qq.com reach
    the emulator as their HTTPS proxy: eval "$(openapi-shim env --proxy)".
    """
    from openapi_shim.settings import load_settings

    base = emulator_url(url)
    settings = load_settings(function_dir=Path())
    variables = proxy_environment(base, settings)
    certificate = variables["NODE_EXTRA_CA_CERTS"]
    if as_json:
        typer.echo(json.dumps({"certificate": certificate, "environment": variables}))
        return
    given = "" if base == _URL else f" --url {shlex.quote(base)}"
    typer.echo(f"certificate  {certificate}")
    typer.echo("good for     WeChat's API hosts only (name constraints); its key is beside it")
    typer.echo("")
    typer.echo("In a shell, for everything started from it:")
    typer.echo(f'  eval "$(openapi-shim env --proxy{given})"')
    typer.echo("")
    typer.echo("which sets")
    for name, value in variables.items():
        typer.echo(f"  {name}={value}")
    typer.echo("")
    typer.echo("aiohttp reads the proxy's variables with ClientSession(trust_env=True) only.")


def proxy_environment(base: str, settings: Settings) -> dict[str, str]:
    """The variables by which clients take the emulator at *base* for their proxy and trust it.

    Raises:
        ConfigError: the authority cannot be kept.
    """
    from openapi_shim.emulator.proxy.authority import AUTHORITY, proxy_variables

    return proxy_variables(base, settings.state_dir.resolve() / AUTHORITY)
