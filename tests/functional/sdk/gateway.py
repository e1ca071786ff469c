"""What a cloud environment's gateway answers, and what its requests say; for the tests."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from openapi_shim.protocol import messages, tc3

from .conftest import Seen

KEYS = {
    "TENCENTCLOUD_SECRETID": "AKIDtest",
    "TENCENTCLOUD_SECRETKEY": "secretkey",
    "TENCENTCLOUD_SESSIONTOKEN": "session",
}
CALLER = {
    "WX_CONTEXT_KEYS": "WX_API_TOKEN,WX_OPENID",
    "WX_API_TOKEN": "tok",
    "WX_OPENID": "o1",
    "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE",
    "TCB_ENV": "local-env",
    "TCB_SOURCE": "wx_client",
}


def message(name: str, **fields: Any) -> web.Response:
    """A protobuf answer."""
    body = messages.new(name, **fields).SerializeToString()
    return web.Response(body=body, content_type="application/octet-stream")


def wechat_json(document: Any, kind: str = "application/json") -> web.Response:
    """WeChat's answer to an operation."""
    text = document if isinstance(document, str) else json.dumps(document)
    return message("CommOpenApiResp", respData=text.encode(), contentType=kind, httpCode=200)


def members_of(seen: Seen) -> dict[str, Any]:
    """The members of a request's body: text, bytes for parts with a type, JSON values."""
    kind = seen.headers["Content-Type"]
    if not kind.startswith("multipart/form-data; boundary="):
        return dict(json.loads(seen.body))
    members: dict[str, Any] = {}
    for part in seen.body.split(b"--" + kind.partition("boundary=")[2].encode())[1:-1]:
        head, _, data = part[2:-2].partition(b"\r\n\r\n")
        name = head.split(b'name="')[1].split(b'"')[0].decode()
        members[name] = data if b"Content-Type" in head else data.decode()
    return members


def is_signed(seen: Seen, key: str = "secretkey") -> bool:
    """Whether the request is signed with *key*, all of its body and what must be."""
    given = tc3.parse(seen.headers["Authorization"])
    assert set(given.headers) >= {"host", "content-type", "x-tcb-source", "x-sdk-version"}
    members = members_of(seen)
    assert set(given.params or ()) == {name.lower() for name, value in members.items() if value}
    return tc3.verify(
        given,
        secret_key=key,
        url=f"http://{seen.headers['Host']}{seen.path}?{seen.raw_query}",
        headers=seen.headers,
        params=members,
        timestamp=int(seen.headers["X-Timestamp"]),
    )


def sent_message(seen: Seen) -> Any:
    """The CommApiData of a request."""
    return messages.decode("CommApiData", members_of(seen)["requestData"])
