"""``serve --open``: a developer's doors, on purpose; and the doors that keys open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import serving


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Another state than that of the other servers."""
    root = tmp_path_factory.mktemp("open")
    (root / "functions").symlink_to(folder / "functions")
    return root


def test_open(own_folder: Path) -> None:
    unset = {"OPENAPI_SHIM_EMULATOR_APPID": "", "OPENAPI_SHIM_EMULATOR_SECRET": ""}
    with serving(own_folder, "--open", "--processes", "1", env=unset) as server:
        assert server.wrote(r"for any appid and secret \(--open\)")
        token = server.token()
        result = server.invoke(token, "who", {}, {"X-Openapi-Shim-Openid": "oDeveloper"})
        assert result["context"]["OPENID"] == "oDeveloper"
        signed_in = server.call("POST", "/auth/v1/signin/anonymously", b"{}")
        assert "access_token" in signed_in.json
        # Only this machine reaches it: a name that leads here for a while is none of its names.
        assert server.call("GET", "/cgi-bin/token", None, {"Host": "evil.example"}).status == 403


def test_keys_open_the_gateway_and_an_address_opens_storage(own_folder: Path) -> None:
    env = {
        "OPENAPI_SHIM_GATEWAY_SECRET_ID": "id",
        "OPENAPI_SHIM_GATEWAY_SECRET_KEY": "key",
        "OPENAPI_SHIM_PUBLIC_URL": "https://shim.example/",
    }
    with serving(own_folder, "--processes", "1", env=env) as server:
        unsigned = server.call("POST", "/admin", b'{"action": "functions.invokeFunction"}')
        assert unsigned.json["code"] == "SIGN_PARAM_INVALID"
        body = json.dumps({"path": "a.txt", "env": "local"}).encode()
        granted = server.call("POST", f"/tcb/uploadfile?access_token={server.token()}", body).json
        assert granted["url"].startswith("https://shim.example/storage/")
        assert server.call("GET", "/cgi-bin/token", None, {"Host": "shim.example"}).status == 200
        assert server.invoke(server.token(), "who", {})["event"] == {}
