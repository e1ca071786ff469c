r"""The process a Python function runs in: ``python worker.py <fd> <folder> <context>``.

Stand-alone and standard library only, for it is started by its path: everything else in this
process is the function's own. One thread reads a call, runs the function, and answers; nothing
runs between calls, as on the platform. ``main`` may be synchronous or asynchronous; one event
loop lives as long as the process, so that an SDK's connections stay open. The process ends when
the emulator closes its end of the socket; while a function is busy, the guard sees to that.

A frame is a kind (one letter), the lengths of head and body (32 bits each), head and body:
``c`` call: head ``<request id> <token>\n<caller as JSON>``, body the event; ``r`` ready;
``b`` broken, ``f`` failed and ``l`` lost, when the process ends with it: head the error as JSON;
``o`` over: body the result as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

RESULT_LIMIT = 1024 * 1024  # bytes of JSON, as the platform has it
RESULT_TOO_LARGE = -604001
_HEADER = struct.Struct(">cII")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_MODULE = "index"
_HANDLER = "main"
_DATA_ROOM = 4 << 30  # bytes over the function's memory: one monstrous allocation fails at once
_TEXT_LIMIT = 20_000  # characters of a message or a traceback

# What to install for a module whose package has another name.
_PACKAGES = {
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "jwt": "PyJWT",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}

_Main = Callable[[Any, dict[str, Any]], Any]


class LoadError(Exception):
    """A function that cannot be run as it is; the text says what to do."""


class ResultTooLargeError(Exception):
    """A result beyond the platform's limit."""


class Channel:
    """Frames over the socket to the emulator."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = memoryview(bytearray(1 << 18))  # to allocate it for each call costs more

    def send(self, kind: bytes, head: bytes = b"", body: bytes = b"") -> None:
        """Send one frame, whole."""
        self._socket.sendall(b"".join((_HEADER.pack(kind, len(head), len(body)), head, body)))

    def receive(self) -> tuple[bytes, bytes] | None:
        """Head and body of the next call, waited for; None when the emulator has gone."""
        data = self._chunk()
        while data and len(data) < _HEADER.size:
            data += self._chunk() or b""
        if not data:
            return None
        _, head, body = _HEADER.unpack_from(data)
        end = _HEADER.size + head + body
        if len(data) < end:
            whole = bytearray(data)
            while len(whole) < end:
                chunk = self._chunk()
                if not chunk:
                    return None
                whole += chunk
            data = bytes(whole)
        start = _HEADER.size + head
        return data[_HEADER.size : start], data[start:end]

    def _chunk(self) -> bytes:
        try:
            return bytes(self._buffer[: self._socket.recv_into(self._buffer)])
        except OSError:
            return b""


class Caller:
    """Who calls, and what follows from it; worked out anew only when it changes.

    Args:
        context: the entries of ``context`` that never change.
    """

    def __init__(self, context: dict[str, Any]) -> None:
        self._fixed = context
        self._raw = b""
        self._context: dict[str, Any] = {}
        self._user: dict[str, str] | None = None

    def enter(self, head: bytes) -> dict[str, Any]:
        """Set the environment for a call with this *head*; its ``context``."""
        line, _, raw = head.partition(b"\n")
        request_id, _, token = line.decode().partition(" ")
        if raw != self._raw:
            caller = json.loads(raw)
            environ: dict[str, str] = caller["environ"]
            os.environ.update(environ)
            self._context = {
                **self._fixed,
                "namespace": environ.get("SCF_NAMESPACE", ""),
                "environment": json.dumps(environ),
                "environ": ";".join(f"{name}={value}" for name, value in environ.items()),
            }
            self._user = caller.get("user")
            self._raw = raw
        os.environ["WX_API_TOKEN"] = token
        return {"request_id": request_id, **self._context}

    def introduce(self, event: Any) -> Any:
        """*event* with ``userInfo``, where a mini-program's user calls."""
        if self._user is not None and isinstance(event, dict):
            event["userInfo"] = dict(self._user)
        return event


def main() -> None:
    """Serve calls until the emulator hangs up."""
    descriptor, folder, fixed = int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    sys.argv[:] = [str(folder / f"{_MODULE}.py")]
    os.set_inheritable(descriptor, False)  # children of the function must not keep it open
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        _prepare(fixed.pop("inspect", None), fixed["memory_limit_in_mb"])
        function = load(folder)
    except BaseException as error:  # noqa: BLE001 - whatever the function's code raises
        sys.stdout.flush()
        channel.send(b"b", _as_head(describe(error)))
        return
    channel.send(b"r")
    caller, runner = Caller(fixed), Runner(function)
    while (call := channel.receive()) is not None:
        context = caller.enter(call[0])
        answer = runner.run(call[1], context, caller)
        sys.stdout.flush()
        sys.stderr.flush()
        channel.send(*answer)
    runner.close()


