"""getWXContext."""

from __future__ import annotations

import pytest

from openapi_shim import cloud
from openapi_shim.sdk.context import wx_environment


def test_nothing_without_the_list_of_keys() -> None:
    with wx_environment({"TCB_ENV": "e", "WX_OPENID": "o"}):
        assert cloud.getWXContext() == {}


def test_listed_keys_without_their_prefix_and_never_a_token() -> None:
    environ = {
        "WX_CONTEXT_KEYS": "WX_OPENID,,WX_APPID,WX_UNIONID,WX_API_TOKEN,WX_TRIGGER_API_TOKEN_V0",
        "WX_OPENID": "o",
        "WX_APPID": "123456789012345678901",
        "WX_API_TOKEN": "t",
        "WX_TRIGGER_API_TOKEN_V0": "t",
        "WX_CLIENTIP": "not listed",
        "SCF_NAMESPACE": "e",
        "TCB_SOURCE": "wx_client",
    }
    with wx_environment(environ):
        assert cloud.getWXContext() == {
            "OPENID": "o",
            "APPID": "123456789012345678901",
            "ENV": "e",
            "SOURCE": "wx_client",
        }


def test_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WX_CONTEXT_KEYS", "WX_OPENID")
    monkeypatch.setenv("WX_OPENID", "o")
    monkeypatch.setenv("TCB_ENV", "e")
    monkeypatch.delenv("TCB_SOURCE", raising=False)
    assert cloud.getWXContext() == {"OPENID": "o", "ENV": "e"}
