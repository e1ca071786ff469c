"""The OpenAPI document tells of every door."""

from __future__ import annotations

from pathlib import Path

from openapi_shim.catalog.operations import OPERATIONS
from openapi_shim.catalog.wechat_codes import WECHAT_CODES
from openapi_shim.emulator.description.document import document
from openapi_shim.emulator.desk import make_desk
from openapi_shim.settings import Settings
from openapi_shim.wechat.details import OBJECT, PARAMETER
from tests.unit.wechat.fakes import FakeRecognizer

# Doors whose paths are given out by others, and the answers to all else.
UNTOLD = {
    "/v1/storages/{action}",
    "/auth/v1/{action}",
    "/storage/{path}",
    "/_openapi_shim/{path}",
    "/{path}",
}


def test_every_door_is_told(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, functions_dir=tmp_path / "none")
    desk = make_desk(settings, recognizer=FakeRecognizer())
    doors = {resource.canonical for resource in desk.server.app.router.resources()}
    told = set(document("http://127.0.0.1:1")["paths"])
    told |= {"/auth/v1/{action}"}  # of which it tells the login
    assert doors - told == UNTOLD - {"/auth/v1/{action}"}
    known = told - doors - {"/auth/v1/signin/anonymously"}
    assert known <= {operation.path for operation in OPERATIONS}


def test_every_operation_and_every_code_is_in_it() -> None:
    told = document("http://127.0.0.1:1", strict=True)
    for operation in OPERATIONS:
        answer = told["paths"][operation.path]["post"]["responses"]["200"]
        good = answer["content"]["application/json"]["schema"]["oneOf"][0]["properties"]
        assert list(good) == ["errcode", "errmsg", *(field.name for field in operation.result)]
    codes = told["components"]["schemas"]["Error"]["properties"]["errcode"]["description"]
    assert all(f"{code} " in codes for code in WECHAT_CODES)


def test_details_are_told_unless_it_is_strict() -> None:
    path = "/cv/ocr/drivinglicense"
    plain, strict = (document("http://127.0.0.1:1", strict=strict) for strict in (False, True))
    for told, there in ((plain, True), (strict, False)):
        call = told["paths"][path]["post"]
        assert (PARAMETER in [one["name"] for one in call["parameters"]]) is there
        good = call["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"][0]
        assert (OBJECT in good["properties"]) is there
        assert OBJECT not in good["required"]
        assert ("Details" in told["components"]["schemas"]) is there
    others = [name for name in plain["paths"] if name != path]
    assert [plain["paths"][name] for name in others] == [strict["paths"][name] for name in others]
