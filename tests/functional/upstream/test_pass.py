"""The emulator between clients and the real WeChat."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError
from openapi_shim.emulator.desk import make_desk
from openapi_shim.errors import ConfigError, TransportError
from openapi_shim.protocol import messages
from openapi_shim.settings import Settings
from openapi_shim.transports.https import HttpsTransport
from tests.functional.gateway.conftest import pairs
from tests.unit.wechat.fakes import FakeRecognizer

from .conftest import APPID, LICENSE, OK, SECRET, RealWeChat, Stand

OCR = "/cv/ocr/drivinglicense"
OWN = {"appid": "wx0000000000000000", "secret": "local"}  # the emulator's account
GRANT = {"grant_type": "client_credential"}


async def test_requests_go_as_they_came_and_answers_come_byte_for_byte(
    stand: Stand, wechat: RealWeChat
) -> None:
    front = await stand("pass")
    exact = b'{ "errcode" : 101001,\n "errmsg":"certificate not found", "\\u59d3":1.50 }'
    wechat.answers.append(web.Response(body=exact, content_type="text/plain", charset="gbk"))
    path = f"{OCR}?access_token=abc&img_url=http%3A%2F%2Fh%2F%E4%B8%AD.jpg&x=%2B+%20&type=photo&e="
    headers = {
        "X-Mine": "kept",
        "Cookie": "dropped",
        "X-Openapi-Shim-Openid": "dropped",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "dropped",
        "Content-Type": "application/octet-stream",
    }
    response, body = await front.ask("POST", path, headers=headers, data=b"\x00\xff" * 300_000)
    assert (body, response.status) == (exact, 200)
    assert response.headers["Content-Type"] == "text/plain; charset=gbk"
    (arrived,) = wechat.arrived
    assert (arrived.method, arrived.target) == ("POST", path)
    assert arrived.body == b"\x00\xff" * 300_000
    assert arrived.headers["Host"] == wechat.url.removeprefix("http://")
    assert arrived.headers["X-Mine"] == "kept"
    assert arrived.headers["Content-Type"] == "application/octet-stream"
    assert "dropped" not in str(arrived.headers)

    wechat.answers.append(web.Response(status=503, body=b"<html>", content_type="text/html"))
    response, body = await front.ask("GET", "/wxa/getpaidunionid?a=1")
    assert (response.status, body) == (503, b"<html>")
    response, _ = await front.ask("GET", "/any/other")
    assert "Set-Cookie" not in response.headers
    assert [one.method for one in wechat.arrived[1:]] == ["GET", "GET"]


async def test_tokens_and_operations_of_a_client_with_its_own_account(
    stand: Stand, wechat: RealWeChat
) -> None:
    front = await stand("pass", appid="", secret="")
    account = {**GRANT, "appid": APPID, "secret": SECRET}
    plain = await front.json("GET", "/cgi-bin/token", params=account)
    stable = await front.json("POST", "/cgi-bin/stable_token", json=account)
    assert [plain["access_token"][:6], stable["access_token"][:6]] == ["REAL_1", "REAL_2"]
    assert json.loads(wechat.arrived[1].body) == account
    form = aiohttp.FormData()
    form.add_field("img", b"\xff\xd8\xff", filename="a.jpg", content_type="image/jpeg")
    found = await front.json("POST", f"{OCR}?access_token={stable['access_token']}", data=form)
    assert found == OK
    assert b'filename="a.jpg"' in wechat.calls()[0].body


async def test_the_emulators_own_account_calls_under_the_configured_one(
    stand: Stand, wechat: RealWeChat
) -> None:
    front = await stand("pass")
    own = await front.json("POST", "/cgi-bin/stable_token", json={**GRANT, **OWN})
    again = await front.json("GET", "/cgi-bin/token", params={**GRANT, **OWN})
    assert own["access_token"] != again["access_token"]
    assert wechat.arrived == []
    wechat.answers += [{"errcode": 42001, "errmsg": "access_token expired"}]  # renewed once
    for token in (own["access_token"], again["access_token"]):
        assert await front.json("POST", f"{OCR}?type=scan&access_token={token}&img_url=u") == OK
    tokens, calls = wechat.arrived[:1] + wechat.arrived[2:3], wechat.calls()
    assert [json.loads(one.body)["appid"] for one in tokens] == [APPID, APPID]
    assert [one.target.split("access_token=")[1][:6] for one in calls] == [
        "REAL_1",
        "REAL_2",
        "REAL_2",
    ]
    assert all(one.target.startswith(f"{OCR}?type=scan&access_token=") for one in calls)


async def test_without_an_account_the_emulators_own_is_told_what_to_set(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    nowhere = tmp_path / "none"
    front = await stand("pass", appid="", secret="", cloudbase_access_token_file=nowhere)
    own = await front.json("POST", "/cgi-bin/stable_token", json={**GRANT, **OWN})
    status, errcode, reason = await front.refused(
        "POST", f"{OCR}?access_token={own['access_token']}"
    )
    assert (status, errcode) == (502, -1)
    assert "OPENAPI_SHIM_APPID" in reason
    assert wechat.arrived == []


async def test_functions_stay_here_and_take_wechats_tokens(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    folder = tmp_path / "functions" / "alpha"
    folder.mkdir(parents=True)
    (folder / "index.py").write_text("def main(event, context): return {'got': event}")
    front = await stand("pass")
    account = {**GRANT, "appid": APPID, "secret": SECRET}
    token = (await front.json("GET", "/cgi-bin/token", params=account))["access_token"]
    path = "/tcb/invokecloudfunction?env=e&name=alpha&access_token="
    answer = await front.json("POST", path + token, json={"a": 1})
    assert json.loads(answer["resp_data"]) == {"got": {"a": 1}}
    assert (await front.json("POST", path + "strange", json={}))["errcode"] in (40001, 40014)
    assert wechat.calls() == []


async def test_the_control_door_never_goes_there(stand: Stand, wechat: RealWeChat) -> None:
    front = await stand("pass")
    for path in ("", "/", "/clock", "/nothing", "%2Fclock", "/../_openapi_shim"):
        await front.ask("GET", f"/_openapi_shim{path}")
    await front.ask("GET", "/x/%2e%2e/_openapi_shim/faults")
    await front.ask("GET", "//_openapi_shim/faults")
    assert wechat.arrived == []


async def test_what_was_called_is_known_and_faults_still_happen(
    stand: Stand, wechat: RealWeChat
) -> None:
    front = await stand("pass")
    rule = {"name": "busy", "match": {"operation": "ocr.driverLicense"}, "errcode": -1, "times": 1}
    await front.json("POST", "/_openapi_shim/faults", json={"rules": [rule]})
    assert (await front.json("POST", f"{OCR}?access_token=a"))["errcode"] == -1
    assert wechat.arrived == []
    rid = "5f9bacd4-723830a2-0d2a598e"
    errmsg = f"certificate not found hint: [NOuWNA08444741] rid: {rid}"
    wechat.answers.append({"errcode": 101001, "errmsg": errmsg})
    await front.json("POST", f"{OCR}?access_token=a")
    known = await front.json("GET", f"/_openapi_shim/requests/{rid}")
    assert (known["code"], known["path"]) == (101001, OCR)
    calls = (await front.json("GET", "/_openapi_shim/calls"))["calls"]
    assert [call["operation"] for call in calls] == ["ocr.driverLicense"] * 2


async def test_an_answer_that_does_not_come_is_told(
    stand: Stand, wechat: RealWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    front = await stand("pass")
    wechat.answers += ["hang up", "truncated"]
    status, errcode, reason = await front.refused("POST", f"{OCR}?access_token=tok3n&img_url=a")
    assert (status, errcode) == (502, -1)
    assert "may have arrived and been charged" in reason
    status, errcode, reason = await front.refused("POST", f"{OCR}?access_token=tok3n&img_url=a")
    assert (status, errcode) == (502, -1)
    assert "broke off before its end" in reason
    assert "tok3n" not in caplog.text

    closed = await stand("pass", upstream_url="http://127.0.0.1:1")
    status, errcode, reason = await closed.refused("POST", f"{OCR}?access_token=a")
    assert (status, errcode) == (502, -1)
    assert "connect ECONNREFUSED 127.0.0.1:1" in reason
    assert "nothing was sent" in reason

    slow = await stand("pass", timeout=0.2)
    wechat.held = asyncio.Event()
    status, errcode, reason = await slow.refused("POST", f"{OCR}?access_token=a")
    wechat.held.set()
    assert (status, errcode) == (502, -1)
    assert "did not answer within 0.2 s" in reason


async def test_too_large_a_body_is_not_passed_on(stand: Stand, wechat: RealWeChat) -> None:
    front = await stand("pass")
    body = io.BytesIO(bytes(10 * 1024 * 1024 + 1))
    status, errcode, reason = await front.refused("POST", f"{OCR}?access_token=a", data=body)
    assert (status, errcode) == (413, 40097)
    assert "10 MB" in reason
    wechat.answers.append(web.Response(body=bytes(10_000_001)))
    status, errcode, reason = await front.refused("POST", f"{OCR}?access_token=a")
    assert (status, errcode) == (502, -1)
    assert "larger than" in reason
    assert len(wechat.arrived) == 1


async def test_a_redirect_is_not_followed(stand: Stand, wechat: RealWeChat) -> None:
    front = await stand("pass")
    wechat.answers.append(web.Response(status=302, headers={"Location": wechat.url + "/else"}))
    response, _ = await front.ask("POST", f"{OCR}?access_token=a", allow_redirects=False)
    assert response.status == 302
    assert len(wechat.arrived) == 1


async def test_sisters_through_the_sdk(stand: Stand, wechat: RealWeChat, tmp_path: Path) -> None:
    front = await stand("pass")
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.bankcard"]}}')
    settings = Settings.model_validate(
        {"base_url": front.url, "function_dir": tmp_path, **OWN, "transport": "https"}
    )
    cloud = Cloud(settings=settings, transport=HttpsTransport(settings))
    cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
    wechat.answers += [{"errcode": 0, "errmsg": "ok", "number": "622202"}] * 2
    by_url = await cloud.openapi.ocr.bankcard({"imgUrl": "https://h/1.jpg", "type": "photo"})
    photo = {"contentType": "image/jpeg", "value": b"\xff\xd8\xff"}
    by_image = await cloud.openapi.ocr.bankcard({"img": photo})
    assert by_url["number"] == by_image["number"] == "622202"
    assert [one.target.partition("?")[0] for one in wechat.calls()] == ["/cv/ocr/bankcard"] * 2
    closed = await stand("pass", upstream_url="http://127.0.0.1:1")
    settings = settings.model_copy(update={"base_url": closed.url})
    broken = Cloud(settings=settings, transport=HttpsTransport(settings))
    broken.init({"env": broken.DYNAMIC_CURRENT_ENV})
    with pytest.raises((CloudError, TransportError)) as caught:
        await broken.openapi.ocr.bankcard({"img": photo})
    assert "502" in str(caught.value)


async def gateway(front: Any, api: str, *items: tuple[str, Any]) -> Any:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("action", "wx.openApi")
    form.add_field("apiName", api)
    content = io.BytesIO(pairs(*items).SerializeToString())
    form.add_field("requestData", content, content_type="a/b")
    form.add_field("envName", "my-env")
    form.add_field("wxCloudApiToken", "")
    _, raw = await front.ask("POST", "/admin", data=form)
    return messages.decode("CommOpenApiResp", raw)


async def test_cloud_calls_through_the_gateway(
    stand: Stand, wechat: RealWeChat, tmp_path: Path
) -> None:
    front = await stand("pass")
    (tmp_path / "functions").mkdir()
    permissions = {"permissions": {"openapi": ["ocr.vehicleLicense", "ocr.driverLicense"]}}
    (tmp_path / "config.json").write_text(json.dumps(permissions))
    vehicle = {"errcode": 0, "errmsg": "ok", "plate_num": "京A00000", "img_size": {"w": 3, "h": 4}}
    wechat.answers += [vehicle, OK, {"errcode": 101001, "errmsg": "certificate not found"}]
    answer = await gateway(front, "ocr.vehicleLicense", ("img_url", "https://h/1.jpg"))
    assert json.loads(answer.respData) == vehicle
    assert list(json.loads(answer.respData)) == list(vehicle)
    answer = await gateway(front, "ocr.driverLicense", ("img", b"\xff\xd8\xff"), ("type", "scan"))
    assert json.loads(answer.respData) == OK
    assert json.loads((await gateway(front, "ocr.driverLicense")).respData)["errcode"] == 101001
    first, second, _ = wechat.calls()
    assert first.target.startswith("/cv/ocr/driving?access_token=REAL_1")
    assert "img_url=https%3A%2F%2Fh%2F1.jpg" in first.target
    assert second.target.endswith("&type=scan")
    assert b"\xff\xd8\xff" in second.body
    assert (await gateway(front, "ocr.idcard", ("img_url", "u"))).errorCode == -604101
    wechat.answers.append(web.Response(status=500, body=b"oops"))
    assert (await gateway(front, "ocr.driverLicense", ("img_url", "u"))).errorCode == -604103


async def test_curl_through_the_proxy(stand: Stand, wechat: RealWeChat, tmp_path: Path) -> None:
    front = await stand("pass")
    await front.json("POST", "/_openapi_shim/tls")  # makes the authority
    certificate = next((tmp_path / "state0").rglob("*.pem"))
    told = await front.json("POST", "/_openapi_shim/tls")
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"\xff\xd8\xff" * 1000)
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "--proxy", front.url, "--cacert", told["certificate"],
        "-F", f"img=@{photo}", "https://api.weixin.qq.com/cv/ocr/bizlicense?access_token=mine",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert certificate.exists()
    assert json.loads(out)["id_num"] == LICENSE["id_num"]
    (arrived,) = wechat.arrived
    assert arrived.target == "/cv/ocr/bizlicense?access_token=mine"
    assert photo.read_bytes() in arrived.body


async def test_a_photo_that_leaves_is_warned_of(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    await stand("pass")
    assert "photos leave this machine" in caplog.text
    caplog.clear()
    await stand("off")
    assert "photos leave" not in caplog.text


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"upstream": "pass", "upstream_url": "http://api.weixin.qq.com"}, "Use https"),
        ({"upstream": "pass", "upstream_url": "https://u:p@host"}, "a scheme, a host"),
        (
            {"upstream": "pass", "host": "0.0.0.0", "appid": "wx1", "secret": "s"},  # noqa: S104
            "others in the network",
        ),
        ({"upstream": "replay", "recording": "/none/at/all"}, "there is no recording"),
        ({"upstream": "record", "recording": "/proc/none/x"}, "cannot be written"),
    ],
)
def test_what_cannot_be_used_is_told_at_the_start(
    settings: dict[str, str], text: str, tmp_path: Path
) -> None:
    values = Settings.model_validate({"state_dir": tmp_path, **settings})
    with pytest.raises(ConfigError, match=text):
        make_desk(values, recognizer=FakeRecognizer(), store=None)
