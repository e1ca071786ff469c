"""The gateway, checking signatures, before the unmodified wx-server-sdk."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.emulator.gateway.environment import (
    GatewayKeys,
    caller_environment,
    gateway_environment,
)
from tests.conformance.packages import install
from tests.functional.gateway.conftest import StartGateway

_HERE = Path(__file__).parent
_VERSIONS = ("wx-server-sdk-4", "wx-server-sdk-3", "wx-server-sdk-2")


async def _run(environ: dict[str, str], package: str) -> dict[str, Any]:
    folder = str(install().parent)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(_HERE / "server_sdk.js"),
        folder,
        package,
        env={"PATH": os.environ["PATH"], **environ},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    results: dict[str, Any] = json.loads(out.splitlines()[-1])
    return results


@pytest.mark.parametrize("package", _VERSIONS)
async def test_every_call_with_signatures_checked(
    start_gateway: StartGateway, package: str
) -> None:
    gateway = await start_gateway(gateway_secret_id="AKID", gateway_secret_key="key")
    gateway.permit("ocr.driverLicense")
    environ = gateway_environment(gateway.url, GatewayKeys("AKID", "key"))
    environ |= caller_environment(env="my-env", appid="wx00")
    results = await _run(environ, package)
    assert results["call"]["result"] == {"hello": {"a": "中"}}
    assert results["ocr"]["idNum"] == "ID_NUM"
    assert results["ocr"]["errMsg"] == "openapi.ocr.driverLicense:ok"
    assert gateway.recognizer.seen == [b"photo"]
    assert results["none"]["errCode"] == 41005
    assert results["unknown"]["errCode"] == -604100
    assert results["openData"]["list"][0]["data"]["purePhoneNumber"]
    assert len(results["voip"]["signature"]) == 64
    assert results["old"]["result"]["errcode"] == -604100
    assert results["upload"]["fileID"].startswith("cloud://my-env.")
    assert results["link"]["fileList"][0]["status"] == 0
    assert results["download"] == "hi"
    assert [file["status"] for file in results["delete"]["fileList"]] == [0, -503003]
    assert results["database"]["errMsg"].endswith("database.getDocument is not emulated")


async def test_a_wrong_key(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(gateway_secret_id="AKID", gateway_secret_key="key")
    environ = gateway_environment(gateway.url, GatewayKeys("AKID", "another"))
    results = await _run(environ | caller_environment(env="my-env", appid="wx00"), _VERSIONS[0])
    assert results["call"]["code"] == "SIGN_PARAM_INVALID"
    assert results["ocr"]["errMsg"].endswith("signature error")
    assert gateway.runner.seen == []
