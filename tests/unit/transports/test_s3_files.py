"""Files in S3: ids, temporary URLs, deletions, uploads; the far side is handed in."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest

from openapi_shim.errors import AwsError
from openapi_shim.settings import Settings
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    Reply,
    Upload,
)
from openapi_shim.transports.s3_files import S3Files


class Inner:
    """The transport within: tells what came through."""

    async def openapi(self, call: OpenApiCall) -> Reply:
        return Reply("text/plain", call.operation.encode())

    async def action(self, call: ActionCall) -> ActionReply:
        return ActionReply({"action": call.action})

    async def upload(self, upload: Upload) -> str:
        raise AssertionError("files stay out of the transport within")

    async def platform(self, call: PlatformCall) -> Any:
        return call.api


class Bucket:
    """S3 for one test."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {"a/b.jpg": (b"photo", "image/jpeg")}

    async def put_object(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str:
        self.objects[key] = (body, content_type)
        return '"etag"'

    async def delete_object(self, bucket: str, key: str) -> None:
        if key == "refused":
            raise AwsError("S3 DeleteObject was refused: AccessDenied", code="AccessDenied")
        self.objects.pop(key, None)

    async def presigned_url(self, method: str, bucket: str, key: str, *, seconds: int) -> str:
        return f"https://{bucket}/{key}?{method}&{seconds}"


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def files(bucket: Bucket) -> S3Files:
    settings = Settings(bucket="photos", storage_file_limit=10)
    return S3Files(Inner(), settings, requests=cast("AwsRequests", bucket))


async def link(files: S3Files, file_id: Any, **age: Any) -> dict[str, Any]:
    call = ActionCall("storage.batchGetDownloadUrl", {"file_list": [{"fileid": file_id, **age}]})
    found: dict[str, Any] = (await files.action(call)).data["download_list"][0]
    return found


async def test_a_temporary_url(files: S3Files) -> None:
    assert await link(files, "cloud://env.photos/a/b.jpg", max_age=60) == {
        "fileID": "cloud://env.photos/a/b.jpg",
        "maxAge": 60,
        "code": "SUCCESS",
        "tempFileURL": "https://photos/a/b.jpg?GET&60",
    }


@pytest.mark.parametrize(("age", "seconds"), [({}, 86_400), ({"max_age": 10**9}, 86_400)])
async def test_a_url_lives_a_day_at_most(files: S3Files, age: dict[str, int], seconds: int) -> None:
    assert (await link(files, "cloud://env.photos/a", **age))["maxAge"] == seconds


@pytest.mark.parametrize(
    ("file_id", "age", "text"),
    [
        ("https://photos/a", {}, "no fileID"),
        ("cloud://photos/a", {}, "no fileID"),
        ("cloud://env.photos/", {}, "no fileID"),
        (7, {}, "no fileID"),
        ("cloud://env.other/a", {}, "its bucket is not photos"),
        ("cloud://env.photos/a/../b", {}, "has an empty part, or one that is"),
        ("cloud://env.photos//a", {}, "has an empty part"),
        ("cloud://env.photos/a\n", {}, "has a character"),
        ("cloud://env.photos/" + "a" * 851, {}, "longer than 850 bytes"),
        ("cloud://env.photos/a", {"max_age": 0}, "maxAge is 0"),
        ("cloud://env.photos/a", {"max_age": "x"}, "maxAge is 'x'"),
        ("cloud://env.photos/a", {"max_age": True}, "maxAge is True"),
    ],
)
async def test_what_is_no_file_of_the_bucket(
    files: S3Files, file_id: Any, age: dict[str, Any], text: str
) -> None:
    found = await link(files, file_id, **age)
    assert found["code"] == "INVALID_PARAM"
    assert text in found["message"]
    assert "tempFileURL" not in found


async def test_deletions_are_told_one_by_one(files: S3Files, bucket: Bucket) -> None:
    ids = [f"cloud://env.{place}" for place in ("photos/a/b.jpg", "other/a", "photos/refused")]
    reply = await files.action(ActionCall("storage.batchDeleteFile", {"fileid_list": ids}))
    assert [item["code"] for item in reply.data["delete_list"]] == [
        "SUCCESS",
        "INVALID_PARAM",
        "STORAGE_REQUEST_FAIL",
    ]
    assert [item["fileID"] for item in reply.data["delete_list"]] == ids
    assert bucket.objects == {}


@pytest.mark.parametrize("content", [b"bytes", bytearray(b"bytes"), io.BytesIO(b"bytes")])
async def test_an_upload(files: S3Files, bucket: Bucket, content: Any) -> None:
    assert await files.upload(Upload("c/d.png", content, "env")) == "cloud://env.photos/c/d.png"
    assert bucket.objects["c/d.png"] == (b"bytes", "image/png")


async def test_an_upload_of_no_known_type(files: S3Files, bucket: Bucket) -> None:
    await files.upload(Upload("d", b"", "env"))
    assert bucket.objects["d"] == (b"", "application/octet-stream")


@pytest.mark.parametrize(
    ("path", "content", "text"),
    [
        ("", b"", "empty part"),
        ("/a", b"", "empty part"),
        ("a", b"x" * 11, "more than 10 bytes"),
        ("a", io.BytesIO(b"x" * 11), "more than 10 bytes"),
        ("a", io.StringIO("x"), "text mode"),
    ],
)
async def test_an_upload_that_cannot_be(files: S3Files, path: str, content: Any, text: str) -> None:
    with pytest.raises(ParameterError, match=text):
        await files.upload(Upload(path, content, "env"))


async def test_all_else_goes_through(files: S3Files) -> None:
    assert (await files.openapi(OpenApiCall("ocr.driverLicense", {}))).body == b"ocr.driverLicense"
    assert (await files.action(ActionCall("functions.x", {}))).data == {"action": "functions.x"}
    assert await files.platform(PlatformCall("api", "a", {}, "b")) == "api"
    with pytest.raises(ParameterError, match="does not exist on AWS"):
        await files.action(ActionCall("storage.getUploadMetadata", {}))
