"""A user's function, checked by mypy: what editors know of the SDK. Never run."""

from typing import assert_type

from openapi_shim import CloudError, cloud
from openapi_shim.sdk.surface import DriverLicenseResult

cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})


async def main(event: dict[str, str], context: object) -> DriverLicenseResult | dict[str, object]:
    try:
        result = await cloud.openapi.ocr.driverLicense(imgUrl=event["imgUrl"])
        assert_type(result, DriverLicenseResult)
        assert_type(result["idNum"], str)
        assert_type(result["errCode"], int)
        await cloud.openapi.ocr.driverLicense({"type": "photo", "imgUrl": "https://h/1.jpg"})
        with open("a.jpg", "rb") as photo:
            await cloud.openapi.ocr.driverLicense(
                img={"contentType": "image/jpeg", "value": photo}, type="scan"
            )
    except CloudError as error:
        assert_type(error.errCode, int)
        return error.to_dict()
    else:
        return result


async def mistakes() -> None:
    await cloud.openapi.ocr.driverLicense(imgURL="x")  # type: ignore[call-arg]
    await cloud.openapi.ocr.driverLicense(type="film")  # type: ignore[arg-type]
    result = await cloud.openapi.ocr.driverLicense(imgUrl="x")
    result["idNumber"]  # type: ignore[typeddict-item]


async def unknown_names_still_work() -> None:
    answer = await cloud.openapi.security.msgSecCheck({"content": "x"})
    answer["anything"]
    snake = await cloud.openapi({"convertCase": False}).ocr.driverLicense({"img_url": "x"})
    snake["id_num"]
