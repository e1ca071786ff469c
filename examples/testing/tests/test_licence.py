"""The tests somebody would write: with chosen answers, with faults, and with a real photo."""

import io

import aiohttp
import requests


def test_a_driver(invoke, wechat, specimen):
    wechat.recognizer.returns(name="张三", car_class="C1D")
    result = invoke("licence", {"img": specimen().img_event}, openid="user-1")
    assert result == {"ok": True, "name": "张三", "by": "user-1"}
    wechat.assert_called("ocr.driverLicense", times=1)


def test_a_class_that_is_not_enough(invoke, wechat, specimen):
    wechat.recognizer.returns(name="李四", car_class="E")
    assert invoke("licence", {"img": specimen().img_event})["ok"] is False


def test_no_licence(invoke, wechat, specimen):
    wechat.recognizer.refuses(101001)
    result = invoke("licence", {"img": specimen().img_event})
    assert result == {"ok": False, "why": "no licence in the photo"}


def test_wechat_is_broken(invoke, faults, specimen):
    faults.add(match={"operation": "ocr.*"}, errcode=45009)
    result = invoke("licence", {"img": specimen().img_event})
    assert result == {"ok": False, "why": "try again later", "code": 45009}


def test_a_lost_token_is_renewed(invoke, wechat, faults, specimen):
    wechat.recognizer.returns(name="张三", car_class="C1")
    faults.add(match={"operation": "ocr.*"}, expire_token=True, times=1)
    assert invoke("licence", {"img": specimen().img_event})["ok"] is True
    wechat.assert_called("ocr.driverLicense", times=2)


def test_without_permission(invoke, specimen):
    result = invoke("licence", {"img": specimen().img_event}, permissions=[])
    assert result["code"] == -604101


def test_the_last_call_of_a_day(invoke, wechat, clock, specimen):
    wechat.recognizer.returns(name="张三", car_class="C1")
    clock.freeze("2026-12-31T23:59:58")
    event = {"img": specimen().img_event}
    results = [invoke("licence", event) for _ in range(4)]
    assert [result["ok"] for result in results] == [True, True, True, False]
    assert results[3]["code"] == 101003
    clock.advance("2s")
    assert invoke("licence", event)["ok"] is True


async def test_a_real_photo_really_read(cloud, specimen):
    photo = specimen()
    licence = await cloud.openapi.ocr.driverLicense(img=photo.img)
    assert licence["name"] == photo.fields["name"]
    assert licence["idNum"] == photo.fields["id_num"]


async def test_aiohttp_with_the_address_built_in(wechat_hosts):
    wechat_hosts.recognizer.returns(name="张三")
    api = "https://api.weixin.qq.com"
    account = {"grant_type": "client_credential", "appid": "wx1", "secret": "s"}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{api}/cgi-bin/token", params=account) as response:
            token = (await response.json())["access_token"]
        url = f"{api}/cv/ocr/drivinglicense?access_token={token}"
        async with session.post(url, data={"img": io.BytesIO(b"a photo")}) as response:
            assert (await response.json())["name"] == "张三"


def test_requests_with_the_address_built_in(wechat_hosts):
    account = {"grant_type": "client_credential", "appid": "wx1", "secret": "s"}
    url = "https://api.weixin.qq.com/cgi-bin/token"
    assert requests.get(url, params=account, timeout=30).json()["expires_in"] == 7200
