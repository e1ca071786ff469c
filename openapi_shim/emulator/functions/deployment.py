"""A function as it stands in its folder at one moment: its settings, and how to start it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from openapi_shim.config_file import FILE_NAME, ConfigFile, read_config
from openapi_shim.emulator.functions.environment import fixed_context
from openapi_shim.emulator.functions.folder import Function, Runtime
from openapi_shim.errors import ConfigError, InvocationError
from openapi_shim.permissions import PermissionList, load_permissions
from openapi_shim.settings import Settings
from openapi_shim.wechat.answers import FUNCTION_FAILED

_HERE = Path(__file__).parent
_NODE = "node"


@dataclass(frozen=True)
class Deployment:
    """What holds for all workers started from the same files.

    Attributes:
        function: the function.
        runtime: what runs it.
        timeout: seconds a call may take.
        memory: megabytes a worker may use.
        concurrency: workers there may be.
        variables: its own environment variables.
        permissions: what it may call.
    """

    function: Function
    runtime: Runtime
    timeout: float
    memory: int
    concurrency: int
    variables: dict[str, str]
    permissions: PermissionList

    def command(self, descriptor: int, inspect_port: int | None) -> Sequence[str]:
        """The command line of a worker.

        Args:
            descriptor: of its end of the socket.
            inspect_port: where a debugger can attach, on this machine only.

        Raises:
            InvocationError: -504002, what runs the function is not installed.
        """
        context = fixed_context(self.function.name, memory=self.memory, seconds=self.timeout)
        if self.runtime is Runtime.NODE:
            options = [f"--max-old-space-size={self.memory}"]
            if inspect_port:
                options = [f"--inspect=127.0.0.1:{inspect_port}"]
            program, script = [_node(), *options], "worker.js"
        else:
            if inspect_port:
                context["inspect"] = inspect_port
                _check_debugpy()
            program, script = [sys.executable], "worker.py"
        folder = str(self.function.folder)
        return [*program, str(_HERE / script), str(descriptor), folder, json.dumps(context)]


def deploy(function: Function, settings: Settings) -> Deployment:
    """*function* as its files are now.

    Raises:
        InvocationError: -504002, its config.json cannot be used, or does not say which of two
            entry files counts.
    """
    path = function.folder / FILE_NAME
    try:
        config = read_config(path) if path.is_file() else ConfigFile()
        permissions = load_permissions(function.folder)
    except ConfigError as error:
        raise InvocationError(FUNCTION_FAILED, f"ConfigError: {error}") from error
    return Deployment(
        function=function,
        runtime=_runtime(function, config.runtime, path),
        timeout=config.timeout or settings.function_timeout,
        memory=config.memory_size or settings.function_memory,
        concurrency=config.concurrency or settings.function_concurrency,
        variables=config.variables,
        permissions=permissions,
    )


def _runtime(function: Function, wanted: str, config: Path) -> Runtime:
    there = function.runtimes()
    by_name = [runtime for runtime in there if wanted.lower().startswith(runtime.name.lower())]
    if wanted and not by_name:
        entries = ", ".join(runtime.value for runtime in there) or "neither index.py nor index.js"
        raise InvocationError(
            FUNCTION_FAILED, f"ConfigError: {config}: runtime is {wanted!r}, but there is {entries}"
        )
    chosen = by_name or there
    if len(chosen) != 1:
        raise InvocationError(
            FUNCTION_FAILED,
            f"ConfigError: {function.folder} has index.py and index.js: say which counts in "
            f'{config}, as {{"runtime": "Python3.10"}} or {{"runtime": "Nodejs18.15"}}',
        )
    return chosen[0]


def _node() -> str:
    node = shutil.which(_NODE)
    if node is None:
        raise InvocationError(
            FUNCTION_FAILED,
            "this function needs Node.js, and there is no node on the PATH: install Node.js 18 "
            "or newer",
        )
    return node


def _check_debugpy() -> None:
    if find_spec("debugpy") is None:
        raise InvocationError(
            FUNCTION_FAILED,
            "--inspect needs debugpy for Python functions: pip install debugpy",
        )
