"""The function under AWS's own runtime interface emulator, which ships in the aws-sam-cli wheel.

It is what `docker run` of a Lambda image starts; here without a container.
"""

from __future__ import annotations

import contextlib
import json
import platform
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.aws.stack import ROOT, TOOLS, Stack
from tests.unit.aws.conftest import request

MACHINE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
CODE = """\
import asyncio
import time


async def main(event, context):
    if event.get("sleep"):
        await asyncio.sleep(event["sleep"])
    if event.get("block"):
        time.sleep(event["block"])
    return {"got": event, "loop": id(asyncio.get_running_loop())}
"""


def free_port() -> int:
    """A port that nobody has now; the emulator takes none of its own choice."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def binary() -> Path:
    [found] = TOOLS.parent.glob(f"lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{MACHINE}")
    return found


@pytest.fixture
def url(binary: Path, stack: Stack, tmp_path: Path) -> Iterator[str]:
    """Where the emulator takes invocations of a function with six seconds of time."""
    (tmp_path / "example").mkdir()
    (tmp_path / "example" / "index.py").write_text(CODE, encoding="utf-8")
    port = free_port()
    configuration = stack.configuration("UploadsFunction")
    with subprocess.Popen(
        [
            str(binary),
            "--log-level",
            "error",
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{port}",
            "--runtime-api-address",
            f"127.0.0.1:{free_port()}",
            sys.executable,
            "-m",
            "awslambdaric",
            configuration["Handler"],
        ],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "6",
            **stack.environ,
            **stack.variables("UploadsFunction"),
            "OPENAPI_SHIM_FUNCTION": "example",
            "OPENAPI_SHIM_FUNCTIONS_DIR": str(tmp_path),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until_open(port)
            yield f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        finally:
            process.terminate()  # a kill would leave the Python below it behind


def until_open(port: int) -> None:
    """Wait until somebody listens on *port*."""
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)  # the other process needs the machine


def invoke(url: str, event: Any) -> Any:
    """What the emulator answers; an error has status 200 too."""
    sent = urllib.request.Request(url, json.dumps(event).encode())  # noqa: S310 - of the test
    with urllib.request.urlopen(sent, timeout=300) as response:  # noqa: S310 - the same
        body = response.read()
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def test_the_function_answers_and_survives_its_time_out(url: str) -> None:
    first = invoke(url, {"a": 1})
    assert first["got"] == {"a": 1}
    assert invoke(url, {})["loop"] == first["loop"]
    over = invoke(url, request('{"sleep": 60}'))
    assert over["statusCode"] == 504
    assert invoke(url, {})["loop"] == first["loop"]  # the instance is still the same


def test_what_blocks_is_ended_by_lambda_and_the_next_event_has_a_new_instance(url: str) -> None:
    invoke(url, {})
    assert "Task timed out" in str(invoke(url, {"block": 60}))
    assert invoke(url, {"a": 2})["got"] == {"a": 2}
