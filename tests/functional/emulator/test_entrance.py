"""No page of the web uses the emulator: neither by its Origin nor under a name of its own."""

from __future__ import annotations

import pytest

from openapi_shim.emulator.entrance import Address, check_host
from openapi_shim.errors import GatewayError

from .conftest import Emulator

DOORS = pytest.mark.parametrize(
    "path",
    [
        "/cgi-bin/stable_token",
        "/cv/ocr/drivinglicense",
        "/tcb/invokecloudfunction",
        "/tcb/batchdeletefile",
        "/admin",
        "/web",
        "/v1/functions/f",
        "/v1/storages/delete-objects",
        "/auth/v1/signin/anonymously",
        "/storage/6c6f-local-1250000000/a",
        "/no/such/path",
    ],
)


async def refusal(emulator: Emulator, path: str, **headers: str) -> str:
    async with emulator.session.post(emulator.url + path, json={}, headers=headers) as response:
        assert response.status == 403
        body = await response.json()
        assert response.headers["X-Openapi-Shim-Reason"] in body["message"]
    assert body["code"] == "INVALID_REQUEST_SOURCE"
    assert f"403 to POST {path} because" in emulator.log()
    message: str = body["message"]
    return message


@DOORS
async def test_a_foreign_page_is_refused_at_every_door(emulator: Emulator, path: str) -> None:
    assert "http://evil.example" in await refusal(emulator, path, Origin="http://evil.example")


@DOORS
async def test_a_foreign_name_is_refused_at_every_door(emulator: Emulator, path: str) -> None:
    assert "by the name evil.example" in await refusal(emulator, path, Host="evil.example:8420")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8420", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8420", 200),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example:8420", 403),
        ("evil.example:80@localhost", 403),
        ("[::1].evil.example", 403),
    ],
)
async def test_names(emulator: Emulator, host: str, status: int) -> None:
    url = f"{emulator.url}/cgi-bin/token"
    async with emulator.session.get(url, headers={"Host": host}) as response:
        assert response.status == status


async def test_a_page_of_this_machine_is_let_in(emulator: Emulator) -> None:
    headers = {"Origin": "http://localhost:5173"}
    async with emulator.session.get(f"{emulator.url}/cgi-bin/token", headers=headers) as response:
        assert response.status == 200


def test_the_address_it_was_bound_to() -> None:
    address = Address("http://127.0.0.5:8420")
    assert not address.names  # others may reach it: any name will do
    address.only_here("Box", "127.0.0.5", "::2")
    for host in ("box:8420", "127.0.0.5", "[::2]:1", "localhost", ""):
        check_host(host, address.names)
    with pytest.raises(GatewayError, match="call it by "):
        check_host("other", address.names)
