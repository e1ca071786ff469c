"""An adapter around a function of the test's choice, and events as AWS sends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openapi_shim import cloud
from openapi_shim.aws.adapter import Adapter
from openapi_shim.hosting import loop
from openapi_shim.hosting.function import HostedFunction

Main = Callable[[Any, Any], Any]


@pytest.fixture(autouse=True)
def fresh_loop() -> Iterator[None]:
    """End the loop that a test's calls ran on."""
    cloud.init()
    yield
    if loop._loop is not None:
        loop._loop.run_until_complete(loop._loop.shutdown_asyncgens())
        loop._loop.close()
        loop._loop = None


@pytest.fixture
def adapter() -> Callable[[Main], Adapter]:
    return lambda main: Adapter(HostedFunction("example", main), "stack")


def request(
    body: str | None = None,
    *,
    content_type: str = "application/json",
    base64: bool = False,
    query: dict[str, str] | None = None,
    authorizer: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A request as an HTTP API sends it (payload format 2.0)."""
    context: dict[str, Any] = {
        "accountId": "111111111111",
        "apiId": "api",
        "http": {"method": "POST", "path": "/driverLicense", "sourceIp": "192.0.2.1"},
        "requestId": "gateway-1",
        "routeKey": "POST /driverLicense",
        "stage": "$default",
    }
    if authorizer is not None:
        context["authorizer"] = authorizer
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "POST /driverLicense",
        "rawPath": "/driverLicense",
        "rawQueryString": "",
        "headers": {"content-type": content_type, **(headers or {})},
        "requestContext": context,
        "isBase64Encoded": base64,
    }
    if body is not None:
        event["body"] = body
    if query:
        event["queryStringParameters"] = query
    return event


def batch(*bodies: Any, queue: str = "photos") -> dict[str, Any]:
    """Records as SQS sends them; a str is a body as it is."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:111111111111:{queue}",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
