"""The process a cloud function runs in: ``python -u -m … <socket's fd> <function's folder>``.

Standard library only, and light: everything else here is the function's own. The main thread
runs the function; a second one reads the socket, so that this process ends when the emulator
does, even in the middle of an endless loop. ``main`` may be synchronous or asynchronous; one
event loop lives as long as the process, so that an SDK's connections stay open between calls,
though nothing runs on it between them, as on the platform.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from openapi_shim.emulator.functions.frames import pack, receive

RESULT_LIMIT = 6 * 1024 * 1024  # bytes of JSON, as the platform has it
_MODULE = "index"
_HANDLER = "main"
_GRACE = 1.0  # seconds to end by itself once the emulator has gone

_Main = Callable[[Any, dict[str, Any]], Any]


class LoadError(Exception):
    """A function that cannot be run as it is; the text says what to do."""


def main() -> None:
    """Serve invocations until the emulator hangs up."""
    descriptor, folder = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(descriptor, False)  # children of the function must not keep it open
    channel = socket.socket(fileno=descriptor)
    requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(channel, requests), daemon=True).start()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        function = load(Path(folder))
    except BaseException as error:  # noqa: BLE001 - whatever the function's code raises
        channel.sendall(pack({"kind": "broken", "error": describe(error)}))
        return
    channel.sendall(pack({"kind": "ready"}))
    while (request := requests.get()) is not None:
        os.environ.update(request["environ"])
        answer = run(loop, function, request["event"], request["context"])
        sys.stdout.flush()
        sys.stderr.flush()
        channel.sendall(pack(answer))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _listen(channel: socket.socket, requests: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    while (request := receive(channel)) is not None:
        requests.put(request)
    requests.put(None)
    # The function may be busy and never look: then this process and its children end here.
    threading.Event().wait(_GRACE)
    os.killpg(0, signal.SIGKILL)


def load(folder: Path) -> _Main:
    """``main`` of the function in *folder*, whose modules can be imported from now on.

    Raises:
        LoadError: index.py has no ``main`` that can be called with event and context.
        BaseException: whatever importing index.py raises.
    """
    if sys.path and sys.path[0] == str(Path.cwd()):
        del sys.path[0]  # where this process was started is none of the function's business
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(_MODULE, folder / f"{_MODULE}.py")
    if spec is None or spec.loader is None:
        raise LoadError(f"{folder / _MODULE}.py cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    function: _Main | None = getattr(module, _HANDLER, None)
    if not callable(function):
        raise LoadError(
            f"index.py has no function {_HANDLER}(event, context); found: {_functions(module)}"
        )
    _check_arguments(function)
    return function


def _check_arguments(function: _Main) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind({}, {})
    except TypeError as error:
        raise LoadError(
            f"{_HANDLER}{signature} cannot be called as {_HANDLER}(event, context): {error}"
        ) from None


def _functions(module: ModuleType) -> str:
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return ", ".join(own) or "no functions"


def run(
    loop: asyncio.AbstractEventLoop, function: _Main, event: str, context: dict[str, Any]
) -> dict[str, Any]:
    """One invocation's message back: its result as JSON text, or what it raised."""
    try:
        result = function(json.loads(event), context)
        if inspect.isawaitable(result):
            result = loop.run_until_complete(_finish(result))
        return {"kind": "result", "result": _as_json(result)}
    except Exception as error:  # noqa: BLE001 - whatever the function's code raises
        return {"kind": "failed", "error": describe(error)}


async def _finish(awaitable: Any) -> Any:
    return await awaitable


def _as_json(result: Any) -> str:
    try:
        text = json.dumps(result, ensure_ascii=False, allow_nan=False)
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"{_HANDLER} returned what cannot be sent as JSON ({error}): return dicts, lists, "
            "strings, finite numbers, booleans and None"
        ) from None
    if size > RESULT_LIMIT:
        raise ValueError(f"{_HANDLER} returned {size} bytes of JSON; the limit is {RESULT_LIMIT}")
    return text


def describe(error: BaseException) -> dict[str, Any]:
    """An error as data: type, message, the line of the function's own code, the traceback."""
    if isinstance(error, LoadError):
        return {"type": "LoadError", "message": str(error), "line": "", "trace": ""}
    here = Path(__file__).name
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.lineno]
    own = [frame for frame in frames if Path(frame.filename).parent == Path.cwd()]
    line = f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""
    if isinstance(error, SyntaxError):
        line = f"{Path(error.filename or here).name}, line {error.lineno}"
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return {
        "type": type(error).__name__,
        "message": _printable(str(error)),
        "line": line,
        "trace": _printable(trace),
    }


def _printable(text: str) -> str:
    return text[:20_000].encode("utf-8", "replace").decode("utf-8")


if __name__ == "__main__":
    main()
