"""Runs cloud functions: for each a pool of worker processes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from openapi_shim.emulator.functions.calls import Call
from openapi_shim.emulator.functions.folder import FunctionFolder
from openapi_shim.emulator.functions.host import Host
from openapi_shim.emulator.functions.pool import Pool
from openapi_shim.emulator.functions.watch import fingerprint, functions_of, watch
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.errors import InvocationError
from openapi_shim.settings import Settings
from openapi_shim.wechat.answers import FUNCTION_FAILED
from openapi_shim.wechat.tcb import Invocation

EVENT_LIMIT = 6 * 1024 * 1024  # bytes, as the platform has it
_EVENT_TOO_LARGE = -501007  # invalid parameters
_ROUND = 0.1  # seconds between two looks at the workers' memory
_LOADED_UNASKED = 3  # functions changed at once that are loaded though nobody has called them


class ProcessRunner:
    """Runs the functions of a folder, each in processes of its own.

    Args:
        settings: the emulator's.
        new_request_id: makes an id for each invocation.
        tokens: of the invocations that run.
        environ: the environment the processes inherit from; the emulator's own by default.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        new_request_id: Callable[[], str],
        tokens: InvocationTokens | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._host = Host(
            settings=settings,
            folder=FunctionFolder(settings.functions_dir.resolve()),
            tokens=tokens or InvocationTokens(),
            new_request_id=new_request_id,
            environ=os.environ if environ is None else environ,
        )
        self._pools: dict[str, Pool] = {}
        self._former: list[Pool] = []
        self._round: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    def serve_at(self, base_url: str) -> None:
        """Tell the functions where the emulator answers."""
        self._host.base_url = base_url

    def watch(self) -> None:
        """From now on load functions anew when their files change."""
        root = self._host.folder.root
        self._host.watching = True
        self._watching = asyncio.create_task(watch(root, self._changed, self._look_at_all))

    def names(self) -> list[str]:
        """Names of the functions there are."""
        return self._host.folder.names()

    def pids(self) -> list[int]:
        """Ids of the processes that serve, or will soon."""
        return [worker.pid for pool in self._pools.values() for worker in pool.crew.working()]

    async def invoke(self, invocation: Invocation) -> str:
        """The function's result as JSON text.

        A call that has begun runs to its end even when its caller goes away, as on the platform;
        one that still waits for its turn does not begin then.

        Raises:
            InvocationError: -501000 no such function; -501004 too many calls wait; -501007 the
                event is too large; -504002 the function could not be loaded, raised, crashed,
                used too much memory or returned no JSON; -504003 it ran out of time; -604001 its
                result is too large.
        """
        if not self._host.base_url or self._closed:
            # Without an address of ours the SDK in the function would call the real WeChat.
            raise RuntimeError("the emulator does not serve functions now")
        pool = self._pools.get(invocation.name) or self._open(invocation.name)
        call = Call(invocation, asyncio.get_running_loop())
        if len(call.event) > EVENT_LIMIT:
            text = f"the event has {len(call.event)} bytes; the limit is {EVENT_LIMIT} (6 MB)"
            raise InvocationError(_EVENT_TOO_LARGE, text)
        pool.submit(call)
        try:
            return await call.future
        except asyncio.CancelledError:
            pool.forget(call)
            raise

    def _changed(self, paths: Collection[Path]) -> None:
        """Files under the folder of the functions have changed, appeared or gone."""
        touched = functions_of(paths, self._host.folder.root)
        there = set(self.names())
        for name in self._pools.keys() - there:
            self._retire(name)
        changed = touched & there
        if touched - there:  # what lies beside the functions may serve any of them
            changed |= self._pools.keys()
        for name in sorted(changed):
            if name in self._pools or len(changed) <= _LOADED_UNASKED:
                (self._pools.get(name) or self._open(name)).crew.renew()

    def _look_at_all(self) -> None:
        """Find what changed while nobody watched."""
        for name, pool in self._pools.items():
            folder = self._host.folder.root / name
            if pool.crew.loaded_from not in (None, fingerprint(folder.resolve())):
                self._changed([folder])

    def _retire(self, name: str) -> None:
        """The function called *name* is no more."""
        pool = self._pools.pop(name)
        self._former = [former for former in self._former if former.crew.everyone()] + [pool]
        try:
            self._host.folder.find(name)
        except InvocationError as error:
            pool.close(error)

    async def close(self) -> None:
        """End all processes; what runs in them fails."""
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._round is not None:
            self._round.cancel()
        exits = []
        for pool in [*self._pools.values(), *self._former]:
            exits += [worker.exited for worker in pool.crew.everyone()]
            pool.kill(InvocationError(FUNCTION_FAILED, "the emulator was stopped"))
        if exits:
            await asyncio.wait(exits)
        self._host.guard.close()
        await self._host.copies.close()

    def _open(self, name: str) -> Pool:
        self._host.folder.find(name)
        if self._round is None:
            self._round = asyncio.get_running_loop().call_later(_ROUND, self._go_round)
        pool = self._pools[name] = Pool(name, self._host)
        return pool

    def _go_round(self) -> None:
        """Look after all workers."""
        loop = asyncio.get_running_loop()
        idle_before = loop.time() - self._settings.function_idle
        for pool in self._pools.values():
            if not self._host.inspecting:
                pool.check_memory()
                pool.crew.reap(idle_before)
        self._round = loop.call_later(_ROUND, self._go_round)
