"""The gateway's URL, and what a request says of where it comes from."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from openapi_shim.credentials.cloudbase import CloudKeys
from openapi_shim.protocol import tc3
from openapi_shim.transports.cloudbase_request import (
    AGENT,
    Endpoint,
    GatewayRequest,
    Moment,
    gateway_request,
    gateway_url,
)

SCF = {"TENCENTCLOUD_RUNENV": "SCF", "TENCENTCLOUD_REGION": "ap-shanghai"}
KEYS = CloudKeys("id", "key", "session")


def request(members: dict[str, Any], environ: dict[str, str], **more: Any) -> GatewayRequest:
    values: dict[str, Any] = {
        "env": "e1",
        "keys": KEYS,
        "tokens": {"wxCloudApiToken": "tok"},
        "environ": environ,
        "endpoint": Endpoint(),
        "moment": Moment(1_600_000_000_123, 10, "BOUNDARY"),
    }
    return gateway_request(members, **(values | more))


@pytest.mark.parametrize(
    ("env", "environ", "endpoint", "url"),
    [
        ("e1", {}, Endpoint(), "https://e1.tcb-api.tencentcloudapi.com/admin"),
        ("", {}, Endpoint(), "https://tcb-api.tencentcloudapi.com/admin"),
        ("E!", {}, Endpoint(), "https://tcb-api.tencentcloudapi.com/admin"),
        ("e1", {}, Endpoint(region="r", protocol="http"), "http://e1.r.tcb-api.tencentcloudapi.com/admin"),
        ("e1", SCF, Endpoint(), "http://e1.internal.ap-shanghai.tcb-api.tencentcloudapi.com/admin"),
        ("e1", SCF, Endpoint(region="r"), "http://e1.r.tcb-api.tencentcloudapi.com/admin"),
        ("e1", {"TCB_CONTEXT_CNFG": '{"URL":"http://h:1/admin"}'}, Endpoint(), "http://h:1/admin"),
        ("e1", {"TCB_CONTEXT_CNFG": "{"}, Endpoint(service_url="http://s/admin"), "http://s/admin"),
        ("e1", {"TCB_CONTEXT_CNFG": "[1]"}, Endpoint(), "https://e1.tcb-api.tencentcloudapi.com/admin"),
    ],
)  # fmt: skip
def test_where_the_gateway_is(
    env: str, environ: dict[str, str], endpoint: Endpoint, url: str
) -> None:
    place, _, query = gateway_url(env, environ, endpoint, "s").partition("?")
    assert place == url
    assert query == f"env={env.replace('!', '%21')}&seqId=s"


def test_a_query_of_its_own_is_continued() -> None:
    url = gateway_url("e", {}, Endpoint(service_url="http://s/admin?a=1&"), "s")
    assert url == "http://s/admin?a=1&env=e&seqId=s"


@pytest.mark.parametrize(
    ("environ", "source"),
    [
        (SCF | {"TCB_SOURCE": "wx_client"}, ",scf"),
        (SCF | {"TCB_SOURCE": "wx_client", "TCB_CONTEXT_KEYS": "TCB_SOURCE"}, "wx_client,scf"),
        ({"CBR_ENV_ID": "e"}, ",cbr"),
        ({"SUMERU_ENV": "pre"}, ",sumeru"),
        ({"TENCENTCLOUD": "true"}, ",tencentcloud"),
        ({}, ",unknown"),
    ],
)
def test_the_source(environ: dict[str, str], source: str) -> None:
    assert request({"action": "a"}, environ).headers["X-TCB-Source"] == source


def test_a_json_request_whole() -> None:
    environ = SCF | {
        "TCB_CONTEXT_KEYS": "TCB_SEQID,TCB_TRACELOG,TCB_ROUTE_KEY,TCB_SESSIONTOKEN",
        "TCB_SEQID": "sq",
        "TCB_TRACELOG": "on",
        "TCB_ROUTE_KEY": "rk",
        "TCB_SESSIONTOKEN": "tcbs",
        "TCB_CONTEXT_CNFG": '{"URL":"http://h:1/admin"}',
    }
    made = request({"action": "functions.invokeFunction", "x": None, "function_name": "f"}, environ)
    assert made.url == "http://h:1/admin?env=e1&seqId=sq-174876e807b_a"
    assert json.loads(made.body) == {
        "action": "functions.invokeFunction",
        "function_name": "f",
        "envName": "e1",
        "wxCloudApiToken": "tok",
        "tcb_sessionToken": "tcbs",
        "sessionToken": "session",
        "crossAuthorizationToken": "",
    }
    authorization = made.headers.pop("Authorization")
    assert made.headers == {
        "content-type": "application/json",
        "User-Agent": AGENT,
        "X-TCB-Source": ",scf",
        "X-Client-Timestamp": "1600000000123",
        "X-SDK-Version": AGENT,
        "Host": "h:1",
        "X-TCB-Tracelog": "on",
        "X-TCB-Region": "ap-shanghai",
        "X-TCB-Route-Key": "rk",
        "X-Signature-Expires": "600",
        "X-Timestamp": "1599999999",
    }
    given = tc3.parse(authorization)
    assert "x-tcb-route-key" in given.headers
    assert tc3.verify(
        given,
        secret_key="key",
        url=made.url,
        headers=made.headers,
        params=made.members,
        timestamp=1_599_999_999,
    )


def test_a_form_with_another_accounts_token() -> None:
    made = request({"action": "a", "requestData": b"\r\n"}, {}, cross_account={"mpToken": "m"})
    assert made.headers["content-type"] == "multipart/form-data; boundary=BOUNDARY"
    parts = made.body.split(b"--BOUNDARY")
    assert parts[2] == (
        b'\r\nContent-Disposition: form-data; name="requestData"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n\r\n"
    )
    token = made.members["crossAuthorizationToken"]
    assert json.loads(base64.b64decode(token)) == {"mpToken": "m"}
    assert parts[-1] == b"--\r\n"
