"""What editors and type checkers know of ``cloud.openapi``.

Generated from the catalog by ``make surface``: do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypedDict

if TYPE_CHECKING:
    from openapi_shim.sdk.openapi import ApiPath


class MediaInput(TypedDict):
    """A file among the parameters.

    ``value``: its bytes, a file opened in binary mode, or what they become in an event: the
    JSON form of a Node Buffer, or base64 text.
    """

    contentType: str
    value: bytes | bytearray | memoryview | BinaryIO | str | Mapping[str, Any]


class DriverLicenseParams(TypedDict, total=False):
    """Parameters of ``ocr.driverLicense``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]
    type: Literal["photo", "scan"]


class DriverLicenseResult(TypedDict):
    """Answer of ``ocr.driverLicense``."""

    idNum: str
    """证号: number of the licence"""
    name: str
    """姓名: name"""
    sex: str
    """性别: sex, 男 or 女"""
    nationality: str
    """国籍: nationality"""
    address: str
    """住址: address"""
    birthDate: str
    """出生日期: date of birth, YYYY-MM-DD"""
    issueDate: str
    """初次领证日期: date of first issue, YYYY-MM-DD"""
    carClass: str
    """准驾车型: vehicle classes, e.g. C1"""
    validFrom: str
    """有效期限起始日: valid from, YYYY-MM-DD"""
    validTo: str
    """有效期限终止日: valid to, YYYY-MM-DD, or 长期"""
    officialSeal: str
    """印章文构: text of the seal"""
    errMsg: str
    errCode: int


class OcrApi:
    """Operations of ``ocr``."""

    if TYPE_CHECKING:

        def driverLicense(
            self,
            params: DriverLicenseParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
            type: Literal["photo", "scan"] = ...,
        ) -> Coroutine[Any, Any, DriverLicenseResult]:
            """Recognize the main page of a Chinese driving licence (驾驶证 OCR 识别).

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
                type: Kind of picture; not required.
            """

        def __getattr__(self, name: str) -> ApiPath: ...


class OpenApiSurface:
    """The families of operations."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def ocr(self) -> OcrApi:
            """Operations of ``ocr``."""
