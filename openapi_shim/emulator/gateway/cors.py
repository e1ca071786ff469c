"""Which browser pages are let in: those of this machine, and no others."""

from __future__ import annotations

import re

from aiohttp import web

from openapi_shim.errors import GatewayError

_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_METHODS = "GET, POST, PUT, DELETE, OPTIONS"
_HEADERS = (
    "accept-language, authorization, content-type, key, signature, x-client-timestamp, "
    "x-cos-meta-fileid, x-cos-security-token, x-device-id, x-request-id, x-sdk-version, x-seqid"
)
_EXPOSED = "ETag, X-Request-Id, X-Openapi-Shim-Reason"
_MAX_AGE = "600"  # seconds a browser may remember the answer to its preflight
_HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")


def check_origin(request: web.Request) -> str:
    """The page's origin; empty when no browser page is asking.

    Raises:
        GatewayError: INVALID_REQUEST_SOURCE, the page is not this machine's.
    """
    origin = request.headers.get("Origin", "")
    if origin and not _LOCAL.fullmatch(origin):
        raise GatewayError(
            "INVALID_REQUEST_SOURCE",
            "Invalid request source",
            f"pages of {origin[:80]} are not let in: serve the page from localhost",
        )
    return origin


def let_in(response: web.StreamResponse, origin: str) -> None:
    """Let the page at *origin* read *response*."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = _EXPOSED
    headers["Vary"] = "Origin"


def preflight(request: web.Request, origin: str) -> web.Response:
    """The answer to a browser's question whether it may send *request*'s successor."""
    asked = request.headers.get("Access-Control-Request-Headers", "")
    response = web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            # Later SDKs may send more headers than those known: a page of this machine may.
            "Access-Control-Allow-Headers": asked if _HEADER_NAMES.fullmatch(asked) else _HEADERS,
            "Access-Control-Max-Age": _MAX_AGE,
        },
    )
    let_in(response, origin)
    return response
