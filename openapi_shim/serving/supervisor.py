"""Keeps the serving processes running: starts them, replaces those that end, ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openapi_shim.errors import ServingError
from openapi_shim.serving.channel import send_settings
from openapi_shim.settings import Settings

_LOG = logging.getLogger("openapi_shim.serving")
_FIRST_PAUSE = 0.25  # seconds before a process is replaced; doubled while it keeps ending
_LONGEST_PAUSE = 30.0
_SOUND = 60.0  # seconds after which a process counts as sound
_TRIES = 3  # starts in vain, one after another, after which nothing better is to be expected
END_AFTER_GRACE = 5.0
"""Seconds beyond the grace until a process is killed."""

_MODULE = "openapi_shim.serving.process"


@dataclass
class _Slot:
    """One place among the processes.

    Attributes:
        number: counted from 1, for the log.
        process: that has it now.
        why: it does not serve; empty: it does.
        fault: why it ended, as it said itself.
        failures: ends in a row before a process was sound.
    """

    number: int
    process: asyncio.subprocess.Process | None = None
    why: str = "it is starting"
    fault: str = ""
    failures: int = 0
    ever_ready: bool = False


class Supervisor:
    """Runs *count* processes that share *sockets*.

    Args:
        settings: handed to each process.
        count: processes.
        sockets: listening.
        environ: their environment.
        on_end: told of a process's id when it has ended.
        on_restart: told when one has to be replaced.
    """

    def __init__(
        self,
        settings: Settings,
        count: int,
        sockets: Sequence[socket.socket],
        *,
        environ: Mapping[str, str],
        on_end: Callable[[int], None] = lambda _: None,
        on_restart: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._sockets = sockets
        self._environ = environ
        self._on_end = on_end
        self._on_restart = on_restart
        self._slots = [_Slot(number) for number in range(1, count + 1)]
        self._stopping = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self.all_ready = asyncio.Event()

    def ready(self) -> int:
        """How many processes serve."""
        return sum(not slot.why for slot in self._slots)

    def why_not(self) -> str:
        """Why none serves; empty when one does."""
        if self._stopping.is_set():
            return "the server is stopping"
        if self.ready():
            return ""
        return "; ".join(f"process {slot.number}: {slot.why}" for slot in self._slots)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the processes running until *stop*, then end them.

        Raises:
            ServingError: they keep ending before they are ready.
        """
        self._keepers = [asyncio.create_task(self._keep(slot)) for slot in self._slots]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait(
                [stopped, *self._keepers], return_when=asyncio.FIRST_COMPLETED
            )
            for keeper in done - {stopped}:
                await keeper  # raises
        finally:
            stopped.cancel()
            await self._end_all()

    def kill(self) -> None:
        """End all processes at once."""
        for slot in self._slots:
            _signal(slot.process, signal.SIGKILL)

    async def _end_all(self) -> None:
        self._stopping.set()
        for slot in self._slots:
            _signal(slot.process, signal.SIGTERM)
        _, left = await asyncio.wait(self._keepers, timeout=self._settings.grace + END_AFTER_GRACE)
        if left:
            _LOG.warning("%d processes did not end in time and are killed", len(left))
            self.kill()
            await asyncio.wait(left)
        for keeper in self._keepers:
            with contextlib.suppress(ServingError, asyncio.CancelledError):
                keeper.result()

    async def _keep(self, slot: _Slot) -> None:
        """Have a process in *slot* until the end."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            begin = loop.time()
            slot.why, slot.fault, slot.ever_ready = "it is starting", "", False
            try:
                code = await self._one_life(slot)
            except OSError as error:  # too little memory, too many files or processes: it may pass
                code, slot.fault = 1, f"it cannot be started: {error.strerror or error}"
            if self._stopping.is_set():
                return
            self._on_restart()
            sound = slot.ever_ready and loop.time() - begin > _SOUND
            slot.failures = 1 if sound else slot.failures + 1
            slot.why = f"it ended ({slot.fault or _how(code)})"
            if slot.failures >= _TRIES and not slot.ever_ready and not self.ready():
                raise ServingError(
                    f"process {slot.number} ended {slot.failures} times before it could serve, "
                    f"the last time with {slot.fault or _how(code)}; its log above may tell more"
                )
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (slot.failures - 1))
            _LOG.error(
                "process %d %s; another one starts in %g s", slot.number, slot.why[3:], pause
            )
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _one_life(self, slot: _Slot) -> int:
        """Start a process and see it through to its end; how it ended."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                handed = [theirs, *self._sockets]
                numbers = [one.fileno() for one in handed]
                slot.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # a file of the user's here must not stand for a module
                    "-m",
                    _MODULE,
                    *map(str, numbers),
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=numbers,
                    env=self._environ,
                    start_new_session=True,  # Ctrl+C is the supervisor's to pass on
                )
            with contextlib.suppress(OSError):  # it ended at once, which wait() tells
                send_settings(ours, self._settings)
            listening = asyncio.create_task(self._listen(slot, ours))
            if self._stopping.is_set():
                _signal(slot.process, signal.SIGTERM)
            code = await slot.process.wait()
            await listening
        self._on_end(slot.process.pid)
        return code

    async def _listen(self, slot: _Slot, channel: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=channel.dup())
        with contextlib.closing(writer), contextlib.suppress(OSError):
            async for line in reader:
                self._told(slot, json.loads(line))

    def _told(self, slot: _Slot, told: Mapping[str, str]) -> None:
        if told["fault"]:
            slot.fault = told["why"]
            return
        slot.why = told["why"]
        if self._stopping.is_set():
            return
        if slot.why:
            _LOG.warning("process %d does not serve: %s", slot.number, slot.why)
            return
        slot.ever_ready = True
        _LOG.info("process %d serves", slot.number)
        if self.ready() == len(self._slots):
            self.all_ready.set()


def _signal(process: asyncio.subprocess.Process | None, number: int) -> None:
    if process is not None and process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
