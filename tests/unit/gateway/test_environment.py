from __future__ import annotations

import json

from openapi_shim.emulator.gateway.environment import (
    GatewayKeys,
    caller_environment,
    gateway_environment,
)


def test_one_variable_redirects_the_server_sdks() -> None:
    environ = gateway_environment("http://127.0.0.1:8420")
    assert json.loads(environ["TCB_CONTEXT_CNFG"]) == {"URL": "http://127.0.0.1:8420/admin"}
    assert environ["OPENAPI_SHIM_BASE_URL"] == "http://127.0.0.1:8420"


def test_keys_are_always_there_since_the_sdk_dies_without() -> None:
    assert gateway_environment("http://x")["TENCENTCLOUD_SECRETKEY"] == "local"
    environ = gateway_environment("http://x", GatewayKeys("AKID", "KEY", "SESSION"))
    assert environ["TENCENTCLOUD_SECRETID"] == "AKID"
    assert environ["TENCENTCLOUD_SECRETKEY"] == "KEY"
    assert environ["TENCENTCLOUD_SESSIONTOKEN"] == "SESSION"
    assert "KEY" not in repr(GatewayKeys("AKID", "KEY", "KEY"))


def test_only_what_there_is_is_listed() -> None:
    environ = caller_environment(env="local", appid="wx1", token="t")
    assert environ["WX_CONTEXT_KEYS"] == "WX_API_TOKEN,WX_APPID"
    assert environ["WX_OPENID"] == ""
    assert environ["TCB_ISANONYMOUS_USER"] == ""


def test_a_user_and_his_source() -> None:
    environ = caller_environment(
        env="local", appid="wx1", openid="o1", source="wx_client", token="t"
    )
    assert environ["WX_CONTEXT_KEYS"] == "WX_API_TOKEN,WX_OPENID,WX_APPID,WX_CLIENTIP"
    assert environ["TCB_SOURCE"] == "wx_client"


def test_every_call_sets_the_same_variables() -> None:
    bare = caller_environment(env="local", appid="wx1")
    full = caller_environment(env="e", appid="a", openid="o", source="s", token="t", uid="u")
    assert bare.keys() == full.keys()
