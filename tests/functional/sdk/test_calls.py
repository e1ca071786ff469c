"""Calls as users write them, against a recording server."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from openapi_shim import Cloud, CloudError
from openapi_shim.settings import Settings

from .conftest import OK, Recorder

PHOTO = b"\xff\xd8 a photo \r\n--\x00"
RESULT = {"name": "张三", "idNum": "1", "errMsg": "openapi.ocr.driverLicense:ok", "errCode": 0}


async def failure(call: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        await call
    return caught.value


async def test_by_url_as_a_dict(cloud: Cloud, wechat: Recorder) -> None:
    url = "https://example.com/a b/照片.jpg?x=1&y=%20"
    result = await cloud.openapi.ocr.driverLicense({"type": "photo", "imgUrl": url})
    assert result == RESULT
    (call,) = wechat.calls()
    assert (call.method, call.path, call.body) == ("POST", "/cv/ocr/drivinglicense", b"")
    assert call.query == {"type": "photo", "img_url": url, "access_token": "T1"}
    assert "a%20b%2F%E7%85%A7" in call.raw_query


async def test_by_url_as_keywords(cloud: Cloud, wechat: Recorder) -> None:
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT
    assert wechat.calls()[0].query == {"img_url": "http://h/1.jpg", "access_token": "T1"}


async def test_by_bytes_as_multipart(cloud: Cloud, wechat: Recorder) -> None:
    img = {"contentType": "image/jpeg", "value": PHOTO}
    assert await cloud.openapi.ocr.driverLicense(img=img, type="photo") == RESULT
    (call,) = wechat.calls()
    assert call.query == {"access_token": "T1", "type": "photo"}
    assert int(call.headers["Content-Length"]) == len(call.body)
    head = f"Content-Type: {call.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + call.body, policy=email.policy.HTTP)
    (part,) = message.iter_parts()
    assert part.get_content_type() == "image/jpeg"
    assert part.get_param("name", header="content-disposition") == "img"
    assert part.get_filename() == "img.jpeg"
    assert part.get_param("filelength", header="content-disposition") == str(len(PHOTO))
    assert PHOTO in call.body


async def test_a_photo_of_two_megabytes(cloud: Cloud, wechat: Recorder) -> None:
    """Whole, again when WeChat is busy, and without aiohttp's warning of large bodies."""
    photo = random.Random(1).randbytes(2 * 1024 * 1024 - 1)  # noqa: S311 - of no secret
    wechat.answers = [{"errcode": -1, "errmsg": "system error"}]
    assert (
        await cloud.openapi.ocr.driverLicense(img={"contentType": "image/jpeg", "value": photo})
        == RESULT
    )
    for call in wechat.calls():
        assert int(call.headers["Content-Length"]) == len(call.body)
        assert photo in call.body
    assert len(wechat.calls()) == 2


async def test_by_an_open_file(cloud: Cloud, wechat: Recorder) -> None:
    img = {"contentType": "image/png", "value": io.BytesIO(PHOTO)}
    await cloud.openapi.ocr.driverLicense({"img": img})
    assert PHOTO in wechat.calls()[0].body


async def test_snake_case_kept(cloud: Cloud, wechat: Recorder) -> None:
    api = cloud.openapi({"convertCase": False})
    result = await api.ocr.driverLicense({"img_url": "http://h/1.jpg"})
    assert (result["id_num"], result["errCode"]) == ("1", 0)
    assert wechat.calls()[0].query["img_url"] == "http://h/1.jpg"


