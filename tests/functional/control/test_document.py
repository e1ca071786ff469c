"""The document is that of the emulator which serves it."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from openapi_shim.emulator.description.document import document
from openapi_shim.emulator.desk import make_desk
from openapi_shim.settings import Settings
from tests.unit.wechat.fakes import FakeRecognizer


@pytest.mark.parametrize("strict", [False, True])
async def test_a_strict_emulator_tells_of_no_details(tmp_path: Path, strict: bool) -> None:
    settings = Settings(
        state_dir=tmp_path,
        functions_dir=tmp_path / "none",
        port=0,
        store="sqlite::memory:",
        strict=strict,
    )
    server = make_desk(settings, recognizer=FakeRecognizer()).server
    url = await server.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}/_openapi_shim/openapi.json") as response,
        ):
            served = await response.json()
    finally:
        await server.stop()
    assert served == json.loads(json.dumps(document(url, strict=strict)))
    assert served != json.loads(json.dumps(document(url, strict=not strict)))
