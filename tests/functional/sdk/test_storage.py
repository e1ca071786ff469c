"""Files, by the gateway."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError

from .conftest import Recorder
from .gateway import is_signed, members_of

DATA = bytes(range(256)) * 3000  # larger than one chunk


async def failure(call: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        await call
    return caught.value


def ticket(wechat: Recorder) -> dict[str, Any]:
    return {
        "requestId": "r",
        "data": {
            "url": f"{wechat.url}/store/a%20b",
            "token": "T",
            "authorization": "A",
            "fileId": "cloud://e.b/a",
            "cosFileId": "C",
            "download_url": "d",
        },
    }


def urls(*items: Any) -> dict[str, Any]:
    return {"requestId": "r", "data": {"download_list": list(items)}}


class Unseekable(io.RawIOBase):
    """A stream, as of a pipe."""

    def __init__(self) -> None:
        self._inner = io.BytesIO(DATA)

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(size)


def opened(folder: Path) -> list[Any]:
    path = folder / "f"
    path.write_bytes(b"skipped" + DATA)
    file = path.open("rb")
    file.seek(7)
    spooled = tempfile.SpooledTemporaryFile()  # noqa: SIM115  (closed below)
    spooled.write(DATA)
    spooled.seek(0)
    return [DATA, bytearray(DATA), memoryview(DATA), io.BytesIO(DATA), file, spooled, Unseekable()]


async def test_an_upload_as_it_travels(platform: Cloud, wechat: Recorder, tmp_path: Path) -> None:
    for content in opened(tmp_path):
        wechat.seen.clear()
        wechat.answers = [ticket(wechat), web.Response()]
        result = await platform.uploadFile(cloudPath="a b/中.txt", fileContent=content)
        assert result == {"fileID": "cloud://e.b/a", "statusCode": -1, "errMsg": "uploadFile:ok"}
        asked, put = wechat.seen
        assert is_signed(asked)
        assert (
            members_of(asked).items()
            >= {
                "action": "storage.getUploadMetadata",
                "path": "a b/中.txt",
                "method": "put",
            }.items()
        )
        assert (put.method, put.path, put.body) == ("PUT", "/store/a b", DATA)
        assert {
            "Signature": "A",
            "Authorization": "A",
            "X-Cos-Security-Token": "T",
            "X-Cos-Meta-Fileid": "C",
            "Key": "a%20b%2F%E4%B8%AD.txt",
        }.items() <= {name.title(): value for name, value in put.headers.items()}.items()
        assert "Content-Type" not in put.headers
        if hasattr(content, "close"):
            assert not content.closed
            content.close()


async def test_a_kept_connection_that_is_closed_loses_nothing(
    platform: Cloud, wechat: Recorder
) -> None:
    for content in (DATA, io.BytesIO(DATA)):
        wechat.answers = [ticket(wechat), "hang up", web.Response()]
        await platform.uploadFile(cloudPath="a", fileContent=content)
        assert wechat.seen[-1].body == DATA
    wechat.answers = [ticket(wechat), "hang up", web.Response()]
    error = await failure(
        platform.uploadFile(cloudPath="a", fileContent=cast("BinaryIO", Unseekable()))
    )
    assert error.errMsg == "uploadFile:fail socket hang up"


async def test_an_empty_file(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [ticket(wechat), web.Response()]
    await platform.uploadFile({"cloudPath": "a", "fileContent": b""})
    assert wechat.seen[1].headers["Content-Length"] == "0"


XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>no &amp; no</Message></Error>"


@pytest.mark.parametrize(
    ("answer", "code", "text"),
    [
        (
            web.Response(status=403, text=XML.format("AccessDenied")),
            -503001,
            "-503001 storage request fail. [AccessDenied]: no & no",
        ),
        (
            web.Response(status=403, text=XML.format("SignatureDoesNotMatch")),
            -501001,
            "-501001 resource system error. [SignatureDoesNotMatch]: no & no",
        ),
        (
            web.Response(status=500),
            -503001,
            "-503001 storage request fail. the storage answered status 500",
        ),
    ],
)
async def test_an_upload_that_fails(
    platform: Cloud, wechat: Recorder, answer: Any, code: int, text: str
) -> None:
    wechat.answers = [ticket(wechat), answer]
    error = await failure(platform.uploadFile(cloudPath="a", fileContent=b"x"))
    assert (error.errCode, error.errMsg) == (code, f"uploadFile:fail {text}")


async def test_refused_by_the_gateway(platform: Cloud, wechat: Recorder) -> None:
    refusal = {"code": "STORAGE_EXCEED_AUTHORITY", "message": "no", "requestId": "r"}
    for api, options in (
        ("uploadFile", {"cloudPath": "a", "fileContent": b"x"}),
        ("downloadFile", {"fileID": "x"}),
        ("getTempFileURL", {"fileList": ["x"]}),
        ("deleteFile", {"fileList": ["x"]}),
    ):
        wechat.answers = [refusal]
        error = await failure(getattr(platform, api)(options))
        assert error.errMsg == f"{api}:fail -503002 storage permission denied. no"
        assert (error.errCode, error.requestId) == (-503002, "r")


@pytest.mark.parametrize(
    ("api", "options", "code", "text"),
    [
        ("uploadFile", {}, -1, "parameter.cloudPath should be string instead of undefined;"),
        (
            "uploadFile",
            {"cloudPath": "a"},
            -1,
            "uploadFile:fail Type of fileContent must be fs.ReadStream instead of undefined",
        ),
        (
            "uploadFile",
            {"cloudPath": "a", "fileContent": "text"},
            -1,
            "uploadFile:fail fileContent should be bytes or a file opened in binary mode, not "
            "string",
        ),
        ("downloadFile", {"fileID": 1}, -1, "parameter.fileID should be string instead of number;"),
        ("deleteFile", {"fileList": 1}, -1, "parameter.fileList should be array instead of number;"),  # noqa: E501
        (
            "deleteFile",
            {"fileList": ["a", None]},
            -1,
            "deleteFile:fail Type of fileList[1] must be string instead of object",
        ),
        (
            "deleteFile",
            {"fileList": [""]},
            -501007,
            "deleteFile:fail -501007 invalid parameters. fileList的元素必须是非空的字符串",
        ),
        (
            "getTempFileURL",
            {"fileList": [1]},
            -501007,
            "getTempFileURL:fail -501007 invalid parameters. "
            "fileList的元素如果不是对象，则必须是字符串",
        ),
        (
            "getTempFileURL",
            {"fileList": [{"fileID": "a"}]},
            -501007,
            "getTempFileURL:fail -501007 invalid parameters. "
            "fileList的元素如果是对象，必须是包含fileID和maxAge的对象",
        ),
    ],
)  # fmt: skip
async def test_arguments(
    platform: Cloud, wechat: Recorder, api: str, options: Any, code: int, text: str
) -> None:
    error = await failure(getattr(platform, api)(options))
    assert (error.errCode, error.errMsg) == (code, text)
    assert wechat.seen == []


async def test_a_file_in_text_mode(platform: Cloud, wechat: Recorder, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("a")
    with (tmp_path / "f").open() as file:
        wechat.answers = [ticket(wechat)]
        error = await failure(platform.uploadFile({"cloudPath": "a", "fileContent": file}))
    assert 'open it with "rb"' in error.errMsg


async def test_a_download(platform: Cloud, wechat: Recorder) -> None:
    url = f"{wechat.url}/d/中 %41?sign=s"
    wechat.answers = [urls({"code": "SUCCESS", "tempFileURL": url}), web.Response(body=DATA)]
    assert await platform.downloadFile(fileID="cloud://e.b/x") == {
        "fileContent": DATA,
        "statusCode": 200,
        "errMsg": "downloadFile:ok",
    }
    asked, got = wechat.seen
    assert members_of(asked)["file_list"] == [{"fileid": "cloud://e.b/x", "max_age": 600}]
    assert (got.method, got.path, got.raw_query) == ("GET", "/d/中 %41", "sign=s")


@pytest.mark.parametrize(
    ("answers", "code", "text"),
    [
        (
            [urls({"code": "STORAGE_FILE_NONEXIST", "message": "m"})],
            -503003,
            "-503003 storage file not exists. m",
        ),
        ([urls()], -501001, "-501001 resource system error. the answer names no file"),
        (
            [urls({"code": "SUCCESS", "tempFileURL": "{}/d?sign=s"}), web.Response(status=404)],
            -503001,
            "-503001 storage request fail. 下载文件失败: Status:404 Url:{}/d",
        ),
        (
            [urls({"code": "SUCCESS", "tempFileURL": "{}/d"}), "hang up", "hang up"],
            -1,
            "socket hang up",
        ),
        ([urls({"code": "SUCCESS", "tempFileURL": "nonsense"})], -1, "InvalidUrlClientError"),
    ],
)
async def test_a_download_that_fails(
    platform: Cloud, wechat: Recorder, answers: list[Any], code: int, text: str
) -> None:
    first = json.loads(json.dumps(answers[0]).replace("{}", wechat.url))
    wechat.answers = [first, *answers[1:]]
    error = await failure(platform.downloadFile(fileID="x"))
    assert (error.errCode, error.errMsg) == (
        code,
        "downloadFile:fail " + text.replace("{}", wechat.url),
    )


async def test_urls_file_by_file(platform: Cloud, wechat: Recorder) -> None:
    wechat.answers = [
        urls(
            {"code": "SUCCESS", "fileID": "a", "tempFileURL": "u", "maxAge": 60},
            {"code": "STORAGE_FILE_NONEXIST", "fileID": "b", "tempFileURL": "?"},
            {"code": "ODD", "fileID": "c"},
            None,
        )
    ]
    result = await platform.getTempFileURL({"fileList": ["a", {"fileID": "b", "maxAge": 60}]})
    absent = "storage file not exists"
    assert result == {
        "fileList": [
            {"fileID": "a", "status": 0, "errMsg": "ok", "maxAge": 60, "tempFileURL": "u"},
            {"fileID": "b", "status": -503003, "errMsg": absent, "maxAge": None, "tempFileURL": ""},
            {
                "fileID": "c",
                "status": -501001,
                "errMsg": "resource system error",
                "maxAge": None,
                "tempFileURL": "",
            },
        ],
        "errMsg": "getTempFileURL:ok",
    }
    members = members_of(wechat.seen[0])
    assert members["file_list"] == [{"fileid": "a"}, {"fileid": "b", "max_age": 60}]
    assert is_signed(wechat.seen[0])


async def test_deletion_file_by_file(platform: Cloud, wechat: Recorder) -> None:
    files = [{"code": "SUCCESS", "fileID": "a"}, {"code": "STORAGE_FILE_NONEXIST", "fileID": "b"}]
    wechat.answers = [{"requestId": "r", "data": {"delete_list": files}}]
    other = platform.createNewInstance(env={"storage": "s1"})
    assert await other.deleteFile(fileList=["a", "b"]) == {
        "fileList": [
            {"fileID": "a", "status": 0, "errMsg": "ok"},
            {"fileID": "b", "status": -503003, "errMsg": "storage file not exists"},
        ],
        "errMsg": "deleteFile:ok",
    }
    assert (
        members_of(wechat.seen[0]).items()
        >= {
            "action": "storage.batchDeleteFile",
            "envName": "s1",
        }.items()
    )
