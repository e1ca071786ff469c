"""Files, by WeChat's server API."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from openapi_shim import Cloud

from .conftest import Recorder
from .test_storage import DATA, failure, opened


@pytest.fixture
def by_https(make_cloud: Callable[..., Cloud]) -> Cloud:
    return make_cloud().createNewInstance(env="e1")


async def test_an_upload_by_the_server_api(
    by_https: Cloud, wechat: Recorder, tmp_path: Path
) -> None:
    for content in opened(tmp_path):
        wechat.seen.clear()
        wechat.answers = [
            {
                "errcode": 0,
                "url": f"{wechat.url}/store",
                "token": "T",
                "authorization": "A",
                "file_id": "cloud://e.b/a",
                "cos_file_id": "C",
            },
            web.Response(status=204),
        ]
        result = await by_https.uploadFile({"cloudPath": "a/中.txt", "fileContent": content})
        assert result == {"fileID": "cloud://e.b/a", "statusCode": -1, "errMsg": "uploadFile:ok"}
        asked, stored = (seen for seen in wechat.seen if not seen.path.startswith("/cgi-bin"))
        assert (asked.path, json.loads(asked.body)) == (
            "/tcb/uploadfile",
            {"env": "e1", "path": "a/中.txt"},
        )
        head = f"Content-Type: {stored.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + stored.body, policy=email.policy.HTTP)
        parts = {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
            for part in message.iter_parts()
        }
        assert list(parts) == [
            "key", "Signature", "x-cos-security-token", "x-cos-meta-fileid", "file",
        ]  # fmt: skip
        assert parts["key"] == "a/中.txt".encode()
        assert DATA in stored.body
        if hasattr(content, "close"):
            content.close()


async def test_urls_and_downloads_by_the_server_api(by_https: Cloud, wechat: Recorder) -> None:
    listing = {
        "errcode": 0,
        "file_list": [
            {"fileid": "a", "download_url": f"{wechat.url}/d/a%20b", "status": 0, "errmsg": "ok"},
            {"fileid": "b", "download_url": "", "status": -503003, "errmsg": "gone"},
        ],
    }
    wechat.answers = [listing]
    result = await by_https.getTempFileURL(fileList=["a", {"fileID": "b", "maxAge": 9}])
    assert [item["status"] for item in result["fileList"]] == [0, -503003]
    assert [item["maxAge"] for item in result["fileList"]] == [7200, 9]
    assert [item["errMsg"] for item in result["fileList"]] == ["ok", "storage file not exists"]
    assert json.loads(wechat.seen[-1].body) == {
        "env": "e1",
        "file_list": [{"fileid": "a", "max_age": 7200}, {"fileid": "b", "max_age": 9}],
    }
    wechat.answers = [listing, web.Response(body=b"x")]
    assert (await by_https.downloadFile(fileID="a"))["fileContent"] == b"x"
    assert wechat.seen[-1].path == "/d/a b"


async def test_a_file_asked_for_twice_has_two_ages(by_https: Cloud, wechat: Recorder) -> None:
    found = [{"fileid": "a", "download_url": f"{wechat.url}/d/{n}", "status": 0} for n in (1, 2)]
    wechat.answers = [{"errcode": 0, "file_list": found}]
    wanted = [{"fileID": "a", "maxAge": 50}, {"fileID": "a", "maxAge": 500}]
    result = await by_https.getTempFileURL(fileList=wanted)
    assert [item["maxAge"] for item in result["fileList"]] == [50, 500]


async def test_deletion_by_the_server_api(by_https: Cloud, wechat: Recorder) -> None:
    files = [{"fileid": "a", "status": 0}, {"fileid": "b", "status": 7, "errmsg": "m"}]
    wechat.answers = [{"errcode": 0, "delete_list": files}, {"errcode": 0}]
    result = await by_https.deleteFile(fileList=["a", "b"])
    told = [(item["status"], item["errMsg"]) for item in result["fileList"]]
    assert told == [(0, "ok"), (7, "m")]
    assert wechat.seen[-1].path == "/tcb/batchdeletefile"
    error = await failure(by_https.deleteFile(fileList=["a"]))
    assert "answered something other than it should" in error.errMsg
