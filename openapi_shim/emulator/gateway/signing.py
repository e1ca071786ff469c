"""Signatures of requests from server SDKs, checked where the emulator's keys are fixed."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NoReturn

from aiohttp import web

from openapi_shim.errors import GatewayError
from openapi_shim.protocol import tc3
from openapi_shim.wechat.ids import Clock

LIFETIME = 600  # seconds a signature is good, before and after its time
_MUST_SIGN = frozenset({"host", "content-type"})


class Signing:
    """Checks signatures.

    Args:
        secret_id: the key that requests must be signed with; empty accepts any id.
        secret_key: that key; empty checks nothing.
        clock: seconds since 1970.
    """

    def __init__(self, *, secret_id: str, secret_key: str, clock: Clock) -> None:
        self._id = secret_id
        self._key = secret_key
        self._clock = clock
        self.required = bool(secret_key)

    def check(self, request: web.Request, fields: Mapping[str, object]) -> None:
        """Refuse *request* unless it is signed.

        Args:
            request: whose headers and URL are signed.
            fields: members of its body: text, bytes, or JSON values.

        Raises:
            GatewayError: SIGN_PARAM_INVALID.
        """
        header = request.headers.get("Authorization", "")
        try:
            given = tc3.parse(header)
        except ValueError:
            _refuse("missing authorization" if not header else "authorization format error")
        if self._id and not hmac.compare_digest(given.secret_id.encode(), self._id.encode()):
            _refuse(
                "secret id error",
                "the request is signed with another TENCENTCLOUD_SECRETID than the emulator was "
                "started with (OPENAPI_SHIM_GATEWAY_SECRET_ID)",
            )
        timestamp = self._timestamp(request)
        self._check_coverage(given, fields)
        path = request.raw_path
        genuine = tc3.verify(
            given,
            secret_key=self._key,
            url=path if path.startswith("http") else f"http://{request.headers['Host']}{path}",
            headers=request.headers,
            params=fields,
            timestamp=timestamp,
        )
        if not genuine:
            _refuse(
                "signature error",
                "the signature is wrong: another TENCENTCLOUD_SECRETKEY, or the request was "
                "changed on its way",
            )

    def _timestamp(self, request: web.Request) -> int:
        text = request.headers.get("X-Timestamp", "")
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            _refuse("X-Timestamp is missing or no number")
        ago = self._clock() - int(text)
        if abs(ago) > LIFETIME:
            _refuse(
                "signature expired",
                f"the signature's time is {ago:.0f} s off the emulator's clock; {LIFETIME} s are "
                "allowed",
            )
        return int(text)

    @staticmethod
    def _check_coverage(given: tc3.Authorization, fields: Mapping[str, object]) -> None:
        headers = _MUST_SIGN - set(given.headers)
        if headers:
            _refuse(f"header {min(headers)} is not signed")
        if given.params is None:
            return
        signed = set(given.params)
        for name, value in fields.items():
            if value not in ("", b"", None) and name.lower() not in signed:
                _refuse("signature error", f"{name[:40]} of the body is not among SignedParams")


def _refuse(message: str, reason: str = "") -> NoReturn:
    raise GatewayError("SIGN_PARAM_INVALID", message, reason)
