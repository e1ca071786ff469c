"""py-wechat-tools as its users call it, by URL. Arguments: photo, photo's URL."""

import json
import sys
from importlib.metadata import version

from py_wechat_tools import MPTools

photo, url = sys.argv[1:]
program = MPTools("wx0000000000000000", "local")
answer = program.driver_license(img_url=url)
json.dump(
    {"version": version("py-wechat-tools"), "answers": [answer.request_result.json()]}, sys.stdout
)
