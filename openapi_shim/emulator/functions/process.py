"""One worker process: started, asked, killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openapi_shim
from openapi_shim.emulator.functions.folder import Fingerprint, Function
from openapi_shim.emulator.functions.frames import LENGTH_SIZE, length_of, pack, unpack
from openapi_shim.emulator.functions.output import FunctionOutput

_PACKAGE_ROOT = Path(openapi_shim.__file__).parent.parent
_DRAIN = 2.0  # seconds to read what a process printed before it ended


class WorkerGoneError(Exception):
    """The process ended instead of answering; the text says how."""


class WorkerProcess:
    """A function's process, and the socket to it. Made by :meth:`start`."""

    def __init__(
        self,
        process: Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        fingerprint: Fingerprint,
        output: FunctionOutput,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.fingerprint = fingerprint
        self.output = output
        streams = [stream for stream in (process.stdout, process.stderr) if stream]
        self._pumps = [asyncio.create_task(output.pump(stream)) for stream in streams]

    @classmethod
    async def start(cls, function: Function, environment: Mapping[str, str]) -> WorkerProcess:
        """Start a process for *function*. It says ``ready`` or ``broken`` next."""
        ours, theirs = socket.socketpair()
        fingerprint = function.fingerprint()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-u",
                "-m",
                "openapi_shim.emulator.functions.worker",
                str(theirs.fileno()),
                str(function.folder),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                pass_fds=(theirs.fileno(),),
                env=dict(environment),
                # A module of the function's must not stand in for one of the worker's, so the
                # worker goes to the function's folder by itself, later.
                cwd=_PACKAGE_ROOT,
                # Ctrl+C reaches the emulator alone; its workers end when it says so, each with
                # all the processes it started.
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(process, reader, writer, fingerprint, FunctionOutput(function.name))

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None

    async def send(self, message: dict[str, Any]) -> None:
        """Send *message*.

        Raises:
            WorkerGoneError: the process has ended.
        """
        try:
            self._writer.write(pack(message))
            await self._writer.drain()
        except ConnectionError:
            raise WorkerGoneError(await self._how_it_ended()) from None

    async def receive(self) -> dict[str, Any]:
        """The next message.

        Raises:
            WorkerGoneError: the process ended, or what it sent is no message.
        """
        try:
            head = await self._reader.readexactly(LENGTH_SIZE)
            return unpack(await self._reader.readexactly(length_of(head)))
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerGoneError(await self._how_it_ended()) from None
        except ValueError as error:
            raise WorkerGoneError(f"the process sent {error}") from error

    async def kill(self) -> None:
        """End the process and all it started, now, and log what it had printed."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await asyncio.wait(self._pumps, timeout=_DRAIN)
        for pump in self._pumps:
            pump.cancel()
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _how_it_ended(self) -> str:
        try:
            code = await asyncio.wait_for(self._process.wait(), _DRAIN)
        except (asyncio.TimeoutError, TimeoutError):
            return "the function closed its process's connection to the emulator"
        if code < 0:
            return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with exit code {code}"
