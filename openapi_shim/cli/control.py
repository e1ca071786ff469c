"""Asks a running emulator through its own door."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi_shim.errors import ConfigError, ControlError

if TYPE_CHECKING:
    import aiohttp


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
    async with _asked(url, method, path, json=body) as response:
        return _answer(url, response.status, await response.text())


@asynccontextmanager
async def _asked(
    url: str, method: str, path: str, **options: Any
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The emulator's response to a command."""
    import aiohttp

    from openapi_shim.cli.mistakes import emulator_url
    from openapi_shim.emulator.control.door import PREFIX

    base = emulator_url(url)
    timeout = aiohttp.ClientTimeout(total=600, sock_connect=5, sock_read=60)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, base + PREFIX + path, **options) as response,
        ):
            yield response
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConfigError(
            f"no emulator answers at {base}: start one with `openapi-shim start` ({error})"
        ) from error


def _answer(url: str, status: int, text: str) -> dict[str, Any]:
    """The JSON of a response; an error in the emulator's own words."""
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{url} is no emulator of this version: it answers no JSON") from error
    if status != 200 or not isinstance(answer, dict):
        told = answer.get("error", answer.get("errmsg", "")) if isinstance(answer, dict) else ""
        raise ControlError(f"the emulator refuses: {told or f'status {status}'}")
    return answer


def fetch_archive(url: str, target: Path) -> int:
    """Write the state of the emulator at *url* to *target*, whole or not at all; its bytes.

    Raises:
        ConfigError, ControlError: as :func:`ask`.
        OSError: *target* cannot be written.
    """
    return asyncio.run(_fetch_archive(url, target))


async def _fetch_archive(url: str, target: Path) -> int:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        async with _asked(url, "GET", "/state") as response:
            if response.status != 200:
                _answer(url, response.status, await response.text())
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in response.content.iter_any():
                    file.write(chunk)
        size = os.stat(draft).st_size  # noqa: PTH116 - nothing else runs on this loop
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return size


def send_archive(url: str, method: str, path: str, source: Path | None) -> dict[str, Any]:
    """Send an archive to the emulator, or for None nothing, and answer what it says.

    Raises:
        ConfigError, ControlError: as :func:`ask`.
        OSError: *source* cannot be read.
    """

    async def send() -> dict[str, Any]:
        if source is None:
            async with _asked(url, method, path) as response:
                return _answer(url, response.status, await response.text())
        with source.open("rb") as file:
            async with _asked(url, method, path, data=file) as response:
                return _answer(url, response.status, await response.text())

    return asyncio.run(send())
