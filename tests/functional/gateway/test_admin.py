from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.emulator.gateway.invocations import Caller
from openapi_shim.permissions import PermissionList
from openapi_shim.protocol import tc3
from tests.functional.gateway.conftest import APPID, Gateway, StartGateway, failing


def _caller(*allowed: str) -> Caller:
    permissions = PermissionList(frozenset(allowed), Path("f/config.json"), exists=True)
    return Caller("f", permissions, appid="wx1", openid="o1", source="wx_client", env="own-env")


async def _invoke(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    return await gateway.admin("functions.invokeFunction", **fields)


async def test_a_function_answers_its_result_as_text(gateway: Gateway) -> None:
    body = await _invoke(gateway, function_name="f", request_data='{"a":"中"}')
    assert json.loads(body["data"]["response_data"]) == {"hello": {"a": "中"}}
    assert len(body["requestId"]) == 36
    seen = gateway.runner.seen[0]
    assert (seen.name, seen.env, seen.appid, seen.openid, seen.source) == (
        "f",
        "my-env",
        APPID,
        "",
        "scf",
    )
    assert "POST /admin functions.invokeFunction f appid=wx00 code=SUCCESS" in gateway.log()


async def test_a_function_called_by_a_function_keeps_the_caller(gateway: Gateway) -> None:
    token = gateway.tokens.mint(_caller(), seconds=3)
    await _invoke(gateway, function_name="f", wxCloudApiToken=token)
    seen = gateway.runner.seen[0]
    assert (seen.appid, seen.openid, seen.source) == ("wx1", "o1", "wx_client,scf")
    assert token not in gateway.log()


async def test_without_an_environment_the_callers_counts(gateway: Gateway) -> None:
    token = gateway.tokens.mint(_caller(), seconds=3)
    body = {"action": "functions.invokeFunction", "function_name": "f", "wxCloudApiToken": token}
    await gateway.post("/admin?&eventId=1&seqId=2", json=body)
    body["wxCloudApiToken"] = ""
    await gateway.post("/admin", json=body)
    assert [seen.env for seen in gateway.runner.seen] == ["own-env", "local"]


@pytest.mark.parametrize(
    ("errcode", "code", "message"),
    [
        (-501000, "FUNCTION_NOT_FOUND", "FunctionName parameter could not be found."),
        (-501004, "EXCEED_CONCURRENT_REQUEST_LIMIT", "exceed concurrent request limit"),
        (-504002, "FUNCTIONS_EXECUTE_FAIL", "why"),
        (-504003, "FUNCTIONS_TIME_LIMIT_EXCEEDED", "why"),
        (-604001, "FUNCTIONS_EXECUTE_FAIL", "why"),
    ],
)
async def test_how_a_function_fails(
    gateway: Gateway, errcode: int, code: str, message: str
) -> None:
    gateway.runner.error = failing(errcode, "why")
    body = await _invoke(gateway, function_name="f")
    assert (body["code"], body["message"]) == (code, message)
    assert body["requestId"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"function_name": ""},
        {"function_name": 5},
        {"function_name": "f", "request_data": "{"},
        {"function_name": "f", "request_data": "[]"},
        {"function_name": "f", "request_data": '{"a": NaN}'},
        {"function_name": "f", "request_data": 5},
        {"function_name": "f", "request_data": "[" * 100_000},
    ],
)
async def test_what_is_no_call(gateway: Gateway, fields: dict[str, Any]) -> None:
    assert (await _invoke(gateway, **fields))["code"] == "INVALID_PARAM"
    assert gateway.runner.seen == []


@pytest.mark.parametrize("length", [7_000_000, 20_000_000])
async def test_an_event_of_7_mb_is_too_large(gateway: Gateway, length: int) -> None:
    body = await _invoke(gateway, function_name="f", request_data=json.dumps({"a": "x" * length}))
    assert body["code"] == "EXCEED_REQUEST_SIZE_LIMIT"
    assert gateway.runner.seen == []


async def test_bytes_of_an_event_count_not_characters(gateway: Gateway) -> None:
    data = json.dumps({"a": "中" * 2_200_000}, ensure_ascii=False)
    body = await _invoke(gateway, function_name="f", request_data=data)
    assert body["code"] == "EXCEED_REQUEST_SIZE_LIMIT"