def _prepare(inspect_port: int | None, memory: int) -> None:
    """Open the debugger's door, or bound the memory in megabytes."""
    if inspect_port:
        import debugpy  # noqa: PLC0415 - asked for with --inspect

        debugpy.listen(("127.0.0.1", inspect_port))
        return
    import resource  # noqa: PLC0415 - not needed under a debugger

    bound = (memory << 20) + _DATA_ROOM
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or bound < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


def load(folder: Path) -> _Main:
    """``main`` of the function in *folder*, whose modules can be imported from now on.

    Raises:
        LoadError: index.py has no ``main`` that can be called with event and context.
        BaseException: whatever importing index.py raises.
    """
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry != here]  # not the function's business
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
    if isinstance(function, FunctionType):
        code = function.__code__
        if code.co_argcount == 2 and not code.co_kwonlyargcount:
            return
    import inspect  # noqa: PLC0415 - it takes longer to import than most functions

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
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    ]
    return ", ".join(own) or "no functions"


class Runner:
    """Runs the function, on an event loop where it needs one."""

    def __init__(self, function: _Main) -> None:
        self._function = function
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, event: bytes, context: dict[str, Any], caller: Caller) -> tuple[bytes, ...]:
        """One call; the frame to answer it with: its result, or what it raised."""
        try:
            given = caller.introduce(json.loads(event.decode("utf-8", "surrogatepass")))
            result = self._function(given, context)
            if hasattr(result, "__await__"):
                result = self._event_loop().run_until_complete(_finish(result))
            return b"o", b"", as_json(result)
        except Exception as error:  # noqa: BLE001 - whatever the function's code raises
            return b"f", _as_head(describe(error))

    def _event_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            import asyncio  # noqa: PLC0415 - a synchronous function does without

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop

    def close(self) -> None:
        """End what the function's asynchronous generators hold open."""
        if self._loop is not None:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


async def _finish(awaitable: Any) -> Any:
    return await awaitable


def as_json(result: Any) -> bytes:
    """*result* as JSON.

    Raises:
        TypeError: JSON has nothing for it.
        ResultTooLargeError: it is larger than the platform lets through.
    """
    try:
        text = _encode(result).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"{_HANDLER} returned what cannot be sent as JSON ({error}): return dicts, lists, "
            "strings, finite numbers, booleans and None"
        ) from None
    if len(text) > RESULT_LIMIT:
        raise ResultTooLargeError(
            f"{_HANDLER} returned {len(text)} bytes of JSON; the limit is {RESULT_LIMIT}"
        )
    return text


def describe(error: BaseException) -> dict[str, Any]:
    """An error as data: code, type, message, the line of the function's code, the traceback."""
    if isinstance(error, (LoadError, ResultTooLargeError)):
        code = RESULT_TOO_LARGE if isinstance(error, ResultTooLargeError) else 0
        return _description(code, type(error).__name__, str(error))
    import traceback  # noqa: PLC0415 - only errors need it

    own_folder = str(Path.cwd())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(own_folder + os.sep)]
    line = f"{_shown(own[-1].filename, own_folder)}, line {own[-1].lineno}" if own else ""
    if isinstance(error, SyntaxError):
        line = f"{_shown(error.filename or 'index.py', own_folder)}, line {error.lineno}"
    shown = traceback.format_exception(type(error), error, error.__traceback__)
    # A syntax error's text ends with its line; ours does already.
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    message = text + _how_to_install(error, Path(own_folder))
    return _description(0, type(error).__name__, message, line, "".join(shown))


def _shown(filename: str, folder: str) -> str:
    return filename.removeprefix(folder + os.sep)


def _how_to_install(error: BaseException, folder: Path) -> str:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    name = error.name.partition(".")[0]
    if (folder / name).exists() or (folder / f"{name}.py").exists():
        return ""
    python = sys.executable
    if (folder / "requirements.txt").is_file():
        return f"; install it: {python} -m pip install -r {folder / 'requirements.txt'}"
    return f"; install it: {python} -m pip install {_PACKAGES.get(name, name)}"


def _description(
    code: int, kind: str, message: str, line: str = "", trace: str = ""
) -> dict[str, Any]:
    return {
        "code": code,
        "type": kind,
        "message": _printable(message),
        "line": line,
        "trace": _printable(trace),
    }


def _printable(text: str) -> str:
    return text[:_TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")


def _as_head(error: dict[str, Any]) -> bytes:
    return json.dumps(error).encode("ascii")


if __name__ == "__main__":
    main()
