from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.functional.storage.conftest import Store


async def call(store: Store, path: str, body: Any, token: str | None = None) -> dict[str, Any]:
    async with store.session.post(
        f"{store.url}/tcb/{path}",
        params={"access_token": store.token if token is None else token},
        json=body,
    ) as response:
        answer: dict[str, Any] = await response.json()
        return answer | {"reason": response.headers.get("X-Openapi-Shim-Reason", "")}


async def test_up_down_and_away(store: Store) -> None:
    path = "证件/照片 a+b.jpg"
    grant = await call(store, "uploadfile", {"env": "local-env", "path": path})
    assert (grant["errcode"], grant["errmsg"]) == (0, "ok")
    form = aiohttp.FormData()
    form.add_field("key", path)
    form.add_field("Signature", grant["authorization"])
    form.add_field("x-cos-security-token", grant["token"])
    form.add_field("x-cos-meta-fileid", grant["cos_file_id"])
    form.add_field("file", b"jpeg", filename="x.jpg", content_type="image/jpeg")
    async with store.session.post(grant["url"], data=form) as response:
        assert response.status == 204

    missing = grant["file_id"] + ".not"
    wanted = [{"fileid": file_id, "max_age": 60} for file_id in (grant["file_id"], missing)]
    found, absent = (
        await call(store, "batchdownloadfile", {"env": "local-env", "file_list": wanted})
    )["file_list"]
    assert (found["fileid"], found["status"], found["errmsg"]) == (grant["file_id"], 0, "ok")
    assert found["download_url"].isascii()
    assert await store.get(found["download_url"]) == (200, b"jpeg")
    assert absent == {
        "fileid": missing,
        "download_url": "",
        "status": -503003,
        "errmsg": "storage file not exists",
    }

    away = {"env": "local-env", "fileid_list": [grant["file_id"], grant["file_id"], "x"]}
    statuses = [
        file["status"] for file in (await call(store, "batchdeletefile", away))["delete_list"]
    ]
    assert statuses == [0, -503003, -501007]
    assert (await store.get(found["download_url"]))[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("uploadfile", {"path": "a"}, "the body has no env"),
        ("uploadfile", {"env": "local-env"}, "the body has no path"),
        ("uploadfile", {"env": "local-env", "path": 1}, "the body has no path"),
        ("uploadfile", {"env": "local-env", "path": "../a"}, "a segment . or .."),
        ("uploadfile", {"env": "../x", "path": "a"}, "cannot name an environment"),
        ("batchdownloadfile", {"env": "local-env"}, "no file_list"),
        ("batchdownloadfile", {"env": "local-env", "file_list": []}, "1 to 50"),
        ("batchdownloadfile", {"env": "local-env", "file_list": ["x"]}, "is not {"),
        (
            "batchdownloadfile",
            {"env": "local-env", "file_list": [{"fileid": "x", "max_age": True}]},
            "is not {",
        ),
        ("batchdeletefile", {"env": "local-env", "fileid_list": "x"}, "no fileid_list"),
        ("batchdeletefile", {"env": "local-env", "fileid_list": [1]}, "no string"),
        ("batchdeletefile", {"env": "local-env", "fileid_list": ["x"] * 51}, "51 files"),
    ],
)
async def test_wrong_arguments(store: Store, path: str, body: Any, reason: str) -> None:
    answer = await call(store, path, body)
    assert answer["errcode"] == 40097
    assert answer["errmsg"].startswith("invalid args hint: [")
    assert reason in answer["reason"]


@pytest.mark.parametrize("path", ["uploadfile", "batchdownloadfile", "batchdeletefile"])
async def test_tokens_and_methods(store: Store, path: str) -> None:
    assert (await call(store, path, {}, token="forged"))["errcode"] == 40014
    assert (await call(store, path, {}, token=""))["errcode"] == 41001
    async with store.session.get(f"{store.url}/tcb/{path}") as response:
        assert (await response.json(content_type=None))["errcode"] == 43002
