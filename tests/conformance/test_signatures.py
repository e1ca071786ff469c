"""An emulator that knows the key: every SDK signs with it, and another key is refused."""

from __future__ import annotations

import base64
import os
from unittest.mock import patch

import pytest

from openapi_shim import CloudError
from openapi_shim.sdk.cloud import Cloud
from tests.conformance.clients import VERSIONS, Emulator, NodeProcess, bare_environment, step

WRONG = {"TENCENTCLOUD_SECRETKEY": "another key"}
CONTENT = "内容".encode()
API = "openapi.ocr.driverLicense"
STEPS = [
    step("init", {}),
    step("callFunction", {"name": "echo", "data": {"value": " 中 "}}),
    step(API, {"img": {"contentType": "image/png", "value": {"$buffer": "/w=="}}}),
    step(
        "uploadFile",
        {
            "cloudPath": "签名.txt",
            "fileContent": {"$buffer": base64.b64encode(CONTENT).decode()},
        },
    ),
]


@pytest.mark.parametrize("major", VERSIONS)
def test_wx_server_sdk(strict_emulator: Emulator, major: str) -> None:
    environment = strict_emulator.environment()
    process = NodeProcess("server_sdk.js", f"wx-server-sdk-{major}", environment=environment)
    try:
        _, function, openapi, upload = process.run(STEPS)
        _, refused, refused_openapi, refused_upload = process.run(STEPS, WRONG)
    finally:
        process.close()
    assert function["value"]["result"] == " 中 "
    assert openapi["error"]["errCode"] == 101002
    assert upload["value"]["errMsg"] == "uploadFile:ok"
    for outcome in (refused, refused_openapi):
        assert "signature error" in outcome["error"]["errMsg"]
    assert refused_upload["error"]["errMsg"].startswith("uploadFile:fail ")


async def test_our_sdk(strict_emulator: Emulator) -> None:
    environment = strict_emulator.environment() | {"OPENAPI_SHIM_TRANSPORT": "cloudbase"}
    with patch.dict(os.environ, bare_environment() | environment, clear=True):
        cloud = Cloud()
        cloud.init()
        called = await cloud.callFunction(name="echo", data={"value": " 中 "})
        assert called["result"] == " 中 "
        image = {"contentType": "image/png", "value": b"\xff"}
        with pytest.raises(CloudError) as caught:
            await cloud.openapi.ocr.driverLicense({"img": image})
        assert caught.value.errCode == 101002
        up = await cloud.uploadFile(cloudPath="签名.txt", fileContent=CONTENT)
        down = await cloud.downloadFile(fileID=up["fileID"])
        assert down["fileContent"] == CONTENT
        os.environ.update(WRONG)
        with pytest.raises(CloudError, match="signature error"):
            await cloud.callFunction(name="echo", data={})
        with pytest.raises(CloudError, match="signature error"):
            await cloud.openapi.ocr.driverLicense({"img": image})
