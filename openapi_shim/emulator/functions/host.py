"""What all pools of an emulator share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from openapi_shim.emulator.functions.deployment import Deployment
from openapi_shim.emulator.functions.environment import emulator_env, process_environment
from openapi_shim.emulator.functions.folder import FunctionFolder
from openapi_shim.emulator.functions.guard import Guard
from openapi_shim.emulator.functions.last_good import Copies
from openapi_shim.emulator.functions.output import LOG
from openapi_shim.emulator.functions.process import Owner, WorkerProcess
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.settings import Settings


@dataclass
class Host:
    """What all pools share.

    Attributes:
        settings: the emulator's.
        folder: where the functions are.
        tokens: of the invocations that run.
        new_request_id: makes an id for each invocation.
        environ: the environment the processes inherit from.
        base_url: where the emulator answers.
        guard: outlives the emulator.
        watching: whether functions are loaded anew when their files change.
        copies: of functions as they last loaded.
    """

    settings: Settings
    folder: FunctionFolder
    tokens: InvocationTokens
    new_request_id: Callable[[], str]
    environ: Mapping[str, str]
    base_url: str = ""
    guard: Guard = field(default_factory=Guard)
    watching: bool = False
    copies: Copies = field(default_factory=Copies)
    _inspected: list[str] = field(default_factory=list)

    @property
    def env(self) -> str:
        """Name of the emulator's own cloud environment."""
        return emulator_env(self.settings)

    @property
    def inspecting(self) -> bool:
        """Whether debuggers may attach: then nothing is ended for the time it takes."""
        return self.settings.inspect is not None

    def start(self, deployment: Deployment, owner: Owner) -> WorkerProcess:
        """Start a worker.

        Raises:
            InvocationError: -504002, it cannot be started.
        """
        function = deployment.function
        port = self._inspect_port(function.name)
        environment = process_environment(
            self.environ,
            self.settings,
            self.base_url,
            folder=str(function.folder),
            variables=deployment.variables,
        )
        worker = WorkerProcess.start(
            deployment, environment, owner=owner, guard=self.guard, inspect_port=port
        )
        if port is not None:
            LOG.info("[%s] a debugger can attach to 127.0.0.1:%d", function.name, port)
        return worker

    def _inspect_port(self, name: str) -> int | None:
        """The function's port: the first started has the first one, and keeps it."""
        if self.settings.inspect is None:
            return None
        if name not in self._inspected:
            self._inspected.append(name)
        return self.settings.inspect + self._inspected.index(name)
