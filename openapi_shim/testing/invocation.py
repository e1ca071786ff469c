"""A user's function, called in the test's own process: it can be stepped through and patched."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openapi_shim.hosting.function import HostedFunction, json_text, load_function, wx_caller
from openapi_shim.sdk.cloud import cloud
from openapi_shim.sdk.context import wx_environment
from openapi_shim.settings import Settings


def invoke_function(
    name: str,
    event: Mapping[str, Any] | None = None,
    *,
    functions_dir: Path,
    settings: Callable[[Path], Settings],
    openid: str = "",
    permissions: Sequence[str] | None = None,
    caller: Mapping[str, str] | None = None,
) -> Any:
    """What the function *name* returns, after the way through JSON that the platform has.

    It is loaded anew for each call, and runs in a thread with an event loop of its own; so it
    can be called from a synchronous test as well as from an asynchronous one.

    Args:
        name: of a folder in *functions_dir*, or ``module:attribute``.
        event: what ``main`` gets; bytes in it arrive as a Node Buffer's JSON, as on the platform.
        functions_dir: folder of the functions.
        settings: of ``cloud`` in the function, given the folder whose config.json counts.
        openid: of the user who calls.
        permissions: in place of those in the function's config.json.
        caller: more values of ``cloud.getWXContext()``, as ``{"UNIONID": "…"}``.

    Raises:
        ConfigError: there is no such function.
        Exception: whatever the function raises.
    """
    event_now = json.loads(json.dumps(dict(event or {}), default=_buffer))
    values = {"SOURCE": "wx_client", "ENV": "local", "OPENID": openid, **(caller or {})}
    with (
        _untouched(),
        _folder_of(name, functions_dir, permissions) as folder,
        cloud.bound(settings(folder)),
    ):
        function = load_function(name, functions_dir)
        result = _in_a_thread(function, event_now, wx_caller(values))
    return json.loads(json_text(name, result))


def _buffer(value: object) -> object:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"type": "Buffer", "data": list(bytes(value))}
    raise TypeError(f"an event cannot hold {type(value).__name__}: it travels as JSON")


def _in_a_thread(function: HostedFunction, event: Any, caller: Mapping[str, str]) -> Any:
    outcome: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with wx_environment(caller):
                result = function.main(event, {"function_name": function.name})
                outcome.append(
                    asyncio.run(_awaited(result)) if inspect.isawaitable(result) else (result)
                )
        except BaseException as error:  # noqa: BLE001 - it is raised in the test's thread
            errors.append(error)

    thread = threading.Thread(target=run, name=f"function {function.name}")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return outcome[0]


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


@contextmanager
def _folder_of(name: str, functions_dir: Path, permissions: Sequence[str] | None) -> Iterator[Path]:
    """The folder whose config.json counts for the function."""
    folder = functions_dir / name if ":" not in name else Path.cwd()
    if permissions is None:
        yield folder.resolve()
        return
    import tempfile  # noqa: PLC0415 - few tests have permissions of their own

    with tempfile.TemporaryDirectory() as own:
        text = json.dumps({"permissions": {"openapi": list(permissions)}})
        (Path(own) / "config.json").write_text(text, "utf-8")
        yield Path(own)


@contextmanager
def _untouched() -> Iterator[None]:
    """Undo what loading a function does to the process: folder, path, modules, environment."""
    folder, path, modules = Path.cwd(), list(sys.path), set(sys.modules)
    environ, entry = dict(os.environ), sys.modules.get("index")
    try:
        yield
    finally:
        loaded = {
            module
            for module in set(sys.modules) - modules | {"index"}
            if _belongs_to(sys.modules.get(module), set(sys.path) - set(path))
        }
        for module in loaded:
            sys.modules.pop(module, None)
        if entry is not None:
            sys.modules["index"] = entry
        sys.path[:] = path
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)


def _belongs_to(module: Any, folders: set[str]) -> bool:
    file = str(getattr(module, "__file__", None) or "")
    return bool(file) and any(Path(file).is_relative_to(folder) for folder in folders)
