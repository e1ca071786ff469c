"""Debuggers attach to functions in both languages, and nothing is timed meanwhile."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp

from .conftest import NODE, Make


def free_ports() -> int:
    """The first of two ports that nobody has."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            if 1024 <= port <= 65000:
                return port


async def greet_debugpy(port: int) -> Any:
    """What a debug adapter answers to ``initialize``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    arguments = {"adapterID": "test", "clientID": "test"}
    request = {"seq": 1, "type": "request", "command": "initialize", "arguments": arguments}
    body = json.dumps(request).encode()
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        message = json.loads(await reader.readexactly(int(head.split(b":")[1])))
        if message["type"] == "response":
            writer.close()
            await writer.wait_closed()
            return message


async def test_both_debuggers(make: Make) -> None:
    port = free_ports()
    functions = make(inspect=port, function_timeout=0.01)
    functions.write("py", "import time\ndef main(e, c):\n  time.sleep(0.2)\n  return 1\n")
    functions.write(
        "js", "exports.main = () => new Promise((r) => setTimeout(r, 200, 2));", entry=NODE
    )
    assert await functions.call("py") == 1  # twenty times its time-out
    assert await functions.call("js") == 2
    assert f"[py] a debugger can attach to 127.0.0.1:{port}" in functions.log()
    assert f"[js] a debugger can attach to 127.0.0.1:{port + 1}" in functions.log()
    answer = await greet_debugpy(port)
    assert (answer["command"], answer["success"]) == ("initialize", True)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port + 1}/json") as response,
    ):
        (target,) = await response.json(content_type=None)
    assert target["webSocketDebuggerUrl"].startswith(f"ws://127.0.0.1:{port + 1}/")
    assert target["url"].endswith("worker.js")


async def test_one_process_a_function(make: Make) -> None:
    functions = make(inspect=free_ports())
    functions.write("js", "exports.main = () => process.pid;", entry=NODE)
    assert len(set(await asyncio.gather(*(functions.call("js") for _ in range(5))))) == 1


async def test_a_changed_function_keeps_its_port(make: Make) -> None:
    port = free_ports()
    functions = make(inspect=port, watch=True)
    functions.write("js", "exports.main = () => 1;", entry=NODE)
    assert await functions.call("js") == 1
    functions.write("js", "exports.main = () => 2;", entry=NODE)
    await functions.answers("js", 2)
    assert functions.log().count(f"can attach to 127.0.0.1:{port}") >= 2
