"""Who calls, by the headers of WeChat CloudRun."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from openapi_shim.errors import WeChatError
from openapi_shim.serving.cloudrun import Identity, identity

GIVEN = [("X-WX-SOURCE", "wx_client"), ("X-WX-OPENID", "oCaller"), ("X-WX-APPID", "wxmini")]


def who(headers: list[tuple[str, str]]) -> Identity:
    return identity(make_mocked_request("POST", "/fn", headers=CIMultiDict(headers)))


def test_each_header_counts() -> None:
    assert who(GIVEN) == Identity("oCaller", "wxmini", "", "", "wx_client")


@pytest.mark.parametrize("name", ["X-WX-OPENID", "x-wx-openid", "X-WX-UNIONID", "X-WX-SOURCE"])
def test_a_header_that_is_there_twice_is_nobody_s(name: str) -> None:
    """The platform may put its own behind the caller's."""
    forged = [(name, "wx_client"), *GIVEN, (name, "wx_client")]
    with pytest.raises(WeChatError, match=f"{name.upper()} is there [23] times") as refused:
        who(forged)
    assert refused.value.errcode == 48001
