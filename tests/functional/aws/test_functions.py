"""The stack's functions under the real ``awslambdaric``: moto for AWS, an emulator for WeChat.

The secret, the table and the bucket are those of the stack; the emulator takes no other secret.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from tests.functional.aws.conftest import StartFunction
from tests.functional.aws.runtime_api import LambdaProcess
from tests.functional.aws.stack import APPID, ROOT, SECRET, Stack
from tests.unit.aws.conftest import batch, request
from tests.unit.aws.test_uploads import signature_of

SPECIMENS = ROOT / "tests" / "data" / "specimens"
PHOTO = (SPECIMENS / "current_normal.jpg").read_bytes()
CALLER = {"iam": {"userArn": "arn:aws:iam::123456789012:user/one"}}


@pytest.fixture(scope="module")
def wechat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulator process that knows one account."""
    command = str(Path(sys.executable).with_name("openapi-shim"))
    environ = {
        **{name: value for name, value in os.environ.items() if "OPENAPI_SHIM" not in name},
        "OPENAPI_SHIM_EMULATOR_APPID": APPID,
        "OPENAPI_SHIM_EMULATOR_SECRET": SECRET,
    }
    with subprocess.Popen(
        [command, "start", "--port", "0", "--no-watch"],
        cwd=tmp_path_factory.mktemp("wechat"),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@pytest.fixture
def function(start_function: StartFunction, wechat: str) -> LambdaProcess:
    return start_function("DriverLicenseFunction", OPENAPI_SHIM_BASE_URL=wechat)


def photo(content: bytes, user: str = "one") -> dict[str, Any]:
    """A request with a photo for its body."""
    arn = f"arn:aws:iam::123456789012:user/{user}"
    return request(
        base64.b64encode(content).decode(),
        base64=True,
        content_type="image/jpeg",
        authorizer={"iam": {"userArn": arn}},
    )


def body_of(answer: Any, status: int = 200) -> Any:
    assert not answer.failed, answer.payload
    assert answer.payload["statusCode"] == status, answer.payload
    return json.loads(answer.payload["body"])


def truth_of(name: str) -> dict[str, Any]:
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    found: dict[str, Any] = next(
        item for item in map(json.loads, lines) if item["file"] == f"{name}.jpg"
    )
    return found


def rows(stack: Stack) -> list[dict[str, Any]]:
    table = stack.client("dynamodb")
    items: list[dict[str, Any]] = table.scan(TableName=stack.resources["Table"])["Items"]
    return items


def charged(stack: Stack) -> int:
    """Calls that the table counted today."""
    return sum(int(row["taken"]["N"]) for row in rows(stack) if "taken" in row)


def test_a_photo_is_read_and_charged_once_for_each_caller(
    function: LambdaProcess, stack: Stack
) -> None:
    user, before = uuid4().hex, charged(stack)
    answer = body_of(function.invoke(photo(PHOTO, user)))
    assert answer["errCode"] == 0
    assert answer["idNum"] == truth_of("current_normal")["truth"]["id_num"]
    assert body_of(function.invoke(photo(PHOTO, user))) == answer
    assert charged(stack) == before + 1
    body_of(function.invoke(photo(PHOTO, uuid4().hex)))
    assert charged(stack) == before + 2
    assert all("ttl" in row for row in rows(stack))
    shown = function.log() + json.dumps([row["pk"] for row in rows(stack)])
    for hidden in (answer["idNum"], answer["name"], SECRET, photo(PHOTO)["body"][:40]):
        assert hidden not in shown


def test_instances_share_the_token_and_the_answers(
    start_function: StartFunction, wechat: str, stack: Stack
) -> None:
    user = uuid4().hex
    answers, before = [], charged(stack)
    for _ in range(2):
        function = start_function("DriverLicenseFunction", OPENAPI_SHIM_BASE_URL=wechat)
        answers.append(body_of(function.invoke(photo(PHOTO, user))))
    assert answers[0] == answers[1]
    assert charged(stack) == before + 1
    tokens = [row["pk"]["S"] for row in rows(stack) if "token" in row["pk"]["S"]]
    assert len(tokens) == 1


def test_the_days_calls_of_all_instances_are_bounded(
    start_function: StartFunction, wechat: str, stack: Stack
) -> None:
    bounded = {"OPENAPI_SHIM_BASE_URL": wechat}
    first = start_function("DriverLicenseFunction", **bounded)
    assert body_of(first.invoke(photo(PHOTO, uuid4().hex)))["errCode"] == 0
    limit = str(charged(stack))
    second = start_function("DriverLicenseFunction", **bounded, OPENAPI_SHIM_CALLS_PER_DAY=limit)
    assert body_of(second.invoke(photo(PHOTO, uuid4().hex)))["errCode"] == 101003
    assert charged(stack) == int(limit)


def test_a_client_stores_a_photo_and_has_it_read(
    start_function: StartFunction, function: LambdaProcess, stack: Stack
) -> None:
    uploads = start_function("UploadsFunction")
    form = body_of(uploads.invoke(request('{"contentType": "image/jpeg"}', authorizer=CALLER)))
    assert post(form["url"], form["fields"], PHOTO) in {200, 204}
    stored = stack.client("s3").get_object(
        Bucket=stack.resources["Bucket"], Key=form["fields"]["key"]
    )
    assert stored["Body"].read() == PHOTO
    assert stored["ContentType"] == "image/jpeg"
    asked = request(json.dumps({"fileID": form["fileID"]}), authorizer=CALLER)
    answer = body_of(function.invoke(asked))
    assert answer["idNum"] == truth_of("current_normal")["truth"]["id_num"]


def post(url: str, fields: dict[str, str], content: bytes) -> int:
    """Send a form as a client does; the status."""
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    lines.append('--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n')
    body = "".join(lines).encode() + content + b"\r\n--x--\r\n"
    sent = urllib.request.Request(  # noqa: S310 - an address of the test's own
        url, body, {"Content-Type": "multipart/form-data; boundary=x"}
    )
    with urllib.request.urlopen(sent) as response:  # noqa: S310 - the same
        return int(response.status)


def test_botocore_signs_its_forms_the_same_way() -> None:
    s3 = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret/key",
        aws_session_token="token",
        config=Config(signature_version="s3v4"),
    )
    form = s3.generate_presigned_post("photos", "uploads/x", ExpiresIn=300)
    assert form["fields"]["x-amz-signature"] == signature_of(form["fields"])