async def test_nothing_is_checked_that_wechat_checks(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [{"errcode": 41005, "errmsg": "media data missing"}]
    error = await failure(cloud.openapi.ocr.driverLicense())
    assert error.errCode == 41005
    assert str(error) == (
        "errCode: 41005  | errMsg: openapi.ocr.driverLicense:fail media data missing"
    )


async def test_a_parameter_of_none_is_left_out(cloud: Cloud, wechat: Recorder) -> None:
    await cloud.openapi.ocr.driverLicense({"imgUrl": "http://h/1.jpg", "img": None})
    assert "img" not in wechat.calls()[0].query


@pytest.mark.parametrize(
    ("params", "words"),
    [("http://h/1.jpg", "imgUrl=…, not str"), ({"img": PHOTO}, "img is {"), ([], "not list")],
)
async def test_parameters_of_the_wrong_kind(
    cloud: Cloud, wechat: Recorder, params: Any, words: str
) -> None:
    error = await failure(cloud.openapi.ocr.driverLicense(params))
    assert error.errCode == -501007
    assert error.errMsg.startswith("openapi.ocr.driverLicense:fail invalid parameters. ")
    assert words in error.errMsg
    assert wechat.seen == []


def test_before_init_it_fails_at_once() -> None:
    with pytest.raises(CloudError) as caught:
        Cloud().openapi.ocr.driverLicense(imgUrl="http://h/1.jpg")  # type: ignore[unused-coroutine]
    assert caught.value.errCode == -1
    assert caught.value.errMsg.startswith("Cloud API isn't enabled, please call init first\n请先")


def test_init_takes_a_dict_or_keywords(caplog: pytest.LogCaptureFixture) -> None:
    for cloud in (Cloud(), Cloud()):
        cloud.init(env="e", traceUser=True)
        cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV}, timeout=5)  # again: changes nothing
    assert caplog.text == ""
    Cloud().init({"enf": "e"})
    assert "no option 'enf'" in caplog.text


@pytest.mark.parametrize("options", ["env", 1, [("env", "e")]])
def test_init_with_something_else(options: Any) -> None:
    with pytest.raises(CloudError, match="init options should be object"):
        Cloud().init(options)


@pytest.mark.parametrize("timeout", [0, -1, "1", 10**10])
def test_init_with_a_bad_timeout(timeout: Any) -> None:
    with pytest.raises(CloudError, match="milliseconds above 0"):
        Cloud().init(timeout=timeout)


async def test_an_unknown_name_lists_near_ones(cloud: Cloud, wechat: Recorder) -> None:
    error = await failure(cloud.openapi.ocr.driverLicence(imgUrl="http://h/1.jpg"))
    assert (error.errCode, error.errMsg) == (
        -604100,
        "openapi.ocr.driverLicence:fail API not found; did you mean ocr.driverLicense?",
    )
    assert wechat.seen == []


async def test_an_operation_is_no_awaitable(cloud: Cloud) -> None:
    with pytest.raises(TypeError, match="await"):
        await cloud.openapi.ocr  # type: ignore[misc]  # the point of the test
    assert repr(cloud.openapi.a.b) == "<openapi a.b>"
    assert not hasattr(cloud.openapi, "__deepcopy__")


async def test_options_that_are_no_object(cloud: Cloud) -> None:
    with pytest.raises(TypeError, match="an options object is expected"):
        cloud.openapi("x")  # type: ignore[arg-type]  # the point of the test


async def test_without_permission_nothing_is_sent(wechat: Recorder, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"permissions": {"openapi": []}}')
    cloud = Cloud(settings=settings_for(wechat, function_dir=tmp_path))
    cloud.init()
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -604101
    assert error.errMsg == (
        "openapi.ocr.driverLicense:fail function has no permission to call this API; "
        f'add "ocr.driverLicense" to permissions.openapi in {config}'
    )
    assert wechat.seen == []
    config.write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT


