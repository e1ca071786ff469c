"""Requests of an HTTP API."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from openapi_shim import cloud
from openapi_shim.aws.adapter import Adapter
from tests.unit.aws.conftest import Main, request
from tests.unit.aws.lambda_context import FakeContext

Around = Callable[[Main], Adapter]


def echo(event: Any, context: Any) -> Any:
    return event


async def whoami(event: Any, context: Any) -> Any:
    return cloud.getWXContext()


def body_of(answer: dict[str, Any], status: int = 200) -> Any:
    assert answer["statusCode"] == status
    assert answer["headers"] == {"content-type": "application/json; charset=utf-8"}
    assert answer["isBase64Encoded"] is False
    return json.loads(answer["body"])


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def form(*parts: bytes) -> str:
    lines = b"".join(b"--x y\r\n" + part + b"\r\n" for part in parts)
    return encoded(b"preamble\r\n" + lines + b"--x y--\r\n")


PHOTO = b"\xff\xd8\r\n--x\r\n\x00\r\n\r\n"
FILE = b'Content-Disposition: form-data; name="img"; filename="a.jpg"\r\nContent-Type: image/jpeg'
FORM = 'multipart/form-data; boundary="x y"'


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (request('{"imgUrl": "https://a"}'), {"imgUrl": "https://a"}),
        (request(encoded(b'{"a": 1}'), base64=True), {"a": 1}),
        (request('{"a": 1}', content_type="application/x-www-form-urlencoded"), {"a": 1}),
        (request(None, query={"imgUrl": "https://a"}), {"imgUrl": "https://a"}),
        (request('{"a": 1}', query={"a": "2", "b": "3"}), {"a": 1, "b": "3"}),
        (request(""), {}),
        (
            request(encoded(PHOTO), base64=True, content_type="image/PNG; x=y"),
            {"img": {"contentType": "image/png", "value": encoded(PHOTO)}},
        ),
        (
            request(
                form(
                    FILE + b"\r\n\r\n" + PHOTO,
                    'Content-Disposition: form-data; name="type"\r\n\r\n照片'.encode(),
                ),
                base64=True,
                content_type=FORM,
            ),
            {
                "img": {"contentType": "image/jpeg", "fileName": "a.jpg", "value": encoded(PHOTO)},
                "type": "照片",
            },
        ),
        (request(encoded(b"--x y--"), base64=True, content_type=FORM), {}),
    ],
)
def test_a_request_becomes_an_event(adapter: Around, sent: Any, event: Any) -> None:
    assert body_of(adapter(echo)(sent, FakeContext())) == event


def test_headers_in_any_case(adapter: Around) -> None:
    sent = request(encoded(b"x"), base64=True)
    sent["headers"] = {"Content-Type": "image/jpeg"}
    assert "img" in body_of(adapter(echo)(sent, FakeContext()))


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (request("{"), "no JSON object"),
        (request("[1]"), "no JSON object"),
        (request('{"a": NaN}'), "no JSON object"),
        (request("[" * 100_000), "no JSON object"),
        (request("%", base64=True), "no base64"),
        (request("text", content_type="image/jpeg"), "which no image/jpeg is"),
        (request(form(), base64=True, content_type="multipart/form-data"), "no boundary"),
        (
            request(encoded(b"--x y\r\nbroken"), base64=True, content_type=FORM),
            "closing boundary is missing",
        ),
        (request(form(b"a: b\r\n\r\n"), base64=True, content_type=FORM), "Content-Disposition"),
        (request(form(b"broken"), base64=True, content_type=FORM), "have no end"),
        (
            request(form(*[FILE + b"\r\n\r\n"] * 33), base64=True, content_type=FORM),
            "more than 32",
        ),
        (
            request(form(FILE + b"x" * 5000 + b"\r\n\r\n"), base64=True, content_type=FORM),
            "have no end",
        ),
    ],
)
def test_what_is_no_event_is_the_clients_mistake(adapter: Around, sent: Any, text: str) -> None:
    answer = body_of(adapter(echo)(sent, FakeContext()), 400)
    assert text in answer["message"]
    assert answer["requestId"] == "request-1"


@pytest.mark.parametrize("main", [echo, whoami])
def test_the_context(adapter: Around, main: Main) -> None:
    seen: list[Any] = []

    def keep(event: Any, context: Any) -> Any:
        seen.append(context)
        return main(event, context)

    adapter(keep)(request(), FakeContext(seconds=20))
    deadline = seen[0].pop("deadline_ms")
    assert deadline > 1_700_000_000_000
    assert seen == [
        {
            "request_id": "request-1",
            "function_name": "stack-driverLicense",
            "function_version": "$LATEST",
            "memory_limit_in_mb": 512,
            "time_limit_in_ms": 20_000,
            "namespace": "stack",
        }
    ]


ARN = "arn:aws:sts::111111111111:assumed-role/client/session"


@pytest.mark.parametrize(
    ("authorizer", "openid"),
    [
        ({"iam": {"userArn": ARN, "cognitoIdentity": None}}, ARN),
        (
            {"iam": {"userArn": ARN, "cognitoIdentity": {"identityId": "us-east-1:7"}}},
            "us-east-1:7",
        ),
        ({"jwt": {"claims": {"sub": "user-7", "scope": "x"}, "scopes": None}}, "user-7"),
        ({"jwt": {"claims": {}}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_caller_is_whom_the_authorizer_names(
    adapter: Around, authorizer: Any, openid: str | None
) -> None:
    forged = {"userInfo": {"openId": "forged"}, "OPENID": "forged"}
    sent = request(
        json.dumps(forged),
        authorizer=authorizer,
        headers={"x-wx-openid": "forged", "x-wx-source": "wx_client"},
        query={"OPENID": "forged"},
    )
    expected = {"ENV": "stack", "SOURCE": "aws_http"} | ({"OPENID": openid} if openid else {})
    assert body_of(adapter(whoami)(sent, FakeContext())) == expected


def test_a_failure_is_told_to_the_log_alone(
    adapter: Around, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: Any, context: Any) -> Any:
        raise ValueError("the reason")

    with caplog.at_level(logging.INFO):
        answer = adapter(broken)(request('{"a": "of the event"}'), FakeContext())
    assert body_of(answer, 500) == {
        "message": "Internal Server Error",
        "requestId": "request-1",
    }
    assert "the reason" in caplog.text
    assert "of the event" not in caplog.text


def test_a_result_beyond_json(adapter: Around, caplog: pytest.LogCaptureFixture) -> None:
    answer = adapter(lambda event, context: {1, 2})(request(), FakeContext())
    assert body_of(answer, 500)["message"] == "Internal Server Error"
    assert "example returned set" in caplog.text


def test_a_function_out_of_time(adapter: Around, caplog: pytest.LogCaptureFixture) -> None:
    context = FakeContext(seconds=0.26)

    async def slow(event: Any, _: Any) -> Any:
        context.seconds = 0.1  # time has passed
        await asyncio.Event().wait()

    answer = body_of(adapter(slow)(request(), context), 504)
    assert answer["message"] == "The function did not answer in time"
    assert "did not end in time" in caplog.text


def test_a_time_out_of_the_functions_own_is_a_failure(adapter: Around) -> None:
    async def impatient(event: Any, context: Any) -> Any:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)

    body_of(adapter(impatient)(request(), FakeContext()), 500)


def test_a_rest_api_is_not_taken_for_an_http_api(adapter: Around) -> None:
    sent = {**request(), "version": "1.0"}
    assert adapter(echo)(sent, FakeContext()) == sent
