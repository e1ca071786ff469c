"""requests, httpx and aiohttp with the address as it stands in WeChat's page.

Arguments: photo, photo's URL.
"""

import asyncio
import json
import sys

import aiohttp
import httpx
import requests

API = "https://api.weixin.qq.com"
ACCOUNT = {"grant_type": "client_credential", "appid": "wx0000000000000000", "secret": "local"}
photo, url = sys.argv[1:]
with open(photo, "rb") as opened:
    content = opened.read()


def by_requests():
    token = requests.get(f"{API}/cgi-bin/token", params=ACCOUNT, timeout=60).json()["access_token"]
    query = {"access_token": token}
    return requests.post(
        f"{API}/cv/ocr/drivinglicense", params=query, files={"img": content}, timeout=60
    ).json()


def by_httpx():
    with httpx.Client(timeout=60) as client:
        token = client.post(f"{API}/cgi-bin/stable_token", json=ACCOUNT).json()["access_token"]
        query = {"access_token": token, "img_url": url}
        return client.post(f"{API}/cv/ocr/drivinglicense", params=query).json()


async def by_aiohttp():
    async with aiohttp.ClientSession(trust_env=True) as session:
        async with session.get(f"{API}/cgi-bin/token", params=ACCOUNT) as response:
            token = (await response.json(content_type=None))["access_token"]
        form = aiohttp.FormData()
        form.add_field("img", content, filename="a.jpg", content_type="image/jpeg")
        query = {"access_token": token}
        async with session.post(
            f"{API}/cv/ocr/drivinglicense", params=query, data=form
        ) as response:
            return await response.json(content_type=None)


answers = [by_requests(), by_httpx(), asyncio.run(by_aiohttp())]
json.dump({"version": requests.__version__, "answers": answers}, sys.stdout)
