"""A user's function: found by folder or by name, loaded once, called with event and context."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from openapi_shim.errors import ConfigError
from openapi_shim.hosting.loop import run
from openapi_shim.sdk.context import wx_environment

ENTRY = "index.py"
HANDLER = "main"
_FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
# The variable by which a runner tells the SDK whose config.json counts; see settings.py.
_FUNCTION_DIR = "OPENAPI_SHIM_FUNCTION_DIR"

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class ResultError(TypeError):
    """A function returned what JSON has nothing for; the text names its type."""


@dataclass(frozen=True)
class HostedFunction:
    """A function ready to be called.

    Attributes:
        name: as it was asked for.
        main: ``main(event, context)``, synchronous or asynchronous.
    """

    name: str
    main: Callable[[Any, Mapping[str, Any]], Any]

    def call(
        self,
        event: Any,
        context: Mapping[str, Any],
        caller: Mapping[str, str],
        *,
        timeout: float | None = None,
    ) -> Any:
        """What ``main`` returns.

        Args:
            event: as it is.
            context: as it is.
            caller: the variables that ``cloud.getWXContext()`` reads during this call, in place
                of the process's own; from ``wx_caller``.
            timeout: seconds after which an asynchronous ``main`` is cancelled. A synchronous
                one cannot be stopped.

        Raises:
            asyncio.TimeoutError: it was cancelled.
            BaseException: whatever ``main`` raises.
        """
        with wx_environment(caller):
            # A synchronous main runs outside the loop, so that it may use asyncio.run.
            result = self.main(event, context)
            if inspect.isawaitable(result):
                return run(_within(result, timeout))
            return result


def json_text(name: str, result: Any) -> str:
    """*result* of the function *name* as JSON.

    Raises:
        ResultError: JSON has nothing for it.
    """
    try:
        return _encode(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise ResultError(
            f"{name} returned {type(result).__name__}, which cannot be sent as JSON ({error}): "
            "return dicts, lists, strings, finite numbers, booleans and None"
        ) from error


def wx_caller(values: Mapping[str, str]) -> dict[str, str]:
    """The variables that make ``cloud.getWXContext()`` answer *values*.

    Args:
        values: e.g. ``{"OPENID": "…", "SOURCE": "aws_http", "ENV": "…"}``; empty ones are
            left out.
    """
    given = {name: value for name, value in values.items() if value}
    environ = {f"WX_{name}": value for name, value in given.items()}
    environ["WX_CONTEXT_KEYS"] = ",".join(environ)
    environ["TCB_SOURCE"] = given.get("SOURCE", "")
    environ["TCB_ENV"] = given.get("ENV", "")
    return environ


def load_function(name: str, functions_dir: Path) -> HostedFunction:
    """The function called *name*, whose modules can be imported from now on.

    Args:
        name: of a folder in *functions_dir* with an ``index.py``, or ``module:attribute``.
        functions_dir: folder of the functions.

    Raises:
        ConfigError: there is no such function; the text says what was looked for and found.
        BaseException: whatever importing it raises.
    """
    main = _from_module(name) if ":" in name else _from_folder(name, functions_dir)
    _check_arguments(name, main)
    return HostedFunction(name, main)


def _from_folder(name: str, functions_dir: Path) -> Callable[..., Any]:
    folder = (functions_dir / name).resolve()
    entry = folder / ENTRY
    if not _FOLDER.fullmatch(name) or not entry.is_file():
        found = sorted(path.parent.name for path in functions_dir.glob(f"*/{ENTRY}"))
        raise ConfigError(
            f"no function {name!r}: looked for {functions_dir.resolve() / name / ENTRY}; "
            f"functions found there: {', '.join(found) or 'none'}. Name one of these, or a "
            "function elsewhere as module:attribute"
        )
    os.environ.setdefault(_FUNCTION_DIR, str(folder))
    os.chdir(folder)  # as the platform and the emulator do
    sys.path.insert(0, str(folder))
    module_name = ENTRY.removesuffix(".py")
    spec = importlib.util.spec_from_file_location(module_name, entry)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{entry} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return _attribute(module, HANDLER, str(entry))


def _from_module(name: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name + ".").startswith(error.name + "."):
            raise  # the module is there, and misses another one
        raise ConfigError(
            f"no function {name!r}: there is no module {error.name!r} on the path "
            f"({', '.join(filter(None, sys.path[:3]))}, …)"
        ) from error
    except ValueError as error:
        raise ConfigError(f"no function {name!r}: name it as module:attribute") from error
    if module.__file__ is not None:
        os.environ.setdefault(_FUNCTION_DIR, str(Path(module.__file__).resolve().parent))
    return _attribute(module, attribute, module_name)


def _attribute(module: ModuleType, attribute: str, where: str) -> Callable[..., Any]:
    main = getattr(module, attribute, None)
    if not callable(main):
        own = [
            key
            for key, value in vars(module).items()
            if isinstance(value, FunctionType) and value.__module__ == module.__name__
        ]
        raise ConfigError(
            f"{where} has no function {attribute}(event, context); "
            f"found: {', '.join(own) or 'no functions'}"
        )
    return main  # type: ignore[no-any-return]  # what a module holds is not known


def _check_arguments(name: str, main: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(main)
    except (TypeError, ValueError):
        return  # something built in; the first call will tell
    try:
        signature.bind({}, {})
    except TypeError as error:
        raise ConfigError(
            f"{name}: main{signature} cannot be called as main(event, context): {error}"
        ) from None


async def _within(awaitable: Awaitable[Any], timeout: float | None) -> Any:
    if timeout is None:
        return await awaitable
    return await asyncio.wait_for(awaitable, timeout)
