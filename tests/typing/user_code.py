"""A user's function, checked by mypy: what editors know of the SDK. Never run."""

from typing import Any, assert_type

from openapi_shim import CloudError, cloud
from openapi_shim.sdk.results import (
    CallFunctionResult,
    DownloadFileResult,
    UploadFileResult,
)
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


async def the_other_functions() -> None:
    called = await cloud.callFunction(name="f", data={"a": 1}, config={"env": "e"}, timeout=500)
    assert_type(called, CallFunctionResult)
    assert_type(called["requestID"], str)
    with open("a.jpg", "rb") as photo:
        stored = await cloud.uploadFile(cloudPath="a.jpg", fileContent=photo)
    assert_type(stored, UploadFileResult)
    fetched = await cloud.downloadFile({"fileID": stored["fileID"]})
    assert_type(fetched, DownloadFileResult)
    assert_type(fetched["fileContent"], bytes)
    urls = await cloud.getTempFileURL(fileList=["a", {"fileID": "b", "maxAge": 60}])
    assert_type(urls["fileList"][0]["status"], int)
    deleted = await cloud.deleteFile({"fileList": ["a"]})
    assert_type(deleted["fileList"][0]["errMsg"], str)
    opened = await cloud.getOpenData(list=["x"])
    assert_type(opened["list"], list[Any])
    cloud.logger().info({"a": 1})
    second = cloud.createNewInstance(env="other")
    await second.callFunction(name="f")
    theirs = cloud.Cloud({"resourceAppid": "wx", "resourceEnv": "e"})
    await theirs.init()
    await theirs.deleteFile(fileList=["a"])


async def more_mistakes() -> None:
    await cloud.callFunction(function="f")  # type: ignore[call-arg]
    await cloud.uploadFile(cloudPath="a", fileContent="text")  # type: ignore[arg-type]
    await cloud.deleteFile(fileList=[1])  # type: ignore[list-item]
    cloud.callFunction(name="f")  # type: ignore[unused-coroutine]
