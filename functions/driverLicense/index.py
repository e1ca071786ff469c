"""Reads a driving licence: the specification's sample, in Python."""

from openapi_shim import CloudError, cloud

cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})


async def main(event, context):
    """Answer the licence's fields, or the error as ``{"errCode": …, "errMsg": …}``.

    The event holds ``imgUrl``, or ``img: {"contentType", "value"}``, or the ``fileID`` of a
    photo in cloud storage, and may hold ``type``.
    """
    params = {key: event[key] for key in ("type", "imgUrl", "img") if key in event}
    try:
        if "fileID" in event:
            file = await cloud.downloadFile(fileID=event["fileID"])
            params["img"] = {"contentType": "image/jpeg", "value": file["fileContent"]}
        return await cloud.openapi.ocr.driverLicense(params)
    except CloudError as error:
        return error.to_dict()
