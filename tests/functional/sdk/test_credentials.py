"""Where access tokens come from, how long they are kept, and what a refused one leads to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from openapi_shim import Cloud, CloudError
from openapi_shim.credentials.account import Account, GivenAccount
from openapi_shim.credentials.appid import AppidCredential
from openapi_shim.credentials.issuer import WeChatIssuer
from openapi_shim.errors import CredentialError, TransportError
from openapi_shim.settings import TokenEndpoint

from .conftest import Recorder

URL = "http://h/1.jpg"


async def call(cloud: Cloud) -> dict[str, Any]:
    return dict(await cloud.openapi.ocr.driverLicense(imgUrl=URL))


async def test_stable_token_is_asked_by_post(cloud: Cloud, wechat: Recorder) -> None:
    await call(cloud)
    await call(cloud)
    (request,) = wechat.token_requests()
    assert (request.method, request.path, request.raw_query) == (
        "POST",
        "/cgi-bin/stable_token",
        "",
    )
    assert json.loads(request.body) == {
        "grant_type": "client_credential",
        "appid": "wx1",
        "secret": "s3cr3t",
        "force_refresh": False,
    }


async def test_token_is_asked_by_get(make_cloud: Callable[..., Cloud], wechat: Recorder) -> None:
    await call(make_cloud(token_endpoint="token"))
    (request,) = wechat.token_requests()
    assert (request.method, request.path) == ("GET", "/cgi-bin/token")
    assert request.query == {
        "grant_type": "client_credential",
        "appid": "wx1",
        "secret": "s3cr3t",
    }


async def test_one_refresh_in_flight_however_many_wait(cloud: Cloud, wechat: Recorder) -> None:
    await asyncio.gather(*(call(cloud) for _ in range(50)))
    assert len(wechat.token_requests()) == 1
    assert {seen.query["access_token"] for seen in wechat.calls()} == {"T1"}


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once(cloud: Cloud, wechat: Recorder, code: int) -> None:
    wechat.answers = [{"errcode": code, "errmsg": "x"}]
    assert (await call(cloud))["errCode"] == 0
    assert [seen.query["access_token"] for seen in wechat.calls()] == ["T1", "T2"]


async def test_a_token_that_stays_refused_is_not_tried_for_ever(
    cloud: Cloud, wechat: Recorder
) -> None:
    wechat.answers = [{"errcode": 40001, "errmsg": "x"}] * 9
    with pytest.raises(CloudError) as caught:
        await call(cloud)
    assert caught.value.errCode == 40001
    assert len(wechat.calls()) == 2


async def test_force_refresh_is_the_last_resort(cloud: Cloud, wechat: Recorder) -> None:
    same = {"access_token": "S", "expires_in": 7200}
    wechat.token_answers = [same, same, {"access_token": "N", "expires_in": 7200}]
    wechat.answers = [{"errcode": 40001, "errmsg": "x"}]
    assert (await call(cloud))["errCode"] == 0
    forced = [json.loads(seen.body)["force_refresh"] for seen in wechat.token_requests()]
    assert forced == [False, False, True]
    assert [seen.query["access_token"] for seen in wechat.calls()] == ["S", "N"]


async def test_many_calls_with_one_refused_token_renew_it_once(
    cloud: Cloud, wechat: Recorder
) -> None:
    await call(cloud)
    wechat.answers = [{"errcode": 42001, "errmsg": "x"}] * 20
    results = await asyncio.gather(*(call(cloud) for _ in range(20)))
    assert {result["errCode"] for result in results} == {0}
    assert len(wechat.token_requests()) == 2


@pytest.mark.parametrize(
    ("settings", "parameter"),
    [
        ({"access_token": "F"}, "access_token"),
        ({"cloudbase_access_token": "F"}, "cloudbase_access_token"),
    ],
)
async def test_a_fixed_token(
    make_cloud: Callable[..., Cloud], wechat: Recorder, settings: Any, parameter: str
) -> None:
    cloud = make_cloud(appid="", secret="", **settings)
    await call(cloud)
    assert wechat.seen[0].query == {"img_url": URL, parameter: "F"}
    wechat.answers = [{"errcode": 42001, "errmsg": "access_token expired"}]
    with pytest.raises(CloudError, match="access_token expired"):
        await call(cloud)
    assert len(wechat.seen) == 2


async def test_a_token_file_is_read_anew(
    make_cloud: Callable[..., Cloud], wechat: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "cloudbase_access_token"
    file.write_text("A\n")
    cloud = make_cloud(appid="", secret="", cloudbase_access_token_file=file)
    await call(cloud)
    file.write_text("B")
    await call(cloud)
    assert [seen.query["cloudbase_access_token"] for seen in wechat.seen] == ["A", "B"]
    file.write_text("")
    with pytest.raises(CloudError, match="is empty") as caught:
        await call(cloud)
    assert caught.value.errCode == -501009


async def test_the_first_that_is_configured_wins(
    make_cloud: Callable[..., Cloud], wechat: Recorder
) -> None:
    cloud = make_cloud(access_token="F", cloudbase_access_token="C")
    await call(cloud)
    assert wechat.calls()[0].query["access_token"] == "T1"


async def test_none_lists_what_was_tried(
    make_cloud: Callable[..., Cloud], wechat: Recorder, tmp_path: Path
) -> None:
    missing = tmp_path / "none"
    cloud = make_cloud(secret="", cloudbase_access_token_file=missing)
    with pytest.raises(CloudError) as caught:
        await call(cloud)
    assert caught.value.errCode == -501009
    for words in (
        "OPENAPI_SHIM_APPID with OPENAPI_SHIM_SECRET (secret not set)",
        "OPENAPI_SHIM_ACCESS_TOKEN",
        "OPENAPI_SHIM_CLOUDBASE_ACCESS_TOKEN",
        str(missing),
    ):
        assert words in caught.value.errMsg
    assert wechat.seen == []


async def test_a_wrong_appid(cloud: Cloud, wechat: Recorder) -> None:
    wechat.token_answers = [{"errcode": 40013, "errmsg": "invalid appid rid: x"}]
    with pytest.raises(CloudError) as caught:
        await call(cloud)
    assert caught.value.errCode == 40013
    assert "invalid appid rid: x" in caught.value.errMsg
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, {"access_token": 1}, {"access_token": "x"}])
async def test_a_token_answer_without_a_token(
    cloud: Cloud, wechat: Recorder, answer: dict[str, Any]
) -> None:
    wechat.token_answers = [answer]
    with pytest.raises(CloudError, match="has no access_token"):
        await call(cloud)


class Endpoint:
    """A token endpoint with a clock, without a network."""

    def __init__(self, life: float = 7200) -> None:
        self.now = 0.0
        self.life = life
        self.requests = 0
        self.down = False

    async def __call__(self, path: str, *, query: Any = None, body: Any = None) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.down:
            raise TransportError("connect ECONNREFUSED")
        self.requests += 1
        return {"access_token": f"T{self.requests}", "expires_in": self.life}

    def credential(self) -> AppidCredential:
        account = GivenAccount(Account("wx1", SecretStr("s")))
        issuer = WeChatIssuer(account, TokenEndpoint.STABLE, self)
        return AppidCredential(issuer, clock=lambda: self.now)


@pytest.mark.parametrize(("life", "kept_until"), [(7200, 6900), (600, 540)])
async def test_a_token_is_refreshed_before_its_end(life: float, kept_until: float) -> None:
    endpoint = Endpoint(life)
    credential = endpoint.credential()
    await credential.token()
    endpoint.now = kept_until - 1
    assert (await credential.token()).value == "T1"
    endpoint.now = kept_until
    assert (await credential.token()).value == "T2"


async def test_a_token_still_good_outlives_an_endpoint_that_is_down() -> None:
    endpoint = Endpoint()
    credential = endpoint.credential()
    await credential.token()
    endpoint.down = True
    endpoint.now = 7000
    assert (await credential.token()).value == "T1"
    endpoint.now = 7200
    with pytest.raises(TransportError):
        await credential.token()


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others() -> None:
    endpoint = Endpoint()
    credential = endpoint.credential()
    first = asyncio.create_task(credential.token())
    second = asyncio.create_task(credential.token())
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).value == "T1"
    assert endpoint.requests == 1


async def test_tokens_are_not_shown() -> None:
    assert "T1" not in repr(await Endpoint().credential().token())


async def test_an_endpoint_that_is_down_after_all_gave_up_leaves_no_trace() -> None:
    endpoint = Endpoint()
    endpoint.down = True
    with pytest.raises(TransportError):
        await endpoint.credential().token()


def test_the_error_of_credentials_has_wechats_code() -> None:
    assert CredentialError("x", errcode=40013).errcode == 40013
