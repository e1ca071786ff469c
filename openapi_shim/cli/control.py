"""Asks a running emulator through its own door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from openapi_shim.errors import ConfigError, ControlError


def ask(
    url: str, method: str, path: str, body: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The emulator's answer to a command.

    Args:
        url: of the emulator, as the user gave it.
        method: of HTTP.
        path: below the emulator's own prefix.
        body: sent as JSON.

    Raises:
        ConfigError: *url* is none, or no emulator answers there.
        ControlError: the emulator refuses; its own words.
    """
    return asyncio.run(_ask(url, method, path, body))


async def _ask(
    url: str, method: str, path: str, body: Mapping[str, object] | None
) -> dict[str, Any]:
    import aiohttp

    from openapi_shim.cli.mistakes import emulator_url
    from openapi_shim.emulator.control.door import PREFIX

    base = emulator_url(url)
    timeout = aiohttp.ClientTimeout(total=60, sock_connect=5)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, base + PREFIX + path, json=body) as response,
        ):
            status, text = response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConfigError(
            f"no emulator answers at {base}: start one with `openapi-shim start` ({error})"
        ) from error
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{base} is no emulator of this version: it answers no JSON") from error
    if status != 200 or not isinstance(answer, dict):
        told = answer.get("error", answer.get("errmsg", "")) if isinstance(answer, dict) else ""
        raise ControlError(f"the emulator refuses: {told or f'status {status}'}")
    return answer
