"""Who works in a pool: workers hired, loaded, replaced when files change, and let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from openapi_shim.emulator.functions.deployment import Deployment, deploy
from openapi_shim.emulator.functions.host import Host
from openapi_shim.emulator.functions.output import LOG
from openapi_shim.emulator.functions.process import Owner, WorkerProcess
from openapi_shim.emulator.functions.watch import Fingerprint, fingerprint
from openapi_shim.errors import InvocationError

LOAD_TIME = 60.0  # seconds for loading a function, which no call's time-out counts


class Crew:
    """The workers of one function.

    After a change of its files a new worker, the *candidate*, loads beside those that serve.
    When it is ready, they leave, each after its call. When it is broken they go on serving, and
    the crew is *stale*: further ones are hired from a copy of the files as they last loaded.

    Args:
        name: of the function.
        host: what all pools share.
        owner: is told what the workers do.
        too_slow: called with a worker that does not get ready in time.

    Attributes:
        idle: those without a call; the one that ended its call last comes last.
        serving: those that are ready, idle or not.
        leaving: those that get no more calls.
        stale: whether the newest files could not be loaded.
        loaded_from: the files that were read last; None before the first time.
    """

    def __init__(
        self, name: str, host: Host, owner: Owner, too_slow: Callable[[WorkerProcess], None]
    ) -> None:
        self._name = name
        self._host = host
        self._owner = owner
        self._too_slow = too_slow
        self.idle: list[WorkerProcess] = []
        self.serving: set[WorkerProcess] = set()
        self.leaving: set[WorkerProcess] = set()
        self.stale = False
        self.loaded_from: Fingerprint | None = None
        self._loading: dict[WorkerProcess, asyncio.TimerHandle | None] = {}
        self._read: dict[WorkerProcess, Fingerprint] = {}
        self._good: Deployment | None = None
        self._good_files: Fingerprint | None = None
        self._candidate: WorkerProcess | None = None
        self._concurrency = 1

    @property
    def loading(self) -> int:
        """How many are not ready yet."""
        return len(self._loading)

    @property
    def available(self) -> bool:
        """Whether there is one that serves, or may soon."""
        return bool(self.serving or self._loading)

    @property
    def room(self) -> int:
        """How many more may be hired beside those that serve."""
        limit = 1 if self._host.inspecting else self._concurrency
        return (
            0
            if self.stale and self._good is None
            else limit - len(self.serving) - len(self._loading)
        )

    @property
    def falls_back(self) -> bool:
        """Whether the newest files cannot be loaded, and there is a copy of those before."""
        return self.stale and self._good is not None

    def everyone(self) -> list[WorkerProcess]:
        """All whose processes run."""
        return [*self._loading, *self.serving, *self.leaving]

    def working(self) -> list[WorkerProcess]:
        """Those that load or serve."""
        return [*self._loading, *self.serving]

    def hire(self) -> WorkerProcess:
        """Start a worker from the files as they are now, or as they last loaded.

        Raises:
            InvocationError: -504002, nothing can be started from them; -501000, they are gone.
        """
        if self.stale and self._good is not None:
            return self._start(self._good)
        return self._hire_anew()

    def _hire_anew(self) -> WorkerProcess:
        host = self._host
        function = host.folder.find(self._name)
        self.loaded_from = fingerprint(function.folder)
        worker = self._start(deploy(function, host.settings))
        self._read[worker] = self.loaded_from
        return worker

    def _start(self, deployment: Deployment) -> WorkerProcess:
        host = self._host
        worker = host.start(deployment, self._owner)
        loop = asyncio.get_running_loop()
        self._loading[worker] = (
            None if host.inspecting else loop.call_later(LOAD_TIME, self._too_slow, worker)
        )
        return worker

    def renew(self) -> None:
        """The files have changed: load them."""
        LOG.info("[%s] its files changed: a new process starts", self._name)
        if self._candidate is not None:
            self._forget_loading(self._candidate)
            self._candidate.kill()
            self.leaving.add(self._candidate)
            self._candidate = None
        if self._host.inspecting:
            # The debugger's port is taken until the old ones have left; a call starts the next.
            self.dismiss_all()
            return
        try:
            self._candidate = self._hire_anew()
        except InvocationError as error:
            self._grow_stale(error)

    def ready(self, worker: WorkerProcess) -> bool:
        """*worker* has loaded the function; whether it serves now."""
        if worker not in self._loading:
            return False
        read = self._forget_loading(worker)
        if self._candidate is worker:
            self._candidate = None
            self.dismiss_all()
        if read is not None:
            self.stale = False
            self._keep(worker.deployment, read)
        self.serving.add(worker)
        self._concurrency = worker.deployment.concurrency
        return True

    def broken(self, worker: WorkerProcess, error: InvocationError) -> bool:
        """*worker* could not load the function; whether it had been loading."""
        if worker not in self._loading:
            return False
        read = self._forget_loading(worker)
        self.leaving.add(worker)
        worker.stop()
        if read is None:
            self._good = self._good_files = None  # the copy is of no use
        if self._candidate is worker:
            self._candidate = None
            self._grow_stale(error)
        elif self._good is not None and not self.stale:
            self._grow_stale(error)  # its change has not been told yet
        return True

    def dismiss(self, worker: WorkerProcess) -> None:
        """*worker* leaves, after its call."""
        if worker in self._loading:
            self._forget_loading(worker)
            worker.kill()
        elif worker.running is None:
            worker.stop()
        if worker in self.idle:
            self.idle.remove(worker)
        self.serving.discard(worker)
        self.leaving.add(worker)

    def dismiss_all(self) -> None:
        """All leave, each after its call."""
        for worker in self.working():
            self.dismiss(worker)

    def reap(self, before: float) -> None:
        """Let those go that are idle since *before*; of a stale crew the last one stays."""
        while self.idle and self.idle[0].idle_since < before:
            if self.stale and len(self.serving) == 1:
                return
            self.dismiss(self.idle[0])

    def gone(self, worker: WorkerProcess) -> None:
        """*worker*'s process is no more."""
        if worker in self.idle:
            self.idle.remove(worker)
        self.serving.discard(worker)
        self.leaving.discard(worker)

    def _forget_loading(self, worker: WorkerProcess) -> Fingerprint | None:
        """*worker* loads no more; what it read, None if that was a copy."""
        timer = self._loading.pop(worker)
        if timer is not None:
            timer.cancel()
        return self._read.pop(worker, None)

    def _keep(self, deployment: Deployment, read: Fingerprint) -> None:
        """Copy what has just been loaded."""
        if not self._host.watching or self._host.inspecting or read == self._good_files:
            return
        function = deployment.function
        former, self._good, self._good_files = self._good, None, read

        def copied(folder: Path) -> None:
            if self._good_files is read:
                self._good = replace(deployment, function=replace(function, folder=folder))
            else:
                self._host.copies.drop(folder)

        self._host.copies.make(function.folder, read, copied)
        if former is not None and not self._uses(former):
            self._host.copies.drop(former.function.folder)

    def _uses(self, deployment: Deployment) -> bool:
        return any(one.deployment is deployment for one in self.everyone())

    def _grow_stale(self, error: InvocationError) -> None:
        self.stale = True
        goes_on = self.serving or self._good is not None
        then = "; the version before goes on serving" if goes_on else ""
        LOG.error("[%s] its new files cannot be loaded%s: %s", self._name, then, error)
