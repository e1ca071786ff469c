"""Who calls: one trusted source, whole, and nothing that a caller can write."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from openapi_shim.scf.identity import caller_variables
from openapi_shim.sdk.context import environment, read_wx_context, wx_environment

PROCESS = {
    "PATH": "/bin",
    "TCB_ENV": "prod-1",
    "SCF_NAMESPACE": "prod-1",
    "TENCENTCLOUD_SECRETID": "id",
    "TCB_CONTEXT_KEYS": "TCB_ENV,TCB_SOURCE",
}
STALE = {
    **PROCESS,
    "WX_CONTEXT_KEYS": "WX_OPENID,WX_APPID,WX_UNIONID",
    "WX_OPENID": "stale",
    "WX_APPID": "wxstale",
    "WX_UNIONID": "stale-union",
    "TCB_SOURCE": "wx_client",
}
CALLER = {
    "WX_CONTEXT_KEYS": "WX_API_TOKEN,WX_OPENID,WX_APPID",
    "WX_API_TOKEN": "token",
    "WX_OPENID": "o1",
    "WX_APPID": "wx1",
    "TCB_SOURCE": "wx_client",
}


def seen(context: Mapping[str, object], process: Mapping[str, str]) -> dict[str, str]:
    with wx_environment(caller_variables(context, process)):
        return read_wx_context()


def test_the_context_s_json_goes_before_the_process_s_variables() -> None:
    context = {"environment": json.dumps(CALLER), "environ": "WX_CONTEXT_KEYS=WX_OPENID"}
    assert seen(context, STALE) == {
        "OPENID": "o1",
        "APPID": "wx1",
        "ENV": "prod-1",
        "SOURCE": "wx_client",
    }


def test_nothing_of_another_caller_is_mixed_in() -> None:
    timer = {"WX_CONTEXT_KEYS": "WX_APPID,WX_UNIONID", "WX_APPID": "wx1"}
    found = seen({"environment": json.dumps(timer)}, STALE)
    assert found == {"APPID": "wx1", "UNIONID": "", "ENV": "prod-1"}
    with wx_environment(caller_variables({"environment": json.dumps(timer)}, STALE)):
        assert environment()["WX_OPENID"] == ""


def test_the_older_form_keeps_commas() -> None:
    text = ";".join(f"{name}={value}" for name, value in CALLER.items()) + ";nonsense;a=b=c"
    found = caller_variables({"environ": text}, PROCESS)
    assert found["WX_CONTEXT_KEYS"] == CALLER["WX_CONTEXT_KEYS"]
    assert found["a"] == "b=c"
    assert seen({"environ": text}, STALE)["OPENID"] == "o1"


def test_a_name_that_is_there_twice_is_nobody_s(caplog: pytest.LogCaptureFixture) -> None:
    # A value that a caller chose, with a semicolon in it.
    text = "WX_CONTEXT_KEYS=WX_OPENID,WX_APPID;X=1;WX_OPENID=evil;WX_OPENID=o1;WX_APPID=wx1"
    assert seen({"environ": text}, STALE).get("OPENID", "") == ""
    assert "WX_OPENID twice" in caplog.text
    assert "evil" not in caplog.text


def test_without_a_context_the_process_s_variables_count() -> None:
    assert seen({}, STALE)["OPENID"] == "stale"
    assert seen({}, PROCESS) == {}


def test_a_context_that_lists_no_keys_says_nothing_of_the_caller() -> None:
    context = {"environment": json.dumps({"WX_OPENID": "unlisted", "TENCENTCLOUD_SECRETID": "n"})}
    assert seen(context, STALE)["OPENID"] == "stale"
    assert caller_variables(context, STALE)["TENCENTCLOUD_SECRETID"] == "n"


@pytest.mark.parametrize("broken", ["{", "[]", "7", "[" * 100_000, ""])
def test_a_broken_environment_falls_to_the_next_source(broken: str) -> None:
    context = {"environment": broken, "environ": "WX_CONTEXT_KEYS=WX_OPENID;WX_OPENID=o2"}
    assert seen(context, STALE)["OPENID"] == "o2"


def test_values_of_other_kinds() -> None:
    given = {
        **CALLER,
        "WX_UNIONID": 12345678901234567890,
        "WX_X": None,
        "WX_Y": ["a"],
        "WX_Z": True,
    }
    found = caller_variables({"environment": json.dumps(given)}, PROCESS)
    assert found["WX_UNIONID"] == "12345678901234567890"
    assert not {"WX_X", "WX_Y", "WX_Z"} & set(found)


def test_the_token_authorizes_calls_and_is_never_shown() -> None:
    context = {"environment": json.dumps(CALLER)}
    with wx_environment(caller_variables(context, PROCESS)):
        assert environment()["WX_API_TOKEN"] == "token"
        assert "API_TOKEN" not in read_wx_context()


def test_variables_that_are_not_the_platform_s_stay_out() -> None:
    assert "PATH" not in caller_variables({}, PROCESS)
