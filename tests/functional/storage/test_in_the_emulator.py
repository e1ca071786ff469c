from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from openapi_shim.emulator.app import STORAGE, create_app
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.settings import Settings
from tests.functional.storage.conftest import put_headers
from tests.functional.storage.test_downloads import encode_uri
from tests.unit.wechat.fakes import FakeRecognizer

JPEG = b"\xff\xd8\xff\xe0 not really"


@pytest.mark.parametrize("path", ["licences/a-1.jpg", "证件/照片 a+b.jpg"])
async def test_an_uploaded_photo_is_recognized_by_its_temporary_url(
    tmp_path: Path, path: str
) -> None:
    recognizer = FakeRecognizer()
    settings = Settings(port=0, state_dir=tmp_path / "state", functions_dir=tmp_path / "functions")
    app = create_app(settings, recognizer=recognizer)
    server = EmulatorServer(app)
    url = await server.start()
    assert not settings.state_dir.exists(), "nothing is written before storage is used"
    try:
        async with aiohttp.ClientSession() as session:
            grant = app[STORAGE].prepare_upload(path)
            async with session.put(grant.url, data=JPEG, headers=put_headers(grant)) as response:
                assert response.status == 200
            (link,) = app[STORAGE].links([(grant.file_id, 60)])
            # WeChat refuses what is not ASCII, so that a user has to encode such a name.
            img_url = link.url if link.url.isascii() else str(encode_uri(link.url))
            login = "grant_type=client_credential&appid=wx1&secret=s"
            async with session.get(f"{url}/cgi-bin/token?{login}") as response:
                token = (await response.json(content_type=None))["access_token"]
            query = f"access_token={token}&img_url={quote(img_url, safe='')}"
            async with session.post(
                URL(f"{url}/cv/ocr/drivinglicense?{query}", encoded=True)
            ) as response:
                answer = json.loads(await response.text())
    finally:
        await server.stop()
    assert answer["errcode"] == 0, answer
    assert recognizer.seen == [JPEG]
