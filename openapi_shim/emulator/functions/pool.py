"""The calls of one function: each to a worker that is free, or in a queue until there is one."""

from __future__ import annotations

import asyncio
from collections import deque

from openapi_shim.emulator.functions.calls import Call, Running, failure, out_of_memory
from openapi_shim.emulator.functions.crew import LOAD_TIME, Crew
from openapi_shim.emulator.functions.environment import caller_json
from openapi_shim.emulator.functions.frames import (
    BROKEN,
    FAILED,
    LOST,
    OVER,
    READY,
    Frame,
    pack_call,
)
from openapi_shim.emulator.functions.host import Host
from openapi_shim.emulator.functions.process import WorkerProcess
from openapi_shim.emulator.gateway.invocations import Caller
from openapi_shim.errors import InvocationError
from openapi_shim.wechat.answers import FUNCTION_FAILED, FUNCTION_TIMED_OUT, TOO_MANY_CALLS

WAITING = 64  # calls of one function that may wait for their turn
WAITING_BYTES = 64 * 1024 * 1024  # of their events
_PATIENCE = 0.05  # seconds a call waits before another worker is started for it
_HIRED_AT_ONCE = 4  # workers
_DEBUGGING_TIME = 24 * 3600.0  # seconds a token lasts when nothing is timed


