"""A function as somebody may have it: it reads a licence and says whether it may be used."""

from openapi_shim import CloudError, cloud

cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})

CLASSES = ("C1", "C2", "A1", "A2", "B1", "B2")


async def main(event, context):
    """Answer who may drive, or why nobody was recognized."""
    try:
        licence = await cloud.openapi.ocr.driverLicense({"img": event["img"]})
    except CloudError as error:
        if error.errCode == 101001:
            return {"ok": False, "why": "no licence in the photo"}
        return {"ok": False, "why": "try again later", "code": error.errCode}
    return {
        "ok": licence["carClass"].startswith(CLASSES),
        "name": licence["name"],
        "by": cloud.getWXContext().get("OPENID", ""),
    }
