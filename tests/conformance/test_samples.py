"""The specification's samples in JavaScript: as they stand, but for their placeholders."""

from __future__ import annotations

import pytest

from openapi_shim.naming import snake_to_camel
from tests.conformance.clients import VERSIONS, Emulator
from tests.conformance.conftest import FUNCTIONS


@pytest.mark.parametrize("major", VERSIONS)
@pytest.mark.parametrize("sample", ["sampleUrl", "sampleBuffer"])
def test_the_fields_of_a_licence(
    emulator: Emulator, truth: dict[str, str], sample: str, major: str
) -> None:
    result = emulator.invoke(f"{sample}{major}", {})
    fields = {snake_to_camel(name): value for name, value in truth.items()}
    assert result == {**fields, "errMsg": "openapi.ocr.driverLicense:ok", "errCode": 0}


def test_they_are_as_they_stand() -> None:
    """The placeholders are there, once each: nothing else of the samples was changed."""
    by_url = (FUNCTIONS / "sampleUrl" / "index.js").read_text("utf-8")
    by_buffer = (FUNCTIONS / "sampleBuffer" / "index.js").read_text("utf-8")
    words = " ".join(by_url.split())
    assert words == (
        "const cloud = require('wx-server-sdk') cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV, }) "
        "exports.main = async (event, context) => { try { const result = await "
        "cloud.openapi.ocr.driverLicense({ \"type\": 'photo', \"imgUrl\": 'ENCODE_URL' }) "
        "return result } catch (err) { return err } }"
    )
    assert (
        "// cloud = require('wx-server-sdk') // ... // 方法返回 Promise "
        "cloud.openapi.ocr.driverLicense({ type: 'photo', img: { contentType: 'image/png', "
        "value: Buffer } })"
    ) in " ".join(by_buffer.split())
