from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from openapi_shim.emulator.functions.environment import (
    call_context,
    emulator_account,
    process_environment,
)
from openapi_shim.emulator.functions.folder import Function
from openapi_shim.settings import Settings
from openapi_shim.wechat.tcb import Invocation

FUNCTION = Function("f", Path("/functions/f"))


def test_the_developers_own_credentials_stay_out() -> None:
    own = {
        "PATH": "/bin",
        "OPENAPI_SHIM_SECRET": "mine",
        "OPENAPI_SHIM_ACCESS_TOKEN": "mine",
        "WX_CLOUDBASE_ACCESSTOKEN": "mine",
        "WX_API_TOKEN": "mine",
    }
    environment = process_environment(own, Settings(), FUNCTION, "http://127.0.0.1:1")
    assert "mine" not in environment.values()
    assert environment["PATH"] == "/bin"
    assert environment["OPENAPI_SHIM_BASE_URL"] == "http://127.0.0.1:1"
    assert environment["OPENAPI_SHIM_FUNCTION_DIR"] == "/functions/f"
    assert environment["TENCENTCLOUD_RUNENV"] == "SCF"
    assert environment["WX_APPID"] == environment["OPENAPI_SHIM_APPID"] != ""


def test_the_account_is_the_one_the_emulator_accepts() -> None:
    assert all(emulator_account(Settings()))
    settings = Settings(emulator_appid="wx1", emulator_secret=SecretStr("s"))
    assert emulator_account(settings) == ("wx1", "s")


def test_the_context_has_the_platforms_keys() -> None:
    context = call_context(Invocation("f", "{}", "prod", "wx9"), "id-1", 2.5)
    assert context["request_id"] == "id-1"
    assert context["function_name"] == "f"
    assert context["time_limit_in_ms"] == 2500
    environment = json.loads(str(context["environment"]))
    assert environment["TCB_ENV"] == environment["SCF_NAMESPACE"] == "prod"
    assert environment["WX_APPID"] == "wx9"
    assert "TCB_SOURCE=wx_http" in str(context["environ"]).split(";")
