from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from openapi_shim.errors import DownloadError, ImageError, LicenseNotFoundError, WeChatError
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.stores.sqlite import MEMORY, SqliteStore
from openapi_shim.wechat.calls import Body, Call, Upload
from openapi_shim.wechat.ocr import IMAGE_LIMIT, OPERATION, DriverLicenseService
from openapi_shim.wechat.quota import Quota
from openapi_shim.wechat.recognition import RecognitionQueue
from openapi_shim.wechat.tokens import TokenService

from .fakes import FakeClock, FakeFetcher, FakeImage, FakeRecognizer

JPEG = b"\xff\xd8\xff jpeg"


@dataclass
class Desk:
    """The service, and what it was made from."""

    recognizer: FakeRecognizer
    fetcher: FakeFetcher
    store: SqliteStore
    quota: Quota
    queue: RecognitionQueue
    options: dict[str, Any] = field(default_factory=dict)
    bodies_read: int = 0

    async def answer(
        self, body: Body | None = None, method: str = "POST", **query: str
    ) -> dict[str, str]:
        async def read_body() -> Body:
            self.bodies_read += 1
            return body or Body()

        tokens = TokenService(self.store, clock=FakeClock(), new_token=lambda: "T")
        await tokens.token("client_credential", "wx1", "s")
        service = DriverLicenseService(
            quota=self.quota,
            fetcher=self.fetcher,
            recognition=self.queue,
            **self.options,
        )
        call = Call(method, {"access_token": "T"} | query, read_body)
        return dict(await service.answer(call, tokens))

    async def refused(self, body: Body | None = None, **query: str) -> tuple[int, str]:
        with pytest.raises(WeChatError) as caught:
            await self.answer(body, **query)
        return caught.value.errcode, caught.value.reason

    async def used(self) -> int:
        return await self.quota.used("wx1", OPERATION)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    recognizer = FakeRecognizer()
    queue = RecognitionQueue(recognizer)
    store = SqliteStore(MEMORY, clock=FakeClock())
    yield Desk(recognizer, FakeFetcher(), store, Quota(store, 3, FakeClock()), queue)
    await store.close()
    queue.close()


def uploaded(content: bytes = JPEG, **more: Any) -> Body:
    return Body("multipart", Upload(content, **more), ("img",), size=len(content))


async def test_an_upload_is_read_and_charged(desk: Desk) -> None:
    values = await desk.answer(uploaded())
    assert tuple(values) == FIELD_NAMES
    assert desk.recognizer.seen == [JPEG]
    assert await desk.used() == 1


async def test_a_url_is_fetched_and_read(desk: Desk) -> None:
    await desk.answer(img_url="http://h/a.jpg", type="photo")
    assert desk.fetcher.seen == ["http://h/a.jpg"]
    assert desk.recognizer.seen == [b"fetched"]


async def test_the_token_comes_before_the_body(desk: Desk) -> None:
    errcode, _ = await desk.refused(uploaded(), access_token=f"17_{'x' * 133}")
    assert errcode == 40001
    assert desk.bodies_read == 0


@pytest.mark.parametrize("name", ["cloudbase_access_token", "authorizer_access_token"])
async def test_other_names_of_the_token(desk: Desk, name: str) -> None:
    await desk.answer(uploaded(), access_token="", **{name: "T"})


async def test_a_missing_token(desk: Desk) -> None:
    assert await desk.refused(access_token="") == (41001, "access_token in the query is empty")


async def test_get_is_accepted_unless_strict(desk: Desk) -> None:
    await desk.answer(method="GET", img_url="http://h/a.jpg")
    desk.options = {"strict": True}
    assert (await desk.refused(method="GET", img_url="http://h/a.jpg"))[0] == 43002


async def test_put_is_refused_before_the_token(desk: Desk) -> None:
    assert (await desk.refused(method="PUT", access_token="wrong"))[0] == 43002


async def test_what_is_asked_before(desk: Desk) -> None:
    async def before(operation: str, appid: str) -> None:
        raise WeChatError(48001, f"{operation} for {appid}")

    desk.options = {"before": before}
    assert await desk.refused(uploaded()) == (48001, "ocr.driverLicense for wx1")


async def test_both_img_and_img_url(desk: Desk) -> None:
    errcode, reason = await desk.refused(uploaded(), img_url="http://h/a.jpg")
    assert errcode == 40097
    assert "both" in reason


@pytest.mark.parametrize(
    ("body", "query", "reason"),
    [
        (Body(), {}, "neither img_url in the query nor"),
        (Body(), {"img_url": ""}, "img_url in the query is empty"),
        (Body("JSON", names=("img_url",)), {}, "img_url came in the JSON body"),
        (Body("form", names=("img_url",)), {}, "img_url came in the form body"),
        (Body("JSON", names=("imgUrl",)), {}, "imgUrl is the name in cloud calls"),
        (Body(), {"imgUrl": "http://h"}, "imgUrl is the name in cloud calls"),
        (Body("JSON", names=("img",)), {}, "img came in a JSON body"),
        (Body("multipart", names=("file", "x")), {}, "has file, x, and no part named img"),
        (Body("multipart"), {}, "has no parts at all"),
        (Body("image/jpeg"), {}, "the body is image/jpeg, not multipart"),
        (Body("multipart", problem="it breaks off"), {}, "cannot be used: it breaks off"),
        (uploaded(b""), {}, "img is empty, 0 bytes"),
    ],
)
async def test_no_image_has_a_likely_cause(
    desk: Desk, body: Body, query: dict[str, str], reason: str
) -> None:
    errcode, told = await desk.refused(body, **query)
    assert errcode == 41005
    assert reason in told
    assert await desk.used() == 0


