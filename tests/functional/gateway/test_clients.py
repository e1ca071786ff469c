from __future__ import annotations

import io
import json
from typing import Any

import pytest

from openapi_shim.emulator.gateway.logins import LIFETIME
from tests.functional.gateway.conftest import Gateway, StartGateway, failing
from tests.unit.wechat.fakes import FakeClock

PAGE = "http://localhost:3000"


async def _login(gateway: Gateway, query: str = "") -> dict[str, Any]:
    # As the SDK does it: JSON that calls itself text.
    headers = {"Content-Type": "text/plain"}
    path = f"/auth/v1/signin/anonymously{query}"
    body: dict[str, Any] = await gateway.post(path, data=b"{}", headers=headers)
    return body


def _bearer(login: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"{login['token_type']} {login['access_token']}"}


async def test_an_anonymous_user(gateway: Gateway) -> None:
    login = await _login(gateway)
    assert (login["scope"], login["expires_in"]) == ("anonymous", LIFETIME)
    async with gateway.session.get(
        f"{gateway.url}/auth/v1/user/me", headers=_bearer(login)
    ) as response:
        assert (await response.json())["sub"] == login["sub"]
    assert (await _login(gateway))["sub"] != login["sub"]
    assert login["access_token"] not in gateway.log()


async def test_a_refreshed_login_is_the_same_user(start_gateway: StartGateway) -> None:
    clock = FakeClock()
    gateway = await start_gateway(clock=clock)
    login = await _login(gateway)
    clock.now += LIFETIME + 1
    body = await gateway.post("/v1/functions/f", json={}, headers=_bearer(login), status=401)
    assert body["code"] == "ACCESS_TOKEN_EXPIRED"
    asked = {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]}
    renewed = await gateway.post("/auth/v1/token", json=asked)
    assert renewed["sub"] == login["sub"]
    await gateway.post("/v1/functions/f", json={}, headers=_bearer(renewed))
    clock.now += 40 * 86400
    expired = await gateway.post("/auth/v1/token", json=asked, status=400)
    assert expired["error"] == "refresh_token_expired"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "refresh_token", "refresh_token": 5},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "refresh_token", "refresh_token": "a.b.c"},
        {"grant_type": "refresh_token", "refresh_token": "a.e30.c"},
        {"grant_type": "refresh_token", "refresh_token": "x" * 9000},
    ],
)
async def test_what_refreshes_nothing(gateway: Gateway, asked: dict[str, Any]) -> None:
    body = await gateway.post("/auth/v1/token", json=asked, status=400)
    assert body["error"]
    assert body["error_description"]


async def test_an_access_token_refreshes_nothing(gateway: Gateway) -> None:
    login = await _login(gateway)
    asked = {"grant_type": "refresh_token", "refresh_token": login["access_token"]}
    body = await gateway.post("/auth/v1/token", json=asked, status=400)
    assert body["error"] == "invalid_refresh_token"


async def test_other_logins_are_not_emulated(gateway: Gateway) -> None:
    body = await gateway.post("/auth/v1/signin", json={}, status=404)
    assert body["error_description"] == "/auth/v1/signin is not emulated"


async def test_a_functions_result_is_the_whole_answer(gateway: Gateway) -> None:
    login = await _login(gateway, "?client_id=my-env")
    headers = _bearer(login) | {"X-Request-Id": "my-own-id"}
    url = f"{gateway.url}/v1/functions/hello-1"
    async with gateway.session.post(url, data=b'{"a":1}', headers=headers) as response:
        assert await response.json() == {"hello": {"a": 1}}
        assert response.headers["X-Request-Id"] == "my-own-id"
    assert await gateway.post("/v1/functions/f", headers=headers) == {"hello": {}}
    seen = gateway.runner.seen[0]
    assert (seen.name, seen.uid, seen.openid, seen.source, seen.env) == (
        "hello-1",
        login["sub"],
        "",
        "web_client",
        "my-env",
    )


async def test_an_access_key_is_nobody(gateway: Gateway) -> None:
    await gateway.post("/v1/functions/f", headers={"Authorization": "Bearer any-key"})
    assert (gateway.runner.seen[0].uid, gateway.runner.seen[0].env) == ("", "local")


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer  ", "Basic x"])
async def test_without_credentials(gateway: Gateway, value: str | None) -> None:
    headers = {} if value is None else {"Authorization": value}
    for path in ("/v1/functions/f", "/v1/storages/delete-objects"):
        body = await gateway.post(path, json=[], headers=headers, status=401)
        assert body["code"] == "MISSING_CREDENTIALS"
    body = await gateway.post("/web", json={"action": "functions.invokeFunction"}, headers=headers)
    assert body["code"] == "MISSING_CREDENTIALS"


@pytest.mark.parametrize(
    ("errcode", "code", "status"),
    [
        (-501000, "FUNCTION_NOT_FOUND", 404),
        (-501004, "FUNCTION_EXCEED_RESOURCE_LIMIT", 429),
        (-504002, "FUNCTION_INVOCATION_FAILED", 400),
        (-504003, "FUNCTION_TIME_LIMIT_EXCEEDED", 400),
    ],
)
async def test_how_a_function_fails(gateway: Gateway, errcode: int, code: str, status: int) -> None:
    gateway.runner.error = failing(errcode, "why")
    body = await gateway.post(
        "/v1/functions/f", headers={"Authorization": "Bearer k"}, status=status
    )
    assert body["code"] == code


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'"x"'])
async def test_what_is_no_event(gateway: Gateway, data: bytes) -> None:
    body = await gateway.post(
        "/v1/functions/f", data=data, headers={"Authorization": "Bearer k"}, status=400
    )
    assert (body["code"], body["message"]) == ("FUNCTION_PARAM_INVALID", "bad http request body")


