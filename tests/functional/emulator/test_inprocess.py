"""The transport ``recognizer`` beside https against the emulator: the same answers and errors."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from pydantic import HttpUrl, SecretStr

from openapi_shim import Cloud, CloudError
from openapi_shim.http_session import close_session
from openapi_shim.ocr import Recognizer
from openapi_shim.settings import ImageUrlPolicy, Settings, TransportKind
from openapi_shim.wechat.inprocess import InProcessTransport
from openapi_shim.wechat.ocr import IMAGE_LIMIT
from openapi_shim.wechat.recognition import RecognitionQueue
from tests.unit.wechat.fakes import FakeRecognizer

from .conftest import Emulate, ImageHost

SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
PHOTO = SPECIMENS / "current_normal.jpg"


def img(content: Any) -> dict[str, Any]:
    return {"img": {"contentType": "image/jpeg", "value": content}}


def blank() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer(threads=2)


class Pair:
    """The same SDK over both ways."""

    def __init__(self, url: str, folder: Path, recognition: RecognitionQueue) -> None:
        (folder / "config.json").write_text(
            json.dumps({"permissions": {"openapi": ["ocr.driverLicense", "ocr.idcard"]}})
        )
        common: dict[str, Any] = {"function_dir": folder, "timeout": 120, "retries": 0}
        here = Settings(image_urls=ImageUrlPolicy.LOOPBACK, **common)
        self.here = Cloud(
            settings=here, transport=InProcessTransport(here, recognition=recognition)
        )
        there = Settings(
            transport=TransportKind.HTTPS,
            base_url=HttpUrl(url),
            appid="wx1",
            secret=SecretStr("s"),
            **common,
        )
        self.there = Cloud(settings=there)
        self.here.init({"env": "e"})
        self.there.init({"env": "e"})

    async def both(self, operation: str, params: dict[str, Any]) -> list[Any]:
        return [await outcome(cloud, operation, params) for cloud in (self.here, self.there)]


async def outcome(cloud: Cloud, operation: str, params: dict[str, Any]) -> Any:
    """The result, or the number and the text of the error without what is random in it."""
    path: Any = cloud.openapi
    for name in operation.split("."):
        path = getattr(path, name)
    try:
        return await path(params)
    except CloudError as error:
        return error.errCode, re.sub(r"hint: \[\w{14}\] rid: [0-9a-f-]{26}", "…", error.errMsg)


@pytest_asyncio.fixture
async def pair(emulate: Emulate, tmp_path: Path, recognizer: Recognizer) -> AsyncIterator[Pair]:
    emulator = await emulate(recognizer)
    queue = RecognitionQueue(recognizer)
    yield Pair(emulator.url, tmp_path, queue)
    queue.close()
    await close_session()


@pytest.mark.parametrize("name", ["current_normal.jpg", "older_rot90.jpg"])
async def test_licences(pair: Pair, name: str) -> None:
    here, there = await pair.both("ocr.driverLicense", img((SPECIMENS / name).read_bytes()))
    assert here == there
    assert list(here) == list(there)
    assert here["errMsg"] == "openapi.ocr.driverLicense:ok"
    assert here["idNum"]


@pytest.mark.parametrize(
    ("params", "errcode"),
    [
        (img(blank()), 101001),
        (img(b"no image"), 101002),
        (img(PHOTO.read_bytes()[:5000]), 101002),
        (img(bytes(IMAGE_LIMIT + 1)), 101002),
        (img(bytes(IMAGE_LIMIT + 600_000)), 101002),
        (img({"type": "Buffer", "data": [1, 2, 3]}), 101002),
        (img(b""), 41005),
        ({}, 41005),
        ({"imgUrl": ""}, 41005),
        ({"imgUrl": "http://h/1.jpg", **img(b"x")}, 40097),
        ({"imgUrl": "wxfile://tmp/1.jpg"}, 101000),
        ({"imgUrl": "x" * 9000}, 101000),
        ({"imgUrl": "https%253A%252F%252Fh%252F1.jpg"}, 101000),
        ({"picture": img(b"x")["img"]}, 41005),
        (img("no base64!"), -501007),
        ({"img": 5}, -501007),
    ],
)
async def test_errors(pair: Pair, params: dict[str, Any], errcode: int) -> None:
    here, there = await pair.both("ocr.driverLicense", params)
    assert here == there
    assert here[0] == errcode


@pytest.mark.parametrize(
    ("path", "errcode"),
    [("photo", 101002), ("page", 101002), ("none", 101000), ("large", 101002), ("empty", 101002)],
)
async def test_images_by_url(pair: Pair, images: ImageHost, path: str, errcode: int) -> None:
    here, there = await pair.both("ocr.driverLicense", {"imgUrl": f"{images.url}/{path}"})
    assert here == there
    assert here[0] == errcode


async def test_an_address_that_was_encoded_before(pair: Pair, images: ImageHost) -> None:
    encoded = f"{images.url}/photo".replace(":", "%3A").replace("/", "%2F")
    here, there = await pair.both("ocr.driverLicense", {"imgUrl": encoded})
    assert here == there
    assert here[0] == 101002, "it was downloaded, and is no image"


@pytest.mark.parametrize("operation", ["ocr.idcard", "ocr.bankcard", "ocr.driverLicence"])
async def test_operations_without_answer_or_permission(pair: Pair, operation: str) -> None:
    here, there = await pair.both(operation, img(b"x"))
    assert here == there
    assert here[0] in (40066, -604101, -604100)


def recognizing(tmp_path: Path, recognizer: FakeRecognizer, **settings: Any) -> Cloud:
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    model = Settings(function_dir=tmp_path, transport=TransportKind.RECOGNIZER, **settings)
    transport = InProcessTransport(model, recognition=RecognitionQueue(recognizer))
    cloud = Cloud(settings=model, transport=transport)
    cloud.init({"env": "e"})
    return cloud


async def test_this_machine_is_not_asked_for_images_unless_it_is_set(
    tmp_path: Path, images: ImageHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cloud = recognizing(tmp_path, FakeRecognizer())
    errcode, _ = await outcome(cloud, "ocr.driverLicense", {"imgUrl": f"{images.url}/photo"})
    assert errcode == 101000
    assert images.seen == []
    assert "this machine itself" in caplog.text
    await close_session()


async def test_a_fault_of_the_recognizer_is_minus_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = recognizing(tmp_path, FakeRecognizer(RuntimeError("boom")))
    errcode, text = await outcome(cloud, "ocr.driverLicense", img(b"x"))
    assert (errcode, text) == (-1, "openapi.ocr.driverLicense:fail system error …")
    assert "RuntimeError: boom" in caplog.text


@pytest.mark.parametrize(
    "call",
    [
        lambda cloud: cloud.callFunction(name="f"),
        lambda cloud: cloud.uploadFile(cloudPath="a.jpg", fileContent=b"x"),
        lambda cloud: cloud.deleteFile(fileList=["cloud://e.b/a"]),
    ],
)
async def test_what_needs_a_cloud_environment_says_what_to_set(tmp_path: Path, call: Any) -> None:
    settings = Settings(function_dir=tmp_path, transport=TransportKind.RECOGNIZER)
    cloud = Cloud(settings=settings)
    cloud.init({"env": "e"})
    with pytest.raises(CloudError) as caught:
        await call(cloud)
    assert "OPENAPI_SHIM_TRANSPORT is recognizer" in caught.value.errMsg
    assert "OPENAPI_SHIM_APPID" in caught.value.errMsg


async def test_open_data_is_the_platforms(tmp_path: Path) -> None:
    settings = Settings(function_dir=tmp_path, transport=TransportKind.RECOGNIZER)
    cloud = Cloud(settings=settings)
    cloud.init({"env": "e"})
    with pytest.raises(CloudError, match="needs the transport cloudbase"):
        await cloud.getOpenData(list=["x"])


SCRIPT = """
import asyncio, json, sys
from openapi_shim import cloud

cloud.init({"env": "e"})
photo = open(sys.argv[1], "rb").read()

async def main():
    assert "numpy" not in sys.modules, "it starts before the recognizer is there"
    one = {"img": {"contentType": "image/jpeg", "value": photo}}
    first, second = [await cloud.openapi.ocr.driverLicense(one) for _ in range(2)]
    print(json.dumps([first == second, first["idNum"]]))

asyncio.run(main())
"""


def test_by_setting_alone_without_an_account(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    (tmp_path / "index.py").write_text(SCRIPT)
    environ = {
        **{key: value for key, value in os.environ.items() if "OPENAPI_SHIM" not in key},
        "OPENAPI_SHIM_TRANSPORT": "recognizer",
        "OPENAPI_SHIM_BASE_URL": "http://127.0.0.1:9",
        "OPENAPI_SHIM_TIMEOUT": "300",
    }
    done = subprocess.run(
        [sys.executable, "index.py", PHOTO],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    truth = next(line["truth"] for line in map(json.loads, lines) if line["file"] == PHOTO.name)
    assert json.loads(done.stdout) == [True, truth["id_num"]], done.stderr
