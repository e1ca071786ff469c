"""Calls without a token, beside a container's open-interface service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError
from openapi_shim.errors import ConfigError
from openapi_shim.settings import Settings, load_settings
from openapi_shim.transports.https import HttpsTransport
from openapi_shim.transports.tokenless import base_of

from .conftest import Recorder

URL = "http://h/1.jpg"


async def test_no_token_is_sent_and_none_is_asked_for(
    make_cloud: Callable[..., Cloud], wechat: Recorder
) -> None:
    """Even where credentials are configured, as here an appid and its secret."""
    result = await make_cloud(tokenless=True).openapi.ocr.driverLicense(imgUrl=URL)
    assert result["errCode"] == 0
    assert wechat.token_requests() == []
    (request,) = wechat.calls()
    assert request.query == {"img_url": URL}


@pytest.mark.parametrize(
    ("code", "advice"),
    [(85107, "list it"), (85113, "call again"), (41001, "not at start-up")],
)
async def test_what_the_service_answers_is_explained(
    code: int, advice: str, make_cloud: Callable[..., Cloud], wechat: Recorder
) -> None:
    wechat.answers = [{"errcode": code, "errmsg": "no"}]
    with pytest.raises(CloudError) as caught:
        await make_cloud(tokenless=True).openapi.ocr.driverLicense(imgUrl=URL)
    assert caught.value.errCode == code
    assert advice in caught.value.errMsg


async def test_a_bad_gateway_is_explained(
    make_cloud: Callable[..., Cloud], wechat: Recorder
) -> None:
    wechat.answers = [web.Response(status=502)]
    with pytest.raises(CloudError, match=r"502 Bad Gateway .*list it"):
        await make_cloud(tokenless=True).openapi.ocr.driverLicense(imgUrl=URL)


async def test_with_tokens_nothing_is_explained_away(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [{"errcode": 85107, "errmsg": "as it came"}]
    with pytest.raises(CloudError, match="as it came"):
        await cloud.openapi.ocr.driverLicense(imgUrl=URL)


def test_it_goes_by_plain_http() -> None:
    assert base_of(Settings(tokenless=True)) == "http://api.weixin.qq.com"
    assert base_of(Settings()) == "https://api.weixin.qq.com"


def test_https_is_refused_with_the_next_step(tmp_path: Path) -> None:
    environ = {
        "OPENAPI_SHIM_TOKENLESS": "true",
        "OPENAPI_SHIM_BASE_URL": "https://api.weixin.qq.com",
    }
    with pytest.raises(ConfigError, match=r"set http://api\.weixin\.qq\.com"):
        HttpsTransport(load_settings(environ=environ, function_dir=tmp_path))
