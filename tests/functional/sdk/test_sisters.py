"""Every operation of the catalog, by both its ways, against a recording server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openapi_shim import Cloud
from openapi_shim.catalog.operations import OPERATIONS, Operation
from openapi_shim.naming import snake_to_camel

from .conftest import Recorder

NESTED = {"cardSize": {"maxW": 3}}

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.name)


def answer_for(operation: Operation) -> dict[str, Any]:
    fields = {
        field.name: f"<{field.name}>" if field.shape == "str" else {"card_size": {"max_w": 3}}
        for field in operation.result
    }
    return {"errcode": 0, "errmsg": "ok", **fields}


@every_operation
async def test_an_operation_converts_both_ways(
    make_cloud: Callable[..., Cloud], wechat: Recorder, operation: Operation, tmp_path: Path
) -> None:
    permissions = {"permissions": {"openapi": [operation.name]}}
    (tmp_path / "config.json").write_text(json.dumps(permissions))
    cloud = make_cloud(function_dir=tmp_path)
    family, name = operation.name.split(".")
    call = getattr(getattr(cloud.openapi, family), name)
    wechat.answers += [answer_for(operation)] * 2

    by_url = await call({"imgUrl": "https://example.com/1.jpg", "type": "scan"})
    by_image = await call({"img": {"contentType": "image/png", "value": b"\x89PNG"}})

    url_call, image_call = wechat.calls()
    assert url_call.path == image_call.path == operation.path
    assert url_call.query["img_url"] == "https://example.com/1.jpg"
    assert url_call.query["type"] == "scan"
    assert b'name="img"' in image_call.body
    assert by_url == by_image
    expected = {snake_to_camel(field.name) for field in operation.result}
    assert set(by_url) == expected | {"errMsg", "errCode"}
    for field in operation.result:
        value = by_url[snake_to_camel(field.name)]
        assert value == f"<{field.name}>" if field.shape == "str" else value == NESTED
