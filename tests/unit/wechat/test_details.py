"""Our own parameter: an answer with what the recognizer tells beyond WeChat's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from openapi_shim.errors import WeChatError
from openapi_shim.ocr import FIELD_NAMES, Caution, Check, Details, Field, Reading
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.calls import Body, Call, Upload
from openapi_shim.wechat.details import are_details_wanted
from openapi_shim.wechat.late import LateRecognizer
from openapi_shim.wechat.ocr import DriverLicenseService
from openapi_shim.wechat.recognition import RecognitionQueue
from openapi_shim.wechat.tokens import TokenService
from tests.unit.wechat.fakes import FakeClock, FakeFetcher
from tests.unit.wechat.test_ocr import JPEG

QUAD = ((1.04, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0))
DETAILS = Details(
    kind="card",
    corners=QUAD,
    extras={"archive_number": Field("110100123456", 0.99)},
    warnings=(Caution("glare", "light is reflected", 40.0),),
    checks=(Check("term", True, "six or ten years"), Check("id_checksum", None, "the number")),
)


class DetailedRecognizer:
    """Reads with details when they are wanted, as the real one does behind its stand-in."""

    def load(self) -> None:
        pass

    def read(self, content: bytes, /) -> Reading:
        fields = {name: Field("甲", 0.97, QUAD, "甲") for name in FIELD_NAMES}
        return Reading(fields, 100, 60, DETAILS if are_details_wanted() else None)


@pytest_asyncio.fixture
async def queue() -> AsyncIterator[RecognitionQueue]:
    made = RecognitionQueue(DetailedRecognizer())
    yield made
    made.close()


async def answered(
    queue: RecognitionQueue, *, strict: bool = False, **query: str
) -> dict[str, Any]:
    store = SqliteStore(MEMORY, clock=FakeClock())
    tokens = TokenService(store, clock=FakeClock(), new_token=lambda: "T")
    await tokens.token("client_credential", "wx1", "s")
    service = DriverLicenseService(
        quota=None, fetcher=FakeFetcher(), recognition=queue, strict=strict
    )

    async def read_body() -> Body:
        return Body("multipart", Upload(JPEG), ("img",), size=len(JPEG))

    try:
        return dict(
            await service.answer(Call("POST", {"access_token": "T", **query}, read_body), tokens)
        )
    finally:
        await store.close()


async def test_the_default_answer_is_wechats(queue: RecognitionQueue) -> None:
    assert tuple(await answered(queue)) == FIELD_NAMES
    for no in ("0", ""):
        assert tuple(await answered(queue, openapi_shim_details=no)) == FIELD_NAMES


async def test_details_come_as_one_object_beside_the_fields(queue: RecognitionQueue) -> None:
    found = await answered(queue, openapi_shim_details="1")
    assert tuple(found) == (*FIELD_NAMES, "openapi_shim")
    told = json.loads(json.dumps(found["openapi_shim"]))
    assert told["confidence"]["name"] == 0.97
    assert told["quads"]["name"][0] == [1.0, 2.0]
    assert told["extras"] == {"archive_number": "110100123456"}
    assert told["warnings"] == [{"name": "glare", "message": "light is reflected"}]
    assert [check["holds"] for check in told["checks"]] == [True, None]
    # The next call of the same service asks for nothing.
    assert tuple(await answered(queue)) == FIELD_NAMES


async def test_strict_passes_over_the_parameter_as_wechat_does(queue: RecognitionQueue) -> None:
    assert tuple(await answered(queue, strict=True, openapi_shim_details="1")) == FIELD_NAMES


async def test_neither_yes_nor_no_is_refused(queue: RecognitionQueue) -> None:
    with pytest.raises(WeChatError, match="'yes': 1 asks for details") as caught:
        await answered(queue, openapi_shim_details="yes")
    assert caught.value.errcode == 40097


async def test_a_chosen_answer_has_no_details() -> None:
    class Chosen(DetailedRecognizer):
        def read(self, content: bytes, /) -> Any:
            return type("Canned", (), {"values": lambda _: {"name": "甲"}})()

    queue = RecognitionQueue(Chosen())
    assert await answered(queue, openapi_shim_details="1") == {"name": "甲", "openapi_shim": None}
    queue.close()


def test_the_stand_in_hands_the_wish_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Real:
        def __init__(self, threads: int, budget: float) -> None:
            pass

        def read(self, content: bytes, *, details: bool) -> None:
            asked.append(details)

    monkeypatch.setattr("openapi_shim.ocr.Recognizer", Real, raising=False)
    from openapi_shim.wechat.details import details_wanted

    late = LateRecognizer(1, 60.0)
    late.read(b"")
    with details_wanted():
        late.read(b"")
    late.read(b"")
    assert asked == [False, True, False]
