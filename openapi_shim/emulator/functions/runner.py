"""Runs cloud functions: one warm worker process each, one invocation at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any

from openapi_shim.emulator.functions.environment import (
    call_context,
    call_environment,
    process_environment,
)
from openapi_shim.emulator.functions.folder import Function, FunctionFolder
from openapi_shim.emulator.functions.output import LOG
from openapi_shim.emulator.functions.process import WorkerGoneError, WorkerProcess
from openapi_shim.errors import InvocationError
from openapi_shim.settings import Settings
from openapi_shim.wechat.answers import FUNCTION_FAILED, FUNCTION_TIMED_OUT, TOO_MANY_CALLS
from openapi_shim.wechat.tcb import Invocation

_LOAD_TIME = 60.0  # seconds for importing index.py, which no invocation's time-out counts
_WAITING = 64  # invocations of one function that may wait for their turn


class ProcessRunner:
    """Runs the functions of a folder, each in a process of its own.

    Args:
        settings: the emulator's; ``functions_dir`` and ``function_timeout`` count here.
        new_request_id: makes an id for each invocation.
        environ: the environment the processes inherit from; the emulator's own by default.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        new_request_id: Callable[[], str],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._folder = FunctionFolder(settings.functions_dir)
        self._new_request_id = new_request_id
        self._environ = os.environ if environ is None else environ
        self._base_url = ""
        self._lanes: dict[str, _Lane] = {}
        self._closed = False

    def serve_at(self, base_url: str) -> None:
        """Tell the functions where the emulator answers."""
        self._base_url = base_url

    def names(self) -> list[str]:
        """Names of the functions there are."""
        return self._folder.names()

    def pids(self) -> list[int]:
        """Ids of the processes that run."""
        return [lane.worker.pid for lane in self._lanes.values() if lane.worker]

    async def invoke(self, invocation: Invocation) -> str:
        """The function's result as JSON text.

        An invocation that has begun runs to its end even when its caller goes away, as on the
        platform; one that still waits for its turn does not begin then.

        Raises:
            InvocationError: -501000 no such function; -501004 too many wait; -504002 it could
                not be loaded, raised, crashed, or returned no JSON; -504003 it ran out of time.
        """
        self._check_serving()
        function = self._folder.find(invocation.name)
        lane = self._lanes.get(function.name)
        if lane is None:
            lane = self._lanes[function.name] = _Lane()
        if lane.waiting >= _WAITING:
            raise InvocationError(
                TOO_MANY_CALLS, f"{_WAITING} calls of {function.name} wait for their turn"
            )
        lane.waiting += 1
        try:
            await lane.turn.acquire()
        finally:
            lane.waiting -= 1
        try:
            self._check_serving()
        except RuntimeError:
            lane.turn.release()
            raise
        task = asyncio.create_task(self._take_turn(lane, function, invocation))
        lane.task = task
        return await asyncio.shield(task)

    def _check_serving(self) -> None:
        if not self._base_url or self._closed:
            # Without an address of ours the SDK in the function would call the real WeChat.
            raise RuntimeError("the emulator does not serve functions now")

    async def close(self) -> None:
        """End all processes; what runs in them fails."""
        self._closed = True
        for lane in self._lanes.values():
            if lane.task is not None and not lane.task.done():
                lane.task.cancel()
                await asyncio.wait([lane.task])
            await lane.end_worker()

    async def _take_turn(self, lane: _Lane, function: Function, invocation: Invocation) -> str:
        try:
            seconds = function.timeout(self._settings.function_timeout)
            request_id = self._new_request_id()
            worker = await self._worker(lane, function)
            worker.output.begin(request_id)
            answer = await self._ask(lane, worker, invocation, request_id, seconds)
        except WorkerGoneError as error:
            await lane.end_worker()
            raise InvocationError(FUNCTION_FAILED, str(error)) from error
        except asyncio.CancelledError:  # by close() alone: a caller's does not reach this task
            await lane.end_worker()
            raise InvocationError(FUNCTION_FAILED, "the emulator was stopped") from None
        finally:
            lane.turn.release()
        if answer["kind"] == "failed":
            raise _failure(function.name, request_id, answer["error"])
        result: str = answer["result"]
        return result

    async def _ask(
        self,
        lane: _Lane,
        worker: WorkerProcess,
        invocation: Invocation,
        request_id: str,
        seconds: float,
    ) -> dict[str, Any]:
        message = {
            "event": invocation.event,
            "context": call_context(invocation, request_id, seconds),
            "environ": call_environment(invocation),
        }

        async def talk() -> dict[str, Any]:
            await worker.send(message)
            return await worker.receive()

        try:
            return await asyncio.wait_for(talk(), seconds)
        except (asyncio.TimeoutError, TimeoutError):
            await lane.end_worker()
            raise InvocationError(
                FUNCTION_TIMED_OUT, f"Invoking task timed out after {seconds:g} seconds"
            ) from None

    async def _worker(self, lane: _Lane, function: Function) -> WorkerProcess:
        """The function's warm process, or a new one where there is none or its files changed."""
        worker = lane.worker
        if worker is not None:
            if worker.alive and worker.fingerprint == function.fingerprint():
                return worker
            if worker.alive:
                LOG.info("[%s] its files changed: a new process starts", function.name)
            await lane.end_worker()
        environment = process_environment(self._environ, self._settings, function, self._base_url)
        worker = lane.worker = await WorkerProcess.start(function, environment)
        try:
            answer = await asyncio.wait_for(worker.receive(), _LOAD_TIME)
        except (asyncio.TimeoutError, TimeoutError):
            await lane.end_worker()
            raise InvocationError(
                FUNCTION_FAILED, f"importing index.py took more than {_LOAD_TIME:g} s"
            ) from None
        if answer["kind"] == "broken":
            await lane.end_worker()
            raise _failure(function.name, "start", answer["error"])
        return worker


class _Lane:
    """One function's turn, and the process that has it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting = 0
        self.worker: WorkerProcess | None = None
        self.task: asyncio.Task[str] | None = None

    async def end_worker(self) -> None:
        """End the process, if there is one."""
        worker, self.worker = self.worker, None
        if worker is not None:
            await worker.kill()


def _failure(name: str, request_id: str, error: dict[str, str]) -> InvocationError:
    """The error a function's own exception becomes; the traceback goes to the log."""
    if error["trace"]:
        LOG.error("[%s %s] %s", name, request_id[:8], error["trace"].rstrip())
    where = f" ({error['line']})" if error["line"] else ""
    return InvocationError(FUNCTION_FAILED, f"{error['type']}: {error['message']}{where}")
