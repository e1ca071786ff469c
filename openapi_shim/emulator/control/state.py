"""The state by HTTP: ``GET /state``, ``PUT /state``, ``POST /reset``."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from openapi_shim._version import __version__
from openapi_shim.emulator.control.door import Route, answer
from openapi_shim.emulator.state.archive import WHOLE
from openapi_shim.emulator.state.keeper import StateKeeper, Summary
from openapi_shim.errors import ConfigError, ControlError, StateError, StorageError, StoreError

_CHUNK = 256 * 1024
_SILENCE = 30.0  # seconds until who sends nothing more is given up


@dataclass(frozen=True)
class StateCommands:
    """The commands.

    Attributes:
        keeper: has the state.
        folder: of the emulator's state.
        seed_file: what a reset goes back to; None: to nothing.
        forget: puts all else as it was at the beginning, before a reset's archive is read in.
    """

    keeper: StateKeeper
    folder: Path
    seed_file: Path | None
    forget: Callable[[], None]

    def routes(self) -> list[Route]:
        """``GET /about``, ``GET`` and ``PUT /state``, ``POST /reset``."""
        return [
            Route("GET", "/about", self.about),
            Route("GET", "/state", self.export),
            Route("PUT", "/state", self.put),
            Route("POST", "/reset", self.reset),
        ]

    async def begin(self, _: web.Application) -> None:
        """Start from the seed file, where no state is yet.

        Raises:
            ConfigError: the seed file cannot be used.
        """
        try:
            if self.seed_file is not None and await self.keeper.empty():
                await self.keeper.restore(self.seed_file)
        except (StateError, StoreError, StorageError) as error:
            raise ConfigError(f"the seed file cannot be used: {_told(error)}") from error

    async def about(self, _: web.Request) -> web.StreamResponse:
        """Which emulator this is: so a command knows whose folder it has before it."""
        return answer({"version": __version__, "state_dir": str(self.folder.resolve())})

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The state as an archive."""
        with tempfile.TemporaryDirectory(prefix="openapi-shim-") as folder:
            path = Path(folder, "state.zip")
            try:
                await self.keeper.export(path)
            except (StateError, StoreError, StorageError) as error:
                raise ControlError(_told(error)) from error
            response = web.StreamResponse(
                headers={
                    "Content-Type": "application/zip",
                    "Content-Disposition": 'attachment; filename="state.zip"',
                }
            )
            with await asyncio.to_thread(path.open, "rb") as file:
                response.content_length = os.fstat(file.fileno()).st_size
                await response.prepare(request)
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    await response.write(chunk)
            await response.write_eof()
        return response

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Put an archive's content in place of the state."""
        with tempfile.TemporaryDirectory(prefix="openapi-shim-") as folder:
            path = Path(folder, "archive.zip")
            if not await _received(request, path):
                raise ControlError("the body is empty; an archive of `state export` is wanted")
            return answer((await self._restore(path)).as_object())

    async def reset(self, request: web.Request) -> web.StreamResponse:
        """Begin anew: from the body's archive, from the seed file, or from nothing."""
        with tempfile.TemporaryDirectory(prefix="openapi-shim-") as folder:
            given = Path(folder, "archive.zip")
            path = given if await _received(request, given) else self.seed_file
            if path is None:
                await self._clear()
                self.forget()
                return answer(Summary(0, 0, 0, clock=False, faults=None).as_object())
            summary = await self._restore(path, anew=True)
            return answer(summary.as_object())

    async def _clear(self) -> None:
        try:
            await self.keeper.clear()
        except (StateError, StoreError, StorageError) as error:
            raise ControlError(_told(error)) from error

    async def _restore(self, path: Path, *, anew: bool = False) -> Summary:
        try:
            return await self.keeper.restore(path, before=self.forget if anew else None)
        except (StateError, StoreError, StorageError) as error:
            told = _told(error)
            if path != self.seed_file:  # who sent it does not know our name for it
                told = told.replace(str(path), "what was sent")
            raise ControlError(told) from error


def _told(error: Exception) -> str:
    return error.message if isinstance(error, StorageError) else str(error)


async def _received(request: web.Request, path: Path) -> int:
    """Write the body to *path*; its bytes."""
    if (request.content_length or 0) > WHOLE:
        raise ControlError(f"the body has more than {WHOLE} bytes")
    size = 0
    try:
        with await asyncio.to_thread(path.open, "xb") as file:
            while chunk := await asyncio.wait_for(request.content.readany(), _SILENCE):
                size += len(chunk)
                if size > WHOLE:
                    raise ControlError(f"the body has more than {WHOLE} bytes")
                await asyncio.to_thread(file.write, chunk)
    except TimeoutError as error:
        raise ControlError(f"nothing more of the body came for {_SILENCE:g} s") from error
    except (HttpProcessingError, web.PayloadAccessError, web.RequestPayloadError, OSError) as error:
        raise ControlError(f"the body cannot be taken: {type(error).__name__}") from error
    return size