class Pool:
    """The calls of one function.

    A call goes to the worker that ended its last one most recently, so that the others can be
    reaped; with none free it waits, first come first served.

    Args:
        name: of the function.
        host: what all pools share.
    """

    def __init__(self, name: str, host: Host) -> None:
        self.name = name
        self.crew = Crew(name, host, self, self._too_slow)
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Call] = deque()
        self._queued_bytes = 0
        self._growth: asyncio.TimerHandle | None = None
        self._closed: InvocationError | None = None

    def submit(self, call: Call) -> None:
        """Run *call*, now or when a worker is free.

        Raises:
            InvocationError: -501004, too many calls wait already; or what the pool was closed
                with.
        """
        if self.crew.idle:
            self._begin(self.crew.idle.pop(), call)
            return
        if self._closed is not None:
            raise self._closed
        if len(self._queue) >= WAITING or self._queued_bytes + len(call.event) > WAITING_BYTES:
            raise InvocationError(
                TOO_MANY_CALLS, f"{len(self._queue)} calls of {self.name} wait for their turn"
            )
        self._enqueue(call)

    def forget(self, call: Call) -> None:
        """Its caller has gone: if it has not begun, it never will."""
        if call in self._queue:
            self._queue.remove(call)
            self._queued_bytes -= len(call.event)

    def close(self, error: InvocationError) -> None:
        """End with *error* the calls that wait and refuse all others; workers leave."""
        self._closed = error
        self._fail_queue(error)
        self.crew.dismiss_all()

    def kill(self, error: InvocationError) -> None:
        """End everything now, with *error*."""
        self.close(error)
        for worker in self.crew.everyone():
            self._fail_running(worker, error)
            worker.kill()

    def check_memory(self) -> None:
        """End the workers that use more memory than they may."""
        for worker in list(self.crew.serving):
            limit = worker.deployment.memory
            if worker.running is not None and worker.memory() > limit << 20:
                self._end(worker, out_of_memory(limit))

    # What workers do

    def received(self, worker: WorkerProcess, frame: Frame) -> None:
        """*worker* sent *frame*."""
        if frame.kind in (OVER, FAILED, LOST):
            self._answered(worker, frame)
        elif frame.kind == READY:
            worker.output.drain()
            if self.crew.ready(worker):
                self._free(worker)
                self._grow_soon()
        elif frame.kind == BROKEN:
            worker.output.drain()
            self._broken(worker, failure(self.name, "start", frame))

    def ended(self, worker: WorkerProcess, how: str) -> None:
        """*worker*'s process is no more; *how* says how it ended, in words."""
        error = InvocationError(FUNCTION_FAILED, how)
        if worker.output.heap_was_full:
            error = out_of_memory(worker.deployment.memory)
        self._fail_running(worker, error)
        self._broken(worker, error)
        self.crew.gone(worker)
        self._grow_soon()

    def _answered(self, worker: WorkerProcess, frame: Frame) -> None:
        worker.output.drain()
        running = self._take_running(worker)
        if running is None:
            return
        if frame.kind == OVER:
            running.call.succeed(frame.body.decode("utf-8"))
        else:
            running.call.fail(failure(self.name, running.request_id, frame))
        if frame.kind == LOST:
            self.crew.dismiss(worker)
            self._grow_soon()
        elif worker in self.crew.serving:
            self._free(worker)
        else:
            worker.stop()

    def _broken(self, worker: WorkerProcess, error: InvocationError) -> None:
        if self.crew.broken(worker, error) and not self.crew.available:
            if self.crew.falls_back:
                self._grow_soon()
            else:
                self._fail_queue(error)

    def _too_slow(self, worker: WorkerProcess) -> None:
        text = f"loading the function took more than {LOAD_TIME:g} s"
        worker.kill(text)

    def _look_at_clock(self, worker: WorkerProcess) -> None:
        """End the worker's call if its time is up.

        A timer a worker does for all its calls: one for each would cost more than all else here.
        """
        worker.timer = None
        if worker.running is None:
            return
        if self._loop.time() < worker.running.deadline:
            at = worker.running.deadline
            worker.timer = self._loop.call_at(at, self._look_at_clock, worker)
            return
        seconds = worker.deployment.timeout
        text = f"Invoking task timed out after {seconds:g} seconds"
        self._end(worker, InvocationError(FUNCTION_TIMED_OUT, text))

    def _end(self, worker: WorkerProcess, error: InvocationError) -> None:
        """Answer the worker's call with *error* and end the process."""
        self._fail_running(worker, error)
        self.crew.dismiss(worker)
        worker.kill()
        self._grow_soon()

    # What calls need

    def _begin(self, worker: WorkerProcess, call: Call) -> None:
        host, deployment, asked = self._host, worker.deployment, call.invocation
        env = asked.env or host.env
        request_id = host.new_request_id()
        caller = Caller(
            self.name, deployment.permissions, asked.appid, asked.openid, asked.source, env
        )
        seconds = _DEBUGGING_TIME if host.inspecting else deployment.timeout
        token = host.tokens.mint(caller, seconds=seconds)
        deadline = self._loop.time() + seconds
        worker.running = Running(call, request_id, token, deadline)
        if worker.timer is None:
            worker.timer = self._loop.call_at(deadline, self._look_at_clock, worker)
        worker.output.begin(request_id)
        told = caller_json(env, asked.appid, asked.openid, asked.source, asked.uid, asked.unionid)
        head = f"{request_id} {token}\n".encode("ascii") + told
        if not worker.send(pack_call(head, call.event)):
            # It ended between two calls, so this one has not reached it: another one takes it.
            self._take_running(worker)
            self.crew.dismiss(worker)
            self._enqueue(call, first=True)

    def _take_running(self, worker: WorkerProcess) -> Running | None:
        running, worker.running = worker.running, None
        if running is not None:
            self._host.tokens.end(running.token)
        return running

    def _fail_running(self, worker: WorkerProcess, error: InvocationError) -> None:
        running = self._take_running(worker)
        if running is not None:
            running.call.fail(error)

    def _free(self, worker: WorkerProcess) -> None:
        """*worker* takes the next call, or rests."""
        if self._queue:
            call = self._queue.popleft()
            self._queued_bytes -= len(call.event)
            self._begin(worker, call)
        else:
            worker.idle_since = self._loop.time()
            self.crew.idle.append(worker)

    def _enqueue(self, call: Call, *, first: bool = False) -> None:
        if first:
            self._queue.appendleft(call)
        else:
            self._queue.append(call)
        self._queued_bytes += len(call.event)
        self._grow_soon()

    def _fail_queue(self, error: InvocationError) -> None:
        while self._queue:
            call = self._queue.popleft()
            self._queued_bytes -= len(call.event)
            call.fail(error)

    def _grow_soon(self) -> None:
        """Hire for the calls that wait: the first worker now, further ones for the impatient."""
        if not self._queue or self._closed is not None:
            return
        if not self.crew.available:
            if not (self._host.inspecting and self.crew.leaving):
                self._hire()
        elif self._growth is None:
            self._growth = self._loop.call_later(_PATIENCE, self._grow)

    def _grow(self) -> None:
        self._growth = None
        if self.crew.serving:
            late = self._loop.time() - _PATIENCE
            impatient = sum(1 for call in self._queue if call.since <= late)
            wanted = min(impatient - self.crew.loading, self.crew.room, _HIRED_AT_ONCE)
            for _ in range(wanted):
                self._hire()
        self._grow_soon()

    def _hire(self) -> None:
        try:
            self.crew.hire()
        except InvocationError as error:
            if not self.crew.available:
                self._fail_queue(error)