async def test_a_broken_config_says_where(wechat: Recorder, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense",]}}')
    cloud = Cloud(settings=settings_for(wechat, function_dir=tmp_path))
    cloud.init()
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -501007
    assert f"{tmp_path / 'config.json'}, line 1, column" in error.errMsg
    assert wechat.seen == []


async def test_the_folder_of_the_file_that_calls_init_is_the_functions(
    wechat: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAPI_SHIM_BASE_URL", wechat.url)
    monkeypatch.setenv("OPENAPI_SHIM_ACCESS_TOKEN", "fixed")
    cloud = Cloud()
    source = tmp_path / "index.py"
    exec(compile("cloud.init()", source, "exec"), {"cloud": cloud, "__file__": str(source)})  # noqa: S102
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert f"create {tmp_path / 'config.json'} with" in error.errMsg
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT
    assert wechat.calls()[0].query["access_token"] == "fixed"


async def test_errcode_minus_one_is_repeated(cloud: Cloud, wechat: Recorder, pauses: Any) -> None:
    wechat.answers = [{"errcode": -1, "errmsg": "system error"}] * 2
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT
    assert len(wechat.calls()) == 3
    assert pauses.seconds == [0.2, 0.4]


async def test_errcode_minus_one_without_end(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [{"errcode": -1, "errmsg": "system error"}] * 9
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errMsg == "openapi.ocr.driverLicense:fail system error"
    assert len(wechat.calls()) == 3


async def test_a_call_that_may_have_been_charged_is_not_repeated(
    cloud: Cloud, wechat: Recorder
) -> None:
    wechat.answers = ["hang up"]
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert (error.errCode, error.errMsg) == (
        -501001,
        "openapi.ocr.driverLicense:fail -501001 resource system error. socket hang up",
    )
    assert len(wechat.calls()) == 1


async def test_a_token_request_that_broke_is_repeated(cloud: Cloud, wechat: Recorder) -> None:
    wechat.token_answers = ["hang up", {"errcode": -1, "errmsg": "system error"}]
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT
    assert len(wechat.token_requests()) == 3


async def test_a_host_that_refuses(
    make_cloud: Callable[..., Cloud], pauses: Any, unused_tcp_port: int
) -> None:
    cloud = make_cloud(base_url=f"http://127.0.0.1:{unused_tcp_port}")
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -501001
    assert error.errMsg == (
        "openapi.ocr.driverLicense:fail -501001 resource system error. "
        f"connect ECONNREFUSED 127.0.0.1:{unused_tcp_port}"
    )
    assert len(pauses.seconds) == 2


async def test_a_host_that_is_silent(make_cloud: Callable[..., Cloud]) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        cloud = make_cloud(base_url=f"http://127.0.0.1:{port}", timeout=0.2)
        error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -501001
    assert error.errMsg.endswith("no answer within 0.2 s")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (web.Response(status=502, text="x"), "502 Bad Gateway | [http://127.0.0.1"),
        (web.Response(status=302, headers={"Location": "http://127.0.0.2/"}), "302 Found"),
    ],
)
async def test_an_http_status_other_than_200(
    cloud: Cloud, wechat: Recorder, answer: web.Response, words: str
) -> None:
    wechat.answers = [answer]
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -501001
    assert words in error.errMsg
    assert "access_token" not in error.errMsg
    assert len(wechat.calls()) == 1


async def test_an_answer_beyond_bounds(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [web.Response(body=bytes(10_000_001))]
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert "larger than 10000000 bytes" in error.errMsg


async def test_the_answers_own_json(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [web.Response(body=json.dumps(OK), content_type="text/plain")]
    assert await cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg") == RESULT


def test_each_event_loop_has_a_session_and_leaves_none_open() -> None:
    async def serve_and_call() -> list[str]:
        recorder = Recorder()
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", recorder.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        recorder.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        cloud = Cloud(settings=settings_for(recorder, function_dir=Path(__file__).parent))
        cloud.init()
        call = cloud.openapi.ocr.driverLicense
        await asyncio.gather(*(call(imgUrl="http://h/1.jpg") for _ in range(20)))
        await runner.cleanup()
        return [seen.path for seen in recorder.token_requests()]

    for _ in range(2):  # warnings are errors: an open session would be one
        assert asyncio.run(serve_and_call()) == ["/cgi-bin/stable_token"]


def settings_for(recorder: Recorder, **values: Any) -> Settings:
    return Settings.model_validate(
        {"base_url": recorder.url, "appid": "wx1", "secret": "s", **values}
    )


async def test_a_page_in_place_of_wechat_is_no_success(cloud: Cloud, wechat: Recorder) -> None:
    wechat.answers = [web.Response(text="<html>", content_type="text/html")]
    error = await failure(cloud.openapi.ocr.driverLicense(imgUrl="http://h/1.jpg"))
    assert error.errCode == -501001
    assert "answered text/html, not JSON: does OPENAPI_SHIM_BASE_URL lead to WeChat" in error.errMsg


async def test_a_url_cannot_reach_beyond_its_parameter(cloud: Cloud, wechat: Recorder) -> None:
    url = "http%3A%2F%2Fx&access_token=evil&type=zz#frag"
    await cloud.openapi.ocr.driverLicense(imgUrl=url)
    assert wechat.calls()[0].query == {"img_url": url, "access_token": "T1"}
