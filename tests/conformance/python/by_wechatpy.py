"""wechatpy as its users call it: an image, and a cloud function. Arguments: photo, photo's URL."""

import json
import sys
from importlib.metadata import version

from wechatpy import WeChatClient

photo, url = sys.argv[1:]
client = WeChatClient("wx0000000000000000", "local")
with open(photo, "rb") as file:
    by_image = client.post("https://api.weixin.qq.com/cv/ocr/drivinglicense", files={"img": file})
by_url = client.post("https://api.weixin.qq.com/cv/ocr/drivinglicense", params={"img_url": url})
called = client.cloud.invoke_cloud_function("local-env", "pyEcho", {"value": {"say": "好"}})
json.dump(
    {
        "version": version("wechatpy"),
        "answers": [by_image, by_url],
        "function": called,
    },
    sys.stdout,
)