async def test_an_event_just_below_6_mb_passes(gateway: Gateway) -> None:
    data = json.dumps({"a": '"' * 3_000_000})
    assert len(data) < 6 * 1024 * 1024
    assert "data" in await _invoke(gateway, function_name="f", request_data=data)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"a": -Infinity}', b"\xff\xfe", b"[" * 100_000]
)
async def test_what_is_no_json_object(gateway: Gateway, body: bytes) -> None:
    assert (await gateway.post("/admin", data=body))["code"] == "INVALID_PARAM"


async def test_get_is_refused(gateway: Gateway) -> None:
    async with gateway.session.get(f"{gateway.url}/admin") as response:
        assert (await response.json())["code"] == "INVALID_PARAM"


async def test_what_is_not_emulated_says_so(gateway: Gateway) -> None:
    body = await gateway.admin("database.getDocument", collectionName="x")
    assert body["code"] == "INVALID_ACTION"
    assert body["message"] == "database.getDocument is not emulated"
    body = await gateway.admin("nothing.atAll")
    assert body["message"] == "nothing.atAll is not emulated"
    assert (await gateway.admin(""))["code"] == "INVALID_PARAM"


@pytest.mark.parametrize("env", ["../x", "UPPER", "a" * 41, "a b", "a\n"])
async def test_what_names_no_environment(gateway: Gateway, env: str) -> None:
    body = await _invoke(gateway, function_name="f", envName=env)
    assert (body["code"], body["message"]) == ("INVALID_ENV", "Env invalid")


