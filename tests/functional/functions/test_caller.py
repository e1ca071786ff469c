"""``openapi-shim invoke`` on behalf of a user of one's choice."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from openapi_shim.emulator.app import create_app
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.settings import Settings
from tests.unit.wechat.fakes import FakeRecognizer

from .conftest import NODE, Functions

SHIM = str(Path(sys.executable).with_name("openapi-shim"))
WHO = """
    exports.main = (event) => [
      event.userInfo || null, process.env.WX_OPENID, process.env.TCB_SOURCE,
    ];
"""


@pytest_asyncio.fixture
async def url(functions: Functions) -> AsyncIterator[str]:
    """Where an emulator of these functions answers."""
    functions.write("who", WHO, entry=NODE)
    settings = Settings(
        functions_dir=functions.root,
        state_dir=functions.root.parent / "state",
        function_timeout=60,
        watch=False,
    )
    server = EmulatorServer(create_app(settings, recognizer=FakeRecognizer()))
    yield await server.start()
    await server.stop()


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ([], [None, "", "wx_http"]),
        (["--source", "wx_trigger"], [None, "", "wx_trigger"]),
        (
            ["--openid", "o123"],
            [{"appId": "wx0000000000000000", "openId": "o123"}, "o123", "wx_devtools"],
        ),
        (
            ["--openid", "o123", "--source", "wx_client,scf"],
            [{"appId": "wx0000000000000000", "openId": "o123"}, "o123", "wx_client,scf"],
        ),
    ],
)
async def test_a_caller_of_ones_choice(url: str, options: list[str], result: object) -> None:
    done = await invoke(url, *options)
    assert json.loads(done.stdout) == result, done.stderr


async def test_what_is_no_caller(url: str) -> None:
    done = await invoke(url, "--openid", "o 1")
    assert done.returncode == 1
    assert "openid is letters, digits, - and _" in done.stderr


async def invoke(url: str, *options: str, name: str = "who") -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [SHIM, "invoke", name, "--url", url, *options]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )


CHAIN = """
    from openapi_shim import cloud

    cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})

    async def main(event, context):
        me = cloud.getWXContext()
        seen = [[me.get("OPENID"), me["SOURCE"], me["ENV"]]]
        if event["more"]:
            called = await cloud.callFunction(
                {"name": event["more"][0], "data": {"more": event["more"][1:]}}
            )
            assert called["requestID"]
            seen += called["result"]
        return seen
"""


@pytest.mark.parametrize("env", ["", "prod-1"])
async def test_python_functions_that_call_one_another_keep_the_caller(
    functions: Functions, env: str
) -> None:
    for name in ("one", "two", "three"):
        functions.write(name, CHAIN)
    settings = Settings(
        functions_dir=functions.root,
        state_dir=functions.root.parent / "state",
        function_timeout=60,
        watch=False,
        emulator_env=env,
    )
    server = EmulatorServer(create_app(settings, recognizer=FakeRecognizer()))
    url = await server.start()
    try:
        event = json.dumps({"more": ["two", "three"]})
        done = await invoke(
            url, "--openid", "o1", "--source", "wx_client", "--data", event, name="one"
        )
    finally:
        await server.stop()
    here = env or "local"
    assert json.loads(done.stdout) == [
        ["o1", "wx_client", here],
        ["o1", "wx_client,scf", here],
        ["o1", "wx_client,scf,scf", here],
    ], done.stderr
