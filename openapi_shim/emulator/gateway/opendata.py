"""Open data behind CloudIDs: on the platform of real users, here all invented.

A mini-program hands its cloud functions CloudIDs in place of a user's data; here there is a
fixed set of them, each with data of nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from openapi_shim.catalog.cloud_codes import cloud_code_text

INVALID_CLOUD_ID = -601005

_DAY = 86400

_OpenData = dict[str, Any]


def _phone_number(now: int) -> _OpenData:  # noqa: ARG001
    # 199 0000 0000: a number of the form of one, given to nobody.
    number = "19900000000"
    return {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"}


def _we_run_data(now: int) -> _OpenData:
    today = now - now % _DAY
    return {
        "stepInfoList": [
            {"timestamp": today - back * _DAY, "step": 6000 + 37 * back}
            for back in range(30, -1, -1)
        ]
    }


def _share_info(now: int) -> _OpenData:  # noqa: ARG001
    return {"openGId": "tGlocal0000000000000000000000"}


_KINDS: Mapping[str, Callable[[int], _OpenData]] = {
    "local-phone-number": _phone_number,
    "local-we-run-data": _we_run_data,
    "local-share-info": _share_info,
}

CLOUD_IDS = tuple(_KINDS)
"""The CloudIDs there are."""


def open_data(cloud_id: str, *, appid: str, now: float) -> dict[str, Any]:
    """What the platform puts in a CloudID's place: its data, or the error an unknown one is.

    Args:
        cloud_id: one of :data:`CLOUD_IDS`.
        appid: of the mini-program, for the watermark.
        now: seconds since 1970, for the watermark.
    """
    kind = _KINDS.get(cloud_id)
    if kind is None:
        return {
            "cloudID": cloud_id,
            "errCode": INVALID_CLOUD_ID,
            "errMsg": cloud_code_text(INVALID_CLOUD_ID),
        }
    watermark = {"timestamp": int(now), "appid": appid}
    return {"cloudID": cloud_id, "data": {**kind(int(now)), "watermark": watermark}}


def local_signature(*parts: str) -> str:
    """A signature of the right form for calls that are signed; it opens nothing."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