async def test_the_only_environment_there_is(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(emulator_env="prod-1")
    assert (await _invoke(gateway, function_name="f"))["code"] == "INVALID_ENV"
    assert "data" in await _invoke(gateway, function_name="f", envName="prod-1")


@pytest.mark.parametrize("ended", [True, False])
async def test_a_forged_or_replayed_token(gateway: Gateway, ended: bool) -> None:
    token = "forged-token"
    if ended:
        token = gateway.tokens.mint(_caller(), seconds=-10)
        gateway.tokens.end(token)
    body = await _invoke(gateway, function_name="f", wxCloudApiToken=token)
    assert (body["code"], body["message"]) == (
        "INVALID_REQUEST_SOURCE",
        "illegal source of invocation",
    )
    assert gateway.runner.seen == []
    assert token not in gateway.log()


async def test_a_fault_is_an_answer_too(gateway: Gateway) -> None:
    gateway.runner.error = KeyError("oops")
    body = await _invoke(gateway, function_name="f")
    assert (body["code"], body["message"]) == ("SYS_ERR", "internal exception")
    gateway.runner.error = None
    assert "data" in await _invoke(gateway, function_name="f")


async def test_a_body_that_never_ends(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(read_time=0.2)

    async def drip() -> Any:
        yield b"{"
        await asyncio.sleep(30)

    body = await gateway.post("/admin", data=drip())
    assert body["code"] == "INVALID_PARAM"


async def test_upload_links_delete(gateway: Gateway) -> None:
    grant = (await gateway.admin("storage.getUploadMetadata", path="a/b.txt", method="put"))["data"]
    assert grant["fileId"].startswith("cloud://my-env.")
    headers = {
        "authorization": grant["authorization"],
        "x-cos-security-token": grant["token"],
        "x-cos-meta-fileid": grant["cosFileId"],
    }
    async with gateway.session.put(grant["url"], data=b"hello", headers=headers) as response:
        assert response.status == 200
    asked = [{"fileid": grant["fileId"], "max_age": 60}, {"fileid": grant["fileId"] + "x"}, "bad"]
    links = (await gateway.admin("storage.batchGetDownloadUrl", file_list=asked))["data"]
    found, missing, bad = links["download_list"]
    assert (found["code"], found["maxAge"]) == ("SUCCESS", 60)
    assert found["tempFileURL"] == found["download_url"]
    assert "message" not in found
    assert (missing["code"], missing["tempFileURL"]) == ("STORAGE_FILE_NONEXIST", "")
    assert missing["message"]
    assert bad["code"] == "INVALID_PARAM"
    async with gateway.session.get(found["tempFileURL"]) as response:
        assert await response.read() == b"hello"
    ids = [grant["fileId"], grant["fileId"]]
    deleted = (await gateway.admin("storage.batchDeleteFile", fileid_list=ids))["data"]
    assert [file["code"] for file in deleted["delete_list"]] == ["SUCCESS", "STORAGE_FILE_NONEXIST"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("storage.getUploadMetadata", {}),
        ("storage.getUploadMetadata", {"path": "../x"}),
        ("storage.batchGetDownloadUrl", {}),
        ("storage.batchGetDownloadUrl", {"file_list": []}),
        ("storage.batchGetDownloadUrl", {"file_list": [5]}),
        ("storage.batchGetDownloadUrl", {"file_list": [{"fileid": "x", "max_age": "1"}]}),
        ("storage.batchGetDownloadUrl", {"file_list": [{"fileid": "x", "max_age": 1.5}]}),
        ("storage.batchGetDownloadUrl", {"file_list": [{"fileid": "x", "max_age": True}]}),
        ("storage.batchDeleteFile", {"fileid_list": "x"}),
        ("storage.batchDeleteFile", {"fileid_list": [5]}),
    ],
)
async def test_what_storage_refuses(gateway: Gateway, action: str, fields: dict[str, Any]) -> None:
    assert (await gateway.admin(action, **fields))["code"] == "INVALID_PARAM"


def _signed(gateway: Gateway, key: str, **changes: Any) -> tuple[str, dict[str, str], bytes]:
    fields = {"action": "functions.invokeFunction", "function_name": "f", "wxCloudApiToken": ""}
    timestamp = changes.get("timestamp", int(time.time()))
    url = f"{gateway.url}/admin?env=my-env"
    headers = {"Host": url.split("/")[2], "Content-Type": "application/json"}
    signature = tc3.authorization(
        secret_id=changes.get("secret_id", "AKID"),
        secret_key=key,
        url=url,
        headers=headers,
        params=fields,
        timestamp=timestamp,
    )
    headers |= {"Authorization": signature, "X-Timestamp": str(timestamp)}
    return url, headers, json.dumps(fields | changes.get("added", {})).encode()


async def test_signatures_are_checked_where_keys_are_fixed(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(gateway_secret_id="AKID", gateway_secret_key="right-key")

    async def code(key: str, **changes: Any) -> str:
        _, headers, body = _signed(gateway, key, **changes)
        answer = await gateway.post("/admin?env=my-env", data=body, headers=headers)
        return str(answer.get("code", "SUCCESS"))

    assert await code("right-key") == "SUCCESS"
    assert await code("wrong-key") == "SIGN_PARAM_INVALID"
    assert await code("right-key", secret_id="other") == "SIGN_PARAM_INVALID"
    assert await code("right-key", timestamp=int(time.time()) - 700) == "SIGN_PARAM_INVALID"
    assert await code("right-key", added={"function_name": "g"}) == "SIGN_PARAM_INVALID"
    assert await code("right-key", added={"extra": "x"}) == "SIGN_PARAM_INVALID"
    assert (await _invoke(gateway, function_name="f"))["code"] == "SIGN_PARAM_INVALID"
    for header in ("Bearer x", "TC3-HMAC-SHA256 nonsense"):
        body = await gateway.post("/admin", json={}, headers={"Authorization": header})
        assert body["code"] == "SIGN_PARAM_INVALID"
    assert "right-key" not in gateway.log()


async def test_the_timestamp_is_needed(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(gateway_secret_key="k")
    for value in ("", "x", "1" * 30, "-5"):
        _, headers, body = _signed(gateway, "k")
        headers["X-Timestamp"] = value
        answer = await gateway.post("/admin?env=my-env", data=body, headers=headers)
        assert answer["code"] == "SIGN_PARAM_INVALID"


async def test_a_client_that_hangs_up(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    writer.write(b"POST /admin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    assert "data" in await _invoke(gateway, function_name="f")
