"""A process that calls until the quota is used up; it may be killed at any moment.

Started by test_killed.py as ``python charging.py FOLDER LIMIT BOUGHT``. It writes a line for each
answer that its caller has got: the stable token it called with. It begins when it is told to, by
a line on its standard input.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from openapi_shim.errors import WeChatError
from openapi_shim.stores.sqlite import SqliteStore
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.quota import Quota
from openapi_shim.wechat.tokens import TokenService


async def main(folder: Path, limit: int, bought: int) -> None:
    store = SqliteStore(folder / "state.sqlite", patience=60.0)
    quota = Quota(store, limit, time.time, bought=bought)
    tokens = TokenService(store, clock=time.time, new_token=RandomIds().token, moment=time.time)
    while True:
        issued = await tokens.stable_token("client_credential", "wx1", "s")
        appid = await tokens.check(issued.access_token)
        try:
            place = await quota.reserve(appid, "ocr.driverLicense")
            await place.commit()
        except WeChatError as error:
            sys.stdout.write(f"{error.errcode}\n")
            break
        sys.stdout.write(f"{issued.access_token}\n")
        sys.stdout.flush()
    await store.close()


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
