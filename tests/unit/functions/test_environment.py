from __future__ import annotations

import json

from pydantic import SecretStr

from openapi_shim.emulator.functions.environment import (
    caller_json,
    emulator_account,
    gateway_keys,
    process_environment,
)
from openapi_shim.settings import Settings


def environment(own: dict[str, str], variables: dict[str, str] | None = None) -> dict[str, str]:
    return process_environment(
        own, Settings(), "http://127.0.0.1:1", folder="/functions/f", variables=variables or {}
    )


def test_the_developers_own_credentials_stay_out() -> None:
    own = {
        "PATH": "/bin",
        "OPENAPI_SHIM_SECRET": "mine",
        "OPENAPI_SHIM_ACCESS_TOKEN": "mine",
        "WX_CLOUDBASE_ACCESSTOKEN": "mine",
        "WX_API_TOKEN": "mine",
        "TENCENTCLOUD_SECRETKEY": "mine",
        "CLOUDBASE_APIKEY": "mine",
    }
    got = environment(own)
    assert "mine" not in got.values()
    assert got["PATH"] == "/bin"
    assert got["OPENAPI_SHIM_BASE_URL"] == "http://127.0.0.1:1"
    assert got["OPENAPI_SHIM_FUNCTION_DIR"] == "/functions/f"
    assert got["TENCENTCLOUD_RUNENV"] == "SCF"
    assert json.loads(got["TCB_CONTEXT_CNFG"]) == {"URL": "http://127.0.0.1:1/admin"}
    assert got["WX_APPID"] == got["OPENAPI_SHIM_APPID"] != ""
    assert got["SCF_NAMESPACE"] == "local"


def test_the_functions_own_variables_count_but_not_over_the_platforms() -> None:
    got = environment({"A": "own", "TZ": "Asia/Shanghai"}, {"A": "function", "TCB_ENV": "x"})
    assert (got["A"], got["TCB_ENV"], got["TZ"]) == ("function", "local", "UTC")
    assert environment({}, {"TZ": "Asia/Tokyo"})["TZ"] == "Asia/Tokyo"


def test_the_account_is_the_one_the_emulator_accepts() -> None:
    assert all(emulator_account(Settings()))
    settings = Settings(emulator_appid="wx1", emulator_secret=SecretStr("s"))
    assert emulator_account(settings) == ("wx1", "s")


def test_the_keys_are_those_the_gateway_checks() -> None:
    settings = Settings(gateway_secret_id="AKID1", gateway_secret_key=SecretStr("k"))
    assert gateway_keys(settings).secret_id == "AKID1"
    assert gateway_keys(Settings()).secret_id == "local"


def test_a_callers_variables_and_user() -> None:
    raw = caller_json(env="e", appid="wx1", openid="o1", source="wx_client", uid="")
    assert b"\n" not in raw
    told = json.loads(raw)
    assert told["user"] == {"appId": "wx1", "openId": "o1"}
    assert told["environ"]["WX_OPENID"] == "o1"
    assert "WX_API_TOKEN" in told["environ"]["WX_CONTEXT_KEYS"].split(",")
    assert "WX_API_TOKEN" not in told["environ"]
    nobody = json.loads(caller_json(env="e", appid="wx1", openid="", source="wx_http", uid=""))
    assert nobody["user"] is None
    assert "WX_OPENID" not in nobody["environ"]["WX_CONTEXT_KEYS"].split(",")