async def test_an_event_of_7_mb(gateway: Gateway) -> None:
    data = io.BytesIO(json.dumps({"a": "x" * 7_000_000}).encode())
    headers = {"Authorization": "Bearer k"}
    body = await gateway.post("/v1/functions/f", data=data, headers=headers, status=413)
    assert body["code"] == "EXCEED_MAX_PAYLOAD_SIZE"


async def test_other_methods(gateway: Gateway) -> None:
    for path in ("/v1/functions/f", "/v1/storages/delete-objects"):
        async with gateway.session.get(gateway.url + path) as response:
            assert response.status == 405
    async with gateway.session.get(f"{gateway.url}/web") as response:
        assert (await response.json())["code"] == "INVALID_REQUEST"


async def test_the_other_mode(gateway: Gateway) -> None:
    login = await _login(gateway)
    body = {
        "action": "functions.invokeFunction",
        "env": "my-env",
        "function_name": "f",
        "request_data": '{"a":1}',
        "access_token": login["access_token"],
    }
    answer = await gateway.post("/web?env=my-env", json=body)
    assert json.loads(answer["data"]["response_data"]) == {"hello": {"a": 1}}
    assert gateway.runner.seen[0].uid == login["sub"]
    gateway.runner.error = failing(-504002, "why")
    assert (await gateway.post("/web", json=body))["code"] == "FUNCTIONS_EXECUTE_FAIL"
    body["action"] = "wx.api"
    assert (await gateway.post("/web", json=body))["code"] == "INVALID_ACTION"
    body |= {"env": "../etc"}
    assert (await gateway.post("/web", json=body))["code"] == "INVALID_ENV"


async def test_storage(gateway: Gateway) -> None:
    headers = _bearer(await _login(gateway, "?client_id=my-env"))

    async def ask(action: str, *items: Any) -> Any:
        return await gateway.post(f"/v1/storages/{action}", json=items, headers=headers)

    (grant,) = await ask("get-objects-upload-info", {"objectId": "a/b.txt"})
    assert grant["cloudObjectId"].startswith("cloud://my-env.")
    sent = {
        "authorization": grant["authorization"],
        "x-cos-security-token": grant["token"],
        "x-cos-meta-fileid": grant["cloudObjectMeta"],
    }
    async with gateway.session.put(grant["uploadUrl"], data=b"hello", headers=sent) as response:
        assert response.status == 200
    item = {"cloudObjectId": grant["cloudObjectId"]}
    found, missing = await ask("get-objects-download-info", item, {"cloudObjectId": "x"})
    async with gateway.session.get(found["downloadUrl"]) as response:
        assert await response.read() == b"hello"
    assert missing["code"] == "INVALID_PARAM"
    first, again = await ask("delete-objects", item, item)
    assert "code" not in first
    assert again["code"] == "STORAGE_FILE_NONEXIST"
    (refused,) = await ask("get-objects-upload-info", {"objectId": "../x"})
    assert refused["code"] == "INVALID_PARAM"


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[5]", b'[{"cloudObjectId":5}]', b"[]"])
async def test_what_is_no_list_of_objects(gateway: Gateway, data: bytes) -> None:
    body = await gateway.post(
        "/v1/storages/delete-objects",
        data=data,
        headers={"Authorization": "Bearer k"},
        status=400,
    )
    assert body["code"] == "INVALID_PARAM"


async def test_an_unknown_storage_action(gateway: Gateway) -> None:
    headers = {"Authorization": "Bearer k"}
    body = await gateway.post("/v1/storages/copy-objects", json=[], headers=headers, status=404)
    assert body["message"] == "storages/copy-objects is not emulated"


@pytest.mark.parametrize(
    "origin",
    ["http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:5173"],
)
@pytest.mark.parametrize("path", ["/v1/functions/f", "/web?env=e", "/auth/v1/user/me", "/admin"])
async def test_a_local_page_is_let_in(gateway: Gateway, origin: str, path: str) -> None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
    }
    async with gateway.session.options(gateway.url + path, headers=headers) as response:
        assert response.status == 204
        allowed = response.headers["Access-Control-Allow-Headers"]
        assert {"authorization", "content-type", "x-request-id"} <= set(allowed.split(","))
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Access-Control-Allow-Origin"] == origin
    # The answer itself, an error too, can be read by the page.
    async with gateway.session.post(gateway.url + path, headers={"Origin": origin}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.com",
        "null",
        "http://localhost.example.com",
        "http://localhost:3000.example.com",
        "http://127.0.0.1:80@example.com",
        "file://",
        "http://192.168.1.2",
    ],
)
async def test_other_pages_are_not(gateway: Gateway, origin: str) -> None:
    headers = {"Origin": origin, "Authorization": "Bearer k"}
    async with gateway.session.options(
        f"{gateway.url}/v1/functions/f", headers=headers
    ) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
    for path, status in (("/v1/functions/f", 403), ("/web", 200), ("/admin", 200)):
        body = await gateway.post(path, json={}, headers=headers, status=status)
        assert body["code"] == "INVALID_REQUEST_SOURCE"
    assert gateway.runner.seen == []


async def test_a_fault_shows_itself_to_a_page_too(gateway: Gateway) -> None:
    gateway.runner.error = KeyError("oops")
    headers = {"Origin": PAGE, "Authorization": "Bearer k"}
    url = f"{gateway.url}/v1/functions/f"
    async with gateway.session.post(url, headers=headers) as response:
        assert response.status == 500
        assert (await response.json())["code"] == "SYS_ERR"
        assert response.headers["Access-Control-Allow-Origin"] == PAGE
