"""ocr.driverLicense: the way of a call, as a list of steps that can be read aloud."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from openapi_shim.errors import DownloadError, ImageError, LicenseNotFoundError, WeChatError
from openapi_shim.wechat.calls import (
    TOKEN_PARAMETERS,
    Before,
    Body,
    Call,
    Upload,
    authenticate,
)
from openapi_shim.wechat.details import (
    OBJECT,
    PARAMETER,
    asks_for_details,
    details_of,
    details_wanted,
)
from openapi_shim.wechat.quota import Quota, Reservation
from openapi_shim.wechat.recognition import License, RecognitionQueue
from openapi_shim.wechat.tokens import TokenService

OPERATION = "ocr.driverLicense"
IMAGE_LIMIT = 2 * 1024 * 1024
"""Bytes an image may have at most; "under 2 MB" in WeChat's words."""

_URL_LIMIT = 8000  # characters; no address of an image is longer, an image in one is
_EMPTY = "the image is empty, 0 bytes"
_BUFFER = (
    "is a Buffer that became JSON on its way through callFunction: send base64 and decode it in "
    "the function"
)
_BUFFER_JSON = re.compile(rb'\{\s*"type"\s*:\s*"Buffer"')
_BASE64 = (b"/9j/", b"iVBORw0KGgo", b"data:image/")  # how JPEG, PNG and data URLs begin
_PLACE = re.compile(rb"(wxfile|cloud|https?|file|blob)://")
_KNOWN_PARAMETERS = {"img_url", "type", PARAMETER, *TOKEN_PARAMETERS}


class FetchedImage(Protocol):
    """What was found at an img_url."""

    @property
    def content(self) -> bytes:
        """The bytes."""
        ...

    @property
    def content_type(self) -> str:
        """The media type the server named, in lower case, or an empty string."""
        ...


class ImageFetcher(Protocol):
    """Downloads an image."""

    async def fetch(self, url: str, *, limit: int) -> FetchedImage:
        """Download *url*.

        Raises:
            DownloadError: it cannot or must not be fetched.
            ImageError: it has more than *limit* bytes.
        """
        ...


@dataclass
class _Work:
    """A call on its way through the steps."""

    call: Call
    body: Body = field(default_factory=Body)
    img_url: str = ""
    content: bytes = b""
    origin: str = ""  # a hint on what was sent, for the reason when it is no image
    reservation: Reservation | None = None
    license: License | None = None


_Step = Callable[[_Work], Awaitable[None]]


class DriverLicenseService:
    """Answers ``/cv/ocr/drivinglicense``.

    A call is charged when recognition ran and answered, with a licence or with 101001; what
    fails before that is free.

    Args:
        before: asked first, with the operation and the appid; refuses by a ``WeChatError``.
        quota: the calls of the day; None counts none.
        fetcher: downloads an img_url.
        recognition: reads photos, off the event loop.
        strict: refuse GET, which WeChat's page documents only by its first curl example, and
            pass over our own parameter for details, as WeChat does.
    """

    def __init__(
        self,
        *,
        before: Before | None = None,
        quota: Quota | None,
        fetcher: ImageFetcher,
        recognition: RecognitionQueue,
        strict: bool = False,
    ) -> None:
        self._before = before
        self._quota = quota
        self._fetcher = fetcher
        self._recognition = recognition
        self._strict = strict
        self._methods = ("POST",) if strict else ("POST", "GET")
        self.steps: tuple[_Step, ...] = (
            self._ask_before,
            self._check_parameters,
            self._fetch_image,
            self._check_size,
            self._reserve_quota,
            self._recognize,
        )

    async def answer(self, call: Call, tokens: TokenService) -> Mapping[str, Any]:
        """The licence's eleven fields, once *tokens* know who calls; details if it asks for them.

        Raises:
            WeChatError: the first step that could not be taken.
            StoreError: the store of tokens or of the quota cannot be reached.
        """
        self._check_method(call)
        call.appid = await authenticate(call.query, tokens)
        if self._strict or not asks_for_details(call.query.get(PARAMETER)):
            return await self.answer_trusted(call)
        with details_wanted():
            found = await self._found(call)
        return {**found.values(), OBJECT: details_of(found)}

    async def answer_trusted(self, call: Call) -> Mapping[str, str]:
        """As :meth:`answer`, for a call whose appid is known and true without an access token.

        Raises:
            WeChatError, StoreError: as :meth:`answer`.
        """
        return (await self._found(call)).values()

    async def _found(self, call: Call) -> License:
        work = _Work(call)
        try:
            for step in self.steps:
                await step(work)
        finally:
            if work.reservation is not None:
                work.reservation.release()
        if work.license is None:
            raise RuntimeError("the steps ended without a licence")
        return work.license

    def _check_method(self, call: Call) -> None:
        if call.method not in self._methods:
            strict = " (strict)" if call.method == "GET" else ""
            raise WeChatError(43002, f"the method is {call.method}; call with POST{strict}")

    async def _ask_before(self, work: _Work) -> None:
        if self._before is not None:
            await self._before(OPERATION, work.call.appid)

    async def _check_parameters(self, work: _Work) -> None:
        work.body = body = await work.call.read_body()
        work.img_url = work.call.query.get("img_url", "")
        if body.cut:
            raise WeChatError(101002, over_limit(body.size, ", counting the whole body"))
        if body.problem:
            raise WeChatError(41005, f"the body cannot be used: {body.problem}")
        if work.img_url and body.img is not None:
            raise WeChatError(
                40097, "both img_url and img were sent: send img_url in the query, or img, not both"
            )
        if not work.img_url and (body.img is None or not body.img.content):
            raise WeChatError(41005, _why_no_image(work.call, body))

        if len(work.img_url) > _URL_LIMIT or work.img_url[:5].lower() == "data:":
            raise WeChatError(101000, _image_in_url(work.img_url))

    async def _fetch_image(self, work: _Work) -> None:
        if work.body.img is not None:
            work.content = work.body.img.content
            work.origin = _odd_upload(work.body.img)
            return
        try:
            fetched = await self._fetcher.fetch(work.img_url, limit=IMAGE_LIMIT)
        except DownloadError as error:
            raise WeChatError(101000, f"{error}{_cut_query(work.call)}") from error
        except ImageError as error:
            raise WeChatError(101002, str(error)) from error
        work.content = fetched.content
        if fetched.content_type in ("text/html", "application/xhtml+xml"):
            work.origin = "the address of img_url answered an HTML page"
        elif fetched.content_type and not fetched.content_type.startswith("image/"):
            work.origin = f"the address of img_url called it {fetched.content_type[:60]}"

    async def _check_size(self, work: _Work) -> None:
        size = len(work.content)
        if size == 0:
            raise WeChatError(101002, "; ".join(filter(None, (_EMPTY, work.origin))))
        if size > IMAGE_LIMIT:
            raise WeChatError(101002, over_limit(size))

    async def _reserve_quota(self, work: _Work) -> None:
        if self._quota is not None:
            work.reservation = await self._quota.reserve(work.call.appid, OPERATION)

    async def _recognize(self, work: _Work) -> None:
        try:
            work.license = await self._recognition.read(work.content)
        except ImageError as error:
            raise WeChatError(101002, _no_image(error, work.origin)) from error
        except LicenseNotFoundError as error:
            await self._charge(work)
            raise WeChatError(101001, "; ".join(_clauses(error))) from error
        await self._charge(work)

    @staticmethod
    async def _charge(work: _Work) -> None:
        if work.reservation is not None:
            await work.reservation.commit()