FILES = """\
from openapi_shim import cloud

cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})


async def main(event, context):
    stored = await cloud.uploadFile(cloudPath="a b/张三.jpg", fileContent=b"photo")
    file_id = stored["fileID"]
    links = await cloud.getTempFileURL(fileList=[file_id, "cloud://x.other/y"])
    file = await cloud.downloadFile(fileID=file_id)
    deleted = await cloud.deleteFile(fileList=[file_id])
    return [file_id, links["fileList"], file["fileContent"].decode(), deleted["fileList"]]
"""


def test_files_of_cloud_storage_are_objects_of_the_bucket(
    start_function: StartFunction, stack: Stack, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "index.py").write_text(FILES, encoding="utf-8")
    function = start_function(
        "DriverLicenseFunction",
        OPENAPI_SHIM_FUNCTION="files",
        OPENAPI_SHIM_FUNCTIONS_DIR=str(tmp_path),
    )
    answer = function.invoke({})
    assert not answer.failed, answer.payload
    file_id, links, content, deleted = answer.payload
    bucket = stack.resources["Bucket"]
    assert file_id == f"cloud://licences.{bucket}/a b/张三.jpg"
    assert [link["status"] for link in links] == [0, -501007]
    assert f"{stack.url}/{bucket}/a%20b/" in links[0]["tempFileURL"]
    assert content == "photo"
    assert deleted[0]["status"] == 0
    assert "Contents" not in stack.client("s3").list_objects_v2(Bucket=bucket, Prefix="a b/")


def test_records_of_a_queue(function: LambdaProcess) -> None:
    image = {"contentType": "image/jpeg", "value": base64.b64encode(PHOTO).decode()}
    answer = function.invoke(batch({"img": image}, "broken", {"img": {}}))
    assert not answer.failed
    assert answer.payload == {
        "batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]
    }


def test_an_error_leaves_the_instance_usable(start_function: StartFunction, tmp_path: Path) -> None:
    folder = tmp_path / "moody"
    folder.mkdir()
    (folder / "index.py").write_text(
        "import asyncio\n\n\nasync def main(event, context):\n"
        "    if event == 'loop':\n        return id(asyncio.get_running_loop())\n"
        "    return 1 / event\n",
        encoding="utf-8",
    )
    function = start_function(
        "UploadsFunction", OPENAPI_SHIM_FUNCTION="moody", OPENAPI_SHIM_FUNCTIONS_DIR=str(tmp_path)
    )
    loop = function.invoke("loop").payload
    failed = function.invoke(0)
    assert failed.failed
    assert failed.payload["errorType"] == "ZeroDivisionError"
    assert function.invoke("loop").payload == loop
    assert function.invoke(2).payload == 0.5
    assert body_of(function.invoke(request("[")), 400)["message"].startswith("The body is no JSON")


def test_logs_are_json_lines_with_the_requests_id(
    start_function: StartFunction, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "index.py").write_text("def main(event, context):\n    raise OSError('why')\n")
    function = start_function(
        "UploadsFunction", OPENAPI_SHIM_FUNCTION="broken", OPENAPI_SHIM_FUNCTIONS_DIR=str(tmp_path)
    )
    answer = body_of(function.invoke(request("{}")), 500)
    assert answer["message"] == "Internal Server Error"
    [line] = [json.loads(line) for line in function.log().splitlines() if line.strip()]
    assert line["level"] == "ERROR"
    assert line["requestId"] == answer["requestId"]
    assert (line["errorType"], line["errorMessage"]) == ("OSError", "why")


def test_a_function_that_is_not_there_is_told_while_the_instance_starts(
    start_function: StartFunction,
) -> None:
    function = start_function("DriverLicenseFunction", OPENAPI_SHIM_FUNCTION="driverLicence")
    error = function.wait_ready()
    assert error["errorType"] == "ConfigError"
    assert "functions found there: driverLicense" in error["errorMessage"]
