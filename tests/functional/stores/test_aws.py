"""Signed requests: against moto, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from openapi_shim.errors import AwsError, StoreError
from openapi_shim.http_session import close_session, shared_session
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.stores.dynamodb import DynamodbStore

from .conftest import Clock

THROTTLED = {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "Slow"}


@pytest.fixture
async def requests(aws: dict[str, str]) -> AsyncIterator[AwsRequests]:
    yield AwsRequests(aws)
    await close_session()


@pytest.fixture
async def bucket(requests: AwsRequests, key: str) -> str:
    name = "bucket-" + hashlib.sha256(key.encode()).hexdigest()[:20]
    session = await shared_session()
    base, _ = requests._endpoint("s3")
    body = (
        "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint>"
        "</CreateBucketConfiguration>"
    )
    async with session.put(f"{base}/{name}", data=body) as response:
        assert response.status == 200
    return name


async def test_objects(requests: AwsRequests, bucket: str) -> None:
    key = "folder/照片 1+~%20.jpg"
    etag = await requests.put_object(bucket, key, b"\0photo", content_type="image/jpeg")
    got = await requests.get_object(bucket, key, limit=6)
    assert (got.body, got.content_type, got.etag) == (b"\0photo", "image/jpeg", etag)
    assert etag.strip('"') == hashlib.md5(b"\0photo", usedforsecurity=False).hexdigest()
    with pytest.raises(AwsError, match="S3 GetObject answered with more than 5 bytes") as caught:
        await requests.get_object(bucket, key, limit=5)
    assert caught.value.code == "TooLarge"
    await requests.delete_object(bucket, key)
    await requests.delete_object(bucket, key)
    with pytest.raises(AwsError, match="S3 GetObject was refused: NoSuchKey") as caught:
        await requests.get_object(bucket, key, limit=5)
    assert (caught.value.code, caught.value.status, caught.value.undone) == ("NoSuchKey", 404, True)


async def test_an_object_that_must_not_be_there(requests: AwsRequests, bucket: str) -> None:
    only = {"If-None-Match": "*"}
    await requests.put_object(bucket, "k", b"first", content_type="text/plain", headers=only)
    with pytest.raises(AwsError) as caught:
        await requests.put_object(bucket, "k", b"second", content_type="text/plain", headers=only)
    assert caught.value.code == "PreconditionFailed"
    assert (await requests.get_object(bucket, "k", limit=9)).body == b"first"


async def test_presigned_urls(requests: AwsRequests, bucket: str) -> None:
    """moto does not check signatures: what they are worth is compared with botocore's."""
    headers = {"Content-Type": "image/png"}
    put = await requests.presigned_url("PUT", bucket, "up load", seconds=60, headers=headers)
    get = await requests.presigned_url("GET", bucket, "up load", seconds=60)
    async with aiohttp.ClientSession() as client:
        async with client.put(put, data=b"bytes", headers=headers) as response:
            assert response.status == 200
        async with client.get(get) as response:
            assert (await response.read(), response.content_type) == (b"bytes", "image/png")


async def test_secrets_parameters_and_queues(requests: AwsRequests, key: str) -> None:
    name = hashlib.sha256(key.encode()).hexdigest()[:20]
    await requests.call("secretsmanager", "CreateSecret", {"Name": name, "SecretString": "s3cret"})
    secret = await requests.call("secretsmanager", "GetSecretValue", {"SecretId": name})
    assert secret["SecretString"] == "s3cret"
    parameter = {"Name": f"/{name}", "Value": "värde", "Type": "SecureString"}
    await requests.call("ssm", "PutParameter", parameter)
    ask = {"Name": f"/{name}", "WithDecryption": True}
    assert (await requests.call("ssm", "GetParameter", ask))["Parameter"]["Value"] == "värde"
    queue = await requests.call("sqs", "CreateQueue", {"QueueName": name})
    message = {"QueueUrl": queue["QueueUrl"], "MessageBody": "照片"}
    await requests.call("sqs", "SendMessage", message)
    got = await requests.call("sqs", "ReceiveMessage", {"QueueUrl": queue["QueueUrl"]})
    assert [one["Body"] for one in got["Messages"]] == ["照片"]
    with pytest.raises(AwsError, match=r"^Secrets Manager GetSecretValue was refused: Resource"):
        await requests.call("secretsmanager", "GetSecretValue", {"SecretId": "none"})