async def test_two_megabytes_are_the_limit(desk: Desk) -> None:
    await desk.answer(uploaded(bytes(IMAGE_LIMIT)))
    errcode, reason = await desk.refused(uploaded(bytes(IMAGE_LIMIT + 1)))
    assert errcode == 101002
    assert "1 more than the 2097152 of 2 MB" in reason
    cut = Body("multipart/form-data", size=5_000_000, cut=True)
    errcode, reason = await desk.refused(cut)
    assert errcode == 101002
    assert "2902848 more" in reason


@pytest.mark.parametrize(
    ("error", "errcode", "charged"),
    [
        (ImageError("broken"), 101002, 0),
        (LicenseNotFoundError("a cat"), 101001, 1),
    ],
)
async def test_what_the_recognizer_says(
    desk: Desk, error: Exception, errcode: int, charged: int
) -> None:
    desk.recognizer.error = error
    assert await desk.refused(uploaded()) == (errcode, str(error))
    assert await desk.used() == charged


async def test_a_fault_of_the_recognizer_is_not_charged(desk: Desk) -> None:
    desk.recognizer.error = RuntimeError("boom")
    with pytest.raises(RuntimeError):
        await desk.answer(uploaded())
    assert await desk.used() == 0


@pytest.mark.parametrize(
    ("answer", "errcode", "reason"),
    [
        (DownloadError("404"), 101000, "404"),
        (ImageError("3 MB"), 101002, "3 MB"),
        (FakeImage(b""), 101002, "0 bytes"),
    ],
)
async def test_what_the_download_says(
    desk: Desk, answer: FakeImage | Exception, errcode: int, reason: str
) -> None:
    desk.fetcher.answer = answer
    code, told = await desk.refused(img_url="http://h/a")
    assert code == errcode
    assert reason in told
    assert await desk.used() == 0


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("text/html", "answered an HTML page; "), ("application/pdf", "called it application/pdf")],
)
async def test_a_page_in_place_of_an_image(desk: Desk, kind: str, reason: str) -> None:
    desk.fetcher.answer = FakeImage(b"<html>", kind)
    desk.recognizer.error = ImageError("not an image")
    errcode, told = await desk.refused(img_url="http://h/a")
    assert errcode == 101002
    assert reason in told


async def test_a_url_that_lost_its_end_is_told(desk: Desk) -> None:
    desk.fetcher.answer = DownloadError("404")
    _, reason = await desk.refused(img_url="http://h/a?x=1", y="2")
    assert "was img_url URL-encoded" in reason


async def test_a_buffer_that_became_json_is_told(desk: Desk) -> None:
    desk.recognizer.error = ImageError("not an image")
    body = uploaded(b'{"type":"Buffer","data":[255]}', has_filename=False)
    assert "a Buffer that became JSON" in (await desk.refused(body))[1]
    body = uploaded(b"text", has_filename=False)
    assert "a plain form field" in (await desk.refused(body))[1]


async def test_the_quota_holds_under_concurrency(desk: Desk) -> None:
    results = await asyncio.gather(
        *(desk.answer(uploaded()) for _ in range(10)), return_exceptions=True
    )
    refused = [error for error in results if isinstance(error, WeChatError)]
    assert [error.errcode for error in refused] == [101003] * 7
    assert len(desk.recognizer.seen) == await desk.used() == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ImageError("This is no image. Send a JPEG."), "this is no image; send a JPEG"),
        (ImageError("The JPEG image is broken: cut."), "the JPEG image is broken: cut"),
        (LicenseNotFoundError("No text. Is it a licence?"), "no text; is it a licence?"),
    ],
)
async def test_the_recognizers_sentences_become_one(
    desk: Desk, error: Exception, reason: str
) -> None:
    desk.recognizer.error = error
    assert (await desk.refused(uploaded()))[1] == reason


async def test_where_it_came_from_stands_before_and_advice_for_uploads_does_not(
    desk: Desk,
) -> None:
    desk.recognizer.error = ImageError("This is no image. Send a JPEG.")
    desk.fetcher.answer = FakeImage(b"x", "text/html")
    _, reason = await desk.refused(img_url="http://h/1.jpg")
    assert reason == "the address of img_url answered an HTML page; this is no image"


async def test_what_is_too_large_says_what_to_do(desk: Desk) -> None:
    _, reason = await desk.refused(uploaded(bytes(IMAGE_LIMIT + 1)))
    assert reason.endswith("WeChat takes under 2 MB: save it smaller")
