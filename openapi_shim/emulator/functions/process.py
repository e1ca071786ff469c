"""One worker process: started, spoken to, watched, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from openapi_shim.emulator.functions.deployment import Deployment
from openapi_shim.emulator.functions.frames import BrokenFrameError, Frame, FrameReader
from openapi_shim.emulator.functions.guard import Guard
from openapi_shim.emulator.functions.guard_process import MARK_VARIABLE
from openapi_shim.emulator.functions.output import FunctionOutput
from openapi_shim.errors import InvocationError
from openapi_shim.wechat.answers import FUNCTION_FAILED

if TYPE_CHECKING:
    from openapi_shim.emulator.functions.calls import Running

# One for all, since what arrives is taken out at once: to allocate as much for every call costs
# more than the call.
_BUFFER = memoryview(bytearray(1 << 18))
_GRACE = 2.0  # seconds to end by itself
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Owner(Protocol):
    """Whoever is told what a worker does."""

    def received(self, worker: WorkerProcess, frame: Frame) -> None:
        """*worker* sent *frame*."""
        ...

    def ended(self, worker: WorkerProcess, how: str) -> None:
        """*worker*'s process is no more; *how* says how it ended, in words."""
        ...


class WorkerProcess:
    """A function's process, the socket to it and the pipe from it. Made by :meth:`start`.

    Attributes:
        deployment: what it was started from.
        output: what the function prints.
        running: the call under way.
        timer: looks whether its time is up; the pool's.
        idle_since: when it ended its last call, on the loop's clock.
        exited: done when the process is no more.
    """

    def __init__(
        self,
        deployment: Deployment,
        process: subprocess.Popen[bytes],
        channel: socket.socket,
        output: FunctionOutput,
        owner: Owner,
        guard: Guard,
        mark: str,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.deployment = deployment
        self.output = output
        self.running: Running | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.idle_since = 0.0
        self.exited: asyncio.Future[None] = self._loop.create_future()
        self._process = process
        self._channel = channel
        self._owner = owner
        self._guard = guard
        self._frames = FrameReader()
        self._unsent = memoryview(b"")
        self._why = ""
        self._hung_up = False
        self._deadline: asyncio.TimerHandle | None = None
        guard.add(process.pid, mark)
        self._loop.add_reader(channel.fileno(), self._readable)
        self._loop.add_reader(output.pipe, self._printed)
        self._watch_exit()

    @classmethod
    def start(
        cls,
        deployment: Deployment,
        environment: Mapping[str, str],
        *,
        owner: Owner,
        guard: Guard,
        inspect_port: int | None = None,
    ) -> WorkerProcess:
        """Start a process. It says that it is ready, or broken, next.

        Raises:
            InvocationError: -504002, it cannot be started.
        """
        mark = secrets.token_hex(8)
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603 - running the user's functions is its purpose
                deployment.command(theirs.fileno(), inspect_port),
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                pass_fds=(theirs.fileno(),),
                env={**environment, MARK_VARIABLE: mark},
                cwd=deployment.function.folder,
                # Ctrl+C reaches the emulator alone; its workers end when it says so, each with
                # all the processes it started.
                start_new_session=True,
            )
        except BaseException as error:
            ours.close()
            os.close(read_end)
            if isinstance(error, OSError):
                reason = f"its process cannot be started: {error.strerror or error}"
                raise InvocationError(FUNCTION_FAILED, reason) from error
            raise
        finally:
            theirs.close()
            os.close(write_end)
        ours.setblocking(False)
        os.set_blocking(read_end, False)
        output = FunctionOutput(deployment.function.name, read_end)
        return cls(deployment, process, ours, output, owner, guard, mark)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def send(self, frame: bytes) -> bool:
        """Send *frame*; False when the process takes no more."""
        try:
            sent = self._channel.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return False
        if sent < len(frame):
            self._unsent = memoryview(frame)[sent:]
            self._loop.add_writer(self._channel.fileno(), self._writable)
        return True

    def memory(self) -> int:
        """Bytes of memory the process occupies; 0 where the system does not tell."""
        try:
            with Path(f"/proc/{self.pid}/statm").open("rb") as file:
                return int(file.read().split()[1]) * _PAGE
        except (OSError, IndexError):
            return 0

    def stop(self) -> None:
        """Let the process end by itself; soon after, end it."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)
        self._kill_in(_GRACE)

    def kill(self, why: str = "") -> None:
        """End the process and all it started, now; *why* counts in place of how it ended."""
        self._why = self._why or why
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _kill_in(self, seconds: float) -> None:
        if self._deadline is None and not self.exited.done():
            self._deadline = self._loop.call_later(seconds, self.kill)

    def _readable(self) -> None:
        try:
            count = self._channel.recv_into(_BUFFER)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._forget_channel()
            self._kill_in(_GRACE)
            return
        try:
            frames = self._frames.feed(bytes(_BUFFER[:count]))
        except BrokenFrameError as error:
            self._forget_channel()
            self.kill(f"the process sent {error}")
            return
        for frame in frames:
            self._owner.received(self, frame)

    def _writable(self) -> None:
        try:
            sent = self._channel.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._unsent)  # the process's end tells the rest
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._loop.remove_writer(self._channel.fileno())

    def _printed(self) -> None:
        if not self.output.read():
            self._loop.remove_reader(self.output.pipe)

    def _watch_exit(self) -> None:
        if sys.platform == "linux":
            descriptor = os.pidfd_open(self.pid)

            def exited() -> None:
                self._loop.remove_reader(descriptor)
                os.close(descriptor)
                self._has_exited()

            self._loop.add_reader(descriptor, exited)
        else:

            def wait() -> None:
                self._process.wait()
                with contextlib.suppress(RuntimeError):  # the loop has been closed
                    self._loop.call_soon_threadsafe(self._has_exited)

            threading.Thread(target=wait, daemon=True).start()

    def _has_exited(self) -> None:
        if not self._hung_up:
            self._readable()  # its last words
        self.kill()  # what it had started; its own number is still taken
        self._guard.remove(self.pid)
        code = self._process.wait()
        for timer in (self._deadline, self.timer):
            if timer is not None:
                timer.cancel()
        self._forget_channel()
        self._channel.close()
        self._loop.remove_reader(self.output.pipe)
        self.output.close()
        self.exited.set_result(None)
        self._owner.ended(self, self._why or _how_it_ended(code))

    def _forget_channel(self) -> None:
        self._hung_up = True
        self._loop.remove_reader(self._channel.fileno())
        self._loop.remove_writer(self._channel.fileno())


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"