async def test_rows_have_what_dynamodb_removes_them_by(
    requests: AwsRequests, clock: Clock, key: str
) -> None:
    store = DynamodbStore("openapi-shim", requests=requests, clock=clock)
    await store.put(key, "v", expires=clock.now + 1.5)
    await store.take(key, limit=1, expires=clock.now + 1.5)
    for kind, attribute in (("value", {"value": {"S": "v"}}), ("count", {"taken": {"N": "1"}})):
        row = {"pk": {"S": f"{kind}#{key}"}}
        get = {"TableName": "openapi-shim", "Key": row}
        item = (await requests.call("dynamodb", "GetItem", get))["Item"]
        # TTL takes whole seconds: never before the exact end.
        end = {"ends": {"N": "1800000001.75"}, "ttl": {"N": "1800000002"}}
        assert item == {**row, **attribute, **end}


async def test_a_table_that_is_not_there(requests: AwsRequests) -> None:
    store = DynamodbStore("not-there", requests=requests)
    for call in (store.get("k"), store.take("k", limit=1, expires=4e9)):
        with pytest.raises(StoreError, match="no DynamoDB table not-there in eu-central-1; make"):
            await call


async def test_a_table_with_another_key(requests: AwsRequests) -> None:
    await requests.call(
        "dynamodb",
        "CreateTable",
        {
            "TableName": "other-key",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    store = DynamodbStore("other-key", requests=requests)
    with pytest.raises(StoreError, match=r"refuses PutItem; its key must be the partition key pk"):
        await store.put("k", "张三", expires=4e9)


Handler = Callable[[web.Request], web.StreamResponse | None]


@dataclass
class Misbehaving:
    """A server that answers as the test lines up, then well."""

    environ: dict[str, str] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.path, dict(request.headers)))
        answer = self.answers.pop(0) if self.answers else {}
        if answer == "drop":
            assert request.transport is not None
            request.transport.close()
        elif answer == "silence":
            await asyncio.sleep(3600)
        elif isinstance(answer, web.Response):
            return answer
        return web.json_response(answer)

    def requests(self, **options: Any) -> AwsRequests:
        return AwsRequests(self.environ, **options)


@pytest.fixture
async def far() -> AsyncIterator[Misbehaving]:
    far = Misbehaving()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", far.handle)
    server = TestServer(app)
    await server.start_server()
    far.environ = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "AWS_SESSION_TOKEN": "hunter3",
        "AWS_ENDPOINT_URL": str(server.make_url("/")),
    }
    yield far
    await close_session()
    await server.close()


def refusal(status: int, code: str = "Any", text: str = "") -> web.Response:
    return web.json_response({"__type": f"some#{code}", "message": text}, status=status)


async def test_too_much_at_once_is_sent_again(far: Misbehaving) -> None:
    far.answers = [
        refusal(400, "ThrottlingException"),
        refusal(429),
        refusal(400, "TransactionConflictException"),
        {"Item": {}},
    ]
    answer = await far.requests().call("dynamodb", "GetItem", {}, repeatable=False)
    assert (answer, len(far.seen)) == ({"Item": {}}, 4)
    assert all("Authorization" in headers for _, headers in far.seen)
    assert far.seen[0][1]["X-Amz-Security-Token"] == "hunter3"


@pytest.mark.parametrize("trouble", ["drop", refusal(500), refusal(503)])
async def test_what_may_have_been_done_is_sent_again_only_where_that_is_right(
    far: Misbehaving, trouble: Any
) -> None:
    far.answers = [trouble]
    with pytest.raises(AwsError) as caught:
        await far.requests().call("dynamodb", "UpdateItem", {}, repeatable=False)
    assert (len(far.seen), caught.value.undone) == (1, False)
    far.answers = [refusal(500)] if trouble == "drop" else ["drop"]
    assert await far.requests().call("dynamodb", "GetItem", {}) == {}
    assert len(far.seen) == 3


async def test_it_gives_up_after_some_attempts(far: Misbehaving) -> None:
    far.answers = [refusal(400, "ThrottlingException", "Rate exceeded") for _ in range(9)]
    with pytest.raises(AwsError, match=r"DynamoDB GetItem was refused: Throttling.*Rate exceeded"):
        await far.requests(attempts=3).call("dynamodb", "GetItem", {})
    assert len(far.seen) == 3


