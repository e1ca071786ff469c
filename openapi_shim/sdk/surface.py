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


class IdcardParams(TypedDict, total=False):
    """Parameters of ``ocr.idcard``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]
    type: Literal["photo", "scan"]


class IdcardResult(TypedDict):
    """Answer of ``ocr.idcard``."""

    type: str
    """正面或背面: Front or Back"""
    name: str
    """姓名: name; front"""
    id: str
    """身份证号: number; front"""
    addr: str
    """地址: address; front"""
    gender: str
    """性别: sex; front"""
    nationality: str
    """民族: ethnic group; front"""
    validDate: str
    """有效期: term of validity; back"""
    errMsg: str
    errCode: int


class BankcardParams(TypedDict, total=False):
    """Parameters of ``ocr.bankcard``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]
    type: Literal["photo", "scan"]


class BankcardResult(TypedDict):
    """Answer of ``ocr.bankcard``."""

    number: str
    """银行卡号: number of the card"""
    errMsg: str
    errCode: int


class VehicleLicenseParams(TypedDict, total=False):
    """Parameters of ``ocr.vehicleLicense``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]
    type: Literal["photo", "scan"]


class VehicleLicenseResult(TypedDict):
    """Answer of ``ocr.vehicleLicense``."""

    plateNum: str
    """车牌号码: plate"""
    vehicleType: str
    """车辆类型: kind of vehicle"""
    owner: str
    """所有人: owner"""
    addr: str
    """住址: address"""
    useCharacter: str
    """使用性质: use"""
    model: str
    """品牌型号: make and model"""
    vin: str
    """车辆识别代号: vehicle identification number"""
    engineNum: str
    """发动机号码: number of the engine"""
    registerDate: str
    """注册日期: date of registration"""
    issueDate: str
    """发证日期: date of issue"""
    plateNumB: str
    """车牌号码: plate, on the second page"""
    record: str
    """号牌: file number"""
    passengersNum: str
    """核定载人数: persons it may carry"""
    totalQuality: str
    """总质量: total mass"""
    prepareQuality: str
    """整备质量: kerb mass"""
    overallSize: str
    """外廓尺寸: size"""
    cardPositionFront: Mapping[str, Any]
    """卡片正面位置: place of the main page in the picture"""
    cardPositionBack: Mapping[str, Any]
    """卡片反面位置: place of the second page in the picture"""
    imgSize: Mapping[str, Any]
    """图片大小: width and height of the picture"""
    errMsg: str
    errCode: int


class BusinessLicenseParams(TypedDict, total=False):
    """Parameters of ``ocr.businessLicense``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]


class BusinessLicenseResult(TypedDict):
    """Answer of ``ocr.businessLicense``."""

    regNum: str
    """注册号: registration number"""
    serial: str
    """编号: serial number"""
    legalRepresentative: str
    """法定代表人姓名: legal representative"""
    enterpriseName: str
    """企业名称: name of the enterprise"""
    typeOfOrganization: str
    """组成形式: form of organization"""
    address: str
    """经营场所/企业住所: address"""
    typeOfEnterprise: str
    """公司类型: type of enterprise"""
    businessScope: str
    """经营范围: scope of business"""
    registeredCapital: str
    """注册资本: registered capital"""
    paidInCapital: str
    """实收资本: paid-in capital"""
    validPeriod: str
    """营业期限: term of validity"""
    registeredDate: str
    """注册日期/成立日期: date of registration"""
    certPosition: Mapping[str, Any]
    """卡片位置: place of the licence in the picture"""
    imgSize: Mapping[str, Any]
    """图片大小: width and height of the picture"""
    errMsg: str
    errCode: int


class PrintedTextParams(TypedDict, total=False):
    """Parameters of ``ocr.printedText``."""

    imgUrl: str
    img: MediaInput | Mapping[str, Any]


class PrintedTextResult(TypedDict):
    """Answer of ``ocr.printedText``."""

    items: list[Mapping[str, Any]]
    """识别结果: lines, each with text and pos, its four corners"""
    imgSize: Mapping[str, Any]
    """图片大小: width and height of the picture"""
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

        def idcard(
            self,
            params: IdcardParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
            type: Literal["photo", "scan"] = ...,
        ) -> Coroutine[Any, Any, IdcardResult]:
            """Recognize an identity card, front or back (身份证 OCR 识别).

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
                type: Kind of picture; WeChat's page requires it.
            """

        def bankcard(
            self,
            params: BankcardParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
            type: Literal["photo", "scan"] = ...,
        ) -> Coroutine[Any, Any, BankcardResult]:
            """Recognize a bank card (银行卡 OCR 识别).

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
                type: Kind of picture; WeChat's page requires it.
            """

        def vehicleLicense(
            self,
            params: VehicleLicenseParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
            type: Literal["photo", "scan"] = ...,
        ) -> Coroutine[Any, Any, VehicleLicenseResult]:
            """Recognize a vehicle licence (行驶证 OCR 识别), not a driving licence.

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
                type: Kind of picture; WeChat's page requires it.
            """

        def businessLicense(
            self,
            params: BusinessLicenseParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
        ) -> Coroutine[Any, Any, BusinessLicenseResult]:
            """Recognize a business licence (营业执照 OCR 识别).

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
            """

        def printedText(
            self,
            params: PrintedTextParams | Mapping[str, Any] = ...,
            /,
            *,
            imgUrl: str = ...,
            img: MediaInput | Mapping[str, Any] = ...,
        ) -> Coroutine[Any, Any, PrintedTextResult]:
            """Recognize printed text (通用印刷体 OCR 识别).

            Args:
                params: the parameters below as a dict, as in JavaScript.
                imgUrl: URL of the image, which WeChat downloads; pass either this or img.
                img: The image itself: contentType (a MIME type) and value (its bytes); under 2 MB.
            """

        def __getattr__(self, name: str) -> ApiPath: ...


class OpenApiSurface:
    """The families of operations."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def ocr(self) -> OcrApi:
            """Operations of ``ocr``."""