def over_limit(size: int, counted: str = "") -> str:
    """That an image of *size* bytes is too large, by how much, and what to do."""
    return (
        f"the image has {size} bytes{counted}, {size - IMAGE_LIMIT} more than the {IMAGE_LIMIT} of "
        "2 MB; WeChat takes under 2 MB: save it smaller"
    )


def _image_in_url(img_url: str) -> str:
    what = "is a data URL" if img_url[:5].lower() == "data:" else "is no address"
    return (
        f"img_url {what}, it has {len(img_url)} characters: an image belongs into the multipart "
        "body img, not into img_url"
    )


def _clauses(error: Exception) -> list[str]:
    """The sentences of *error*, fit to stand within another one."""
    sentences = [part.strip() for part in str(error).rstrip(". ").split(". ")]
    return [one if one[1:2].isupper() else one[:1].lower() + one[1:] for one in sentences]


def _no_image(error: Exception, origin: str) -> str:
    """Why there is no image; where it came from says more than the advice for uploads."""
    clauses = _clauses(error)
    return "; ".join([origin, clauses[0]] if origin else clauses)


def _why_no_image(call: Call, body: Body) -> str:
    """The likely cause that neither img_url nor img arrived, and what to do."""
    found = ", ".join(name[:40] for name in body.names) or "no parts at all"
    causes = (
        (
            body.img is not None,
            "img is empty, 0 bytes: the file was not opened, or was read to its end before",
        ),
        ("img_url" in call.query, "img_url in the query is empty"),
        (
            "img_url" in body.names,
            f"img_url came in the {body.kind} body, where WeChat does not look: put it, "
            "URL-encoded once, into the query",
        ),
        (
            "imgUrl" in call.query or "imgUrl" in body.names,
            "imgUrl is the name in cloud calls; over HTTPS it is img_url, in the query",
        ),
        (
            body.kind == "multipart",
            f"the multipart body has {found}, and no part named img",
        ),
        ({"type", "data"} == set(body.names), f"the {body.kind} body {_BUFFER}"),
        (
            "img" in body.names,
            f"img came in a {body.kind} body: send it as a file of multipart/form-data",
        ),
        (
            body.kind != "nothing",
            f"the body is {body.kind}, not multipart/form-data with a part named img, and the "
            "query has no img_url",
        ),
        (True, "neither img_url in the query nor a multipart body with img arrived"),
    )
    return next(reason for applies, reason in causes if applies)


def _odd_upload(img: Upload) -> str:
    """What *img* is in place of an image's bytes, or how oddly it was sent."""
    begin = img.content[:200].lstrip()
    if _BUFFER_JSON.match(begin):
        return f"img {_BUFFER}"
    if begin.startswith(_BASE64):
        return "img is base64 text: decode it, and send the bytes"
    place = _PLACE.match(begin)
    if place:
        return (
            f"img is an address ({place[0].decode()}…), not the image: send the file's bytes, or "
            "an http(s) address as img_url"
        )
    return "" if img.has_filename else "img came as a plain form field, without a filename"


def _cut_query(call: Call) -> str:
    """That an img_url which was not encoded lost what follows its first ``&``."""
    extra = [name for name in call.query if name not in _KNOWN_PARAMETERS]
    if not extra:
        return ""
    return (
        f"; the query also has {extra[0][:40]!r}: was img_url URL-encoded before it was put "
        "into the query?"
    )