async def test_silence_is_given_up_in_time(far: Misbehaving) -> None:
    far.answers = ["silence"] * 9
    with pytest.raises(AwsError, match=r"S3 GetObject: 127.0.0.1:\d+ did not answer in time"):
        await far.requests(patience=0.3).get_object("bucket", "key", limit=9)
    assert len(far.seen) == 1  # the time is that of all attempts together


async def test_refusals_are_not_sent_again_and_tell_no_secret(far: Misbehaving) -> None:
    denied = "User: arn:x is not authorized to perform: dynamodb:PutItem"
    far.answers = [
        refusal(400, "AccessDeniedException", denied),
        refusal(400, "ValidationException", "Value 张三 is bad"),
        web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>"),
        web.Response(status=301, headers={"Location": "http://elsewhere"}),
        web.Response(text="<html>a captive portal"),
    ]
    told = []
    for _ in range(5):
        with pytest.raises(AwsError) as caught:
            await far.requests().call("dynamodb", "PutItem", {})
        told.append(str(caught.value))
    assert len(far.seen) == 5
    assert told[:4] == [
        f"DynamoDB PutItem was refused: AccessDeniedException ({denied})",
        "DynamoDB PutItem was refused: ValidationException",
        "DynamoDB PutItem was refused: SignatureDoesNotMatch",
        "DynamoDB PutItem was refused: HTTP 301",
    ]
    assert "does not answer as AWS does" in told[4]
    assert "hunter" not in "".join(told)


async def test_nobody_there(aws: dict[str, str], unused_port: int) -> None:
    environ = {**aws, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{unused_port}"}
    requests = AwsRequests(environ, attempts=2)
    with pytest.raises(AwsError, match=r"SQS SendMessage: no connection to .*is the network") as no:
        await requests.call("sqs", "SendMessage", {}, repeatable=False)
    assert no.value.undone


@pytest.fixture
def unused_port() -> int:
    from .conftest import free_port

    return free_port()


def keys(seconds: float, id_: str = "AGENT") -> dict[str, str]:
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return {
        "AccessKeyId": id_,
        "SecretAccessKey": "hunter2",
        "Token": "hunter3",
        "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def with_agent(far: Misbehaving, **more: str) -> AwsRequests:
    environ = {
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": far.environ["AWS_ENDPOINT_URL"],
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": far.environ["AWS_ENDPOINT_URL"] + "keys",
        **more,
    }
    return AwsRequests(environ)


async def test_the_keys_of_a_containers_role(far: Misbehaving, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("by file\n")
    requests = with_agent(far, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))
    far.answers = [keys(3600, "FIRST")]
    for _ in range(2):  # asked for once
        await requests.call("dynamodb", "ListTables", {})
    assert [path for path, _ in far.seen] == ["/keys", "/", "/"]
    assert far.seen[0][1]["Authorization"] == "by file"
    assert all("Credential=FIRST/" in headers["Authorization"] for _, headers in far.seen[1:])
    assert far.seen[1][1]["X-Amz-Security-Token"] == "hunter3"


async def test_keys_are_renewed_before_their_end(far: Misbehaving) -> None:
    requests = with_agent(far, AWS_CONTAINER_AUTHORIZATION_TOKEN="by word")
    far.answers = [keys(120, "FIRST"), {}, keys(3600, "SECOND"), {}]
    for _ in range(2):
        await requests.call("dynamodb", "ListTables", {})
    assert [path for path, _ in far.seen] == ["/keys", "/", "/keys", "/"]
    assert "Credential=SECOND/" in far.seen[3][1]["Authorization"]


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=403),
        {"message": "hunter2"},
        {**keys(60), "Expiration": "soon"},
        ["hunter2"],
        web.Response(text="hunter2"),
        "drop",
    ],
)
async def test_an_agent_that_gives_no_keys(far: Misbehaving, answer: Any) -> None:
    far.answers = [answer, answer]
    with pytest.raises(StoreError, match=r"/keys (gives|does not answer with)") as caught:
        await with_agent(far).call("dynamodb", "ListTables", {})
    assert "hunter" not in str(caught.value)
