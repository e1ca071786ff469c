"""Lambda's Runtime API, and functions run behind it by the real ``awslambdaric``.

The protocol: a runtime asks for the next invocation, answers it by its id, and asks again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PREFIX = "/2018-06-01/runtime/"
_PATIENCE = 300.0  # seconds until a test gives up; nothing is judged by it


@dataclass(frozen=True)
class Answer:
    """What a function answered.

    Attributes:
        payload: its result, or the error with errorType and errorMessage.
        failed: whether it is an error.
    """

    payload: Any
    failed: bool


@dataclass
class _Invocation:
    event: bytes
    deadline: float
    answer: queue.Queue[Answer] = field(default_factory=queue.Queue)


class RuntimeApi:
    """A server of the Runtime API for one instance of a function."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[tuple[str, _Invocation]] = queue.Queue()
        self.running: dict[str, _Invocation] = {}
        self.init_error: Any = None
        self.ready = threading.Event()
        api = self

        class Handler(_Handler):
            runtime = api

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._ids = itertools.count(1)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        """For ``AWS_LAMBDA_RUNTIME_API``."""
        return f"127.0.0.1:{self._server.server_port}"

    def submit(self, event: Any, seconds: float) -> _Invocation:
        """Put an event in line, to be answered within *seconds*."""
        invocation = _Invocation(json.dumps(event).encode(), time.time() + seconds)
        name = f"00000000-0000-4000-8000-{next(self._ids):012}"
        self.waiting.put((name, invocation))
        return invocation

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    runtime: RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for a delayed ACK: 88 ms
    wbufsize = -1

    def do_GET(self) -> None:
        self.runtime.ready.set()
        name, invocation = self.runtime.waiting.get()
        self.runtime.running[name] = invocation
        self.send_response(200)
        for header, value in (
            ("Lambda-Runtime-Aws-Request-Id", name),
            ("Lambda-Runtime-Deadline-Ms", str(int(invocation.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:x"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(invocation.event))),
        ):
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(invocation.event)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        payload = json.loads(self.rfile.read(length) or b"null")
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()
        *_, name, kind = self.path.removeprefix(_PREFIX).split("/")
        if name == "init":
            self.runtime.init_error = payload
            self.runtime.ready.set()
        else:
            self.runtime.running.pop(name).answer.put(Answer(payload, kind == "error"))

    def log_message(self, *_: Any) -> None:
        """Silence: the tests tell what matters."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Silence: an instance that ended breaks its connections off."""


class LambdaProcess:
    """One instance of a function, run by ``awslambdaric``.

    Args:
        handler: as the template names it.
        variables: all of the environment, beside what the runtime needs.
        folder: where the code is; the project's root by default.
        python: command that runs Python.
        memory: megabytes, as told to the function.
    """

    def __init__(
        self,
        handler: str,
        variables: Mapping[str, str],
        *,
        folder: Path,
        python: tuple[str, ...] = (sys.executable,),
        memory: int = 512,
    ) -> None:
        self.api = RuntimeApi()
        self._output = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by stop
        self.process = subprocess.Popen(
            [*python, "-m", "awslambdaric", handler],
            cwd=folder,
            env={
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "LAMBDA_TASK_ROOT": str(folder),
                "AWS_LAMBDA_RUNTIME_API": self.api.address,
                "AWS_LAMBDA_FUNCTION_NAME": "example",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "AWS_LAMBDA_LOG_LEVEL": "INFO",
                **variables,
            },
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def invoke(self, event: Any, *, seconds: float = 240.0) -> Answer:
        """What the function answers to *event*, for which it is told to have *seconds*."""
        invocation = self.api.submit(event, seconds)
        end = time.monotonic() + _PATIENCE
        while invocation.answer.empty():
            ended = self.process.poll() is not None
            with contextlib.suppress(queue.Empty):
                return invocation.answer.get(timeout=0.5)
            assert not ended, f"the process has ended; its log:\n{self.log()}"
            assert time.monotonic() < end, f"no answer; the log:\n{self.log()}"
        return invocation.answer.get()

    def wait_ready(self) -> Any:
        """Wait until the instance has started; the error if it could not, else None."""
        assert self.api.ready.wait(_PATIENCE), self.log()
        return self.api.init_error

    def log(self) -> str:
        """All that the process has written so far."""
        # Not by seek and read: that would move the place where the process writes.
        return os.pread(self._output.fileno(), 1 << 24, 0).decode("utf-8", "replace")

    def stop(self) -> None:
        """End the process and its server."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.api.close()
        self._output.close()
