"""A call as the signed request to the cloud environment's gateway: nothing is sent here.

The members, their order, the headers and the URL are those of the Node SDK 4.0.2, as recorded;
``User-Agent`` and ``X-SDK-Version`` name this SDK.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from openapi_shim._version import __version__
from openapi_shim.credentials.cloudbase import CloudKeys, listed
from openapi_shim.protocol import tc3
from openapi_shim.protocol.jsjson import stringify, utf8

AGENT = f"openapi-shim/{__version__}"
_HOST = "tcb-api.tencentcloudapi.com"
_ENV_IN_HOST = re.compile(r"[a-z0-9_-]{1,40}")
_JSON, _FORM = "application/json", "multipart/form-data"


@dataclass(frozen=True)
class Endpoint:
    """Where the gateway is, as far as ``cloud.init`` says; the environment says the rest."""

    service_url: str = ""
    region: str = ""
    protocol: str = "https"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Moment:
    """What differs from request to request.

    Attributes:
        milliseconds: since 1970.
        number: of the request in this process, from 1.
        boundary: between the parts of a form.
    """

    milliseconds: int
    number: int
    boundary: str


@dataclass(frozen=True)
class GatewayRequest:
    """A request, ready to be sent.

    Attributes:
        url: with its query, percent-encoded.
        headers: all of them, signature included.
        members: of the body, in order: strings, bytes, or JSON values.
        body: those members, encoded.
    """

    url: str
    headers: dict[str, str] = field(repr=False)
    members: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)


def gateway_request(
    members: Mapping[str, Any],
    *,
    env: str,
    keys: CloudKeys,
    tokens: Mapping[str, str],
    environ: Mapping[str, str],
    endpoint: Endpoint,
    moment: Moment,
    cross_account: Any = None,
) -> GatewayRequest:
    """The request that carries *members*: as a form where one of them is bytes, else as JSON.

    Args:
        members: action and parameters; those that are None stay out.
        env: the cloud environment; empty for the default one.
        keys: to sign with.
        tokens: who calls; see ``credentials.cloudbase.invocation_tokens``.
        environ: environment variables.
        endpoint: where to.
        moment: time, number and boundary.
        cross_account: what another account's answer authorizes calls with.
    """
    cross = utf8(stringify(cross_account)) if cross_account else b""
    everything = {
        **members,
        "envName": env,
        **tokens,
        "tcb_sessionToken": listed(environ, "TCB_SESSIONTOKEN"),
        "sessionToken": keys.session_token,
        "crossAuthorizationToken": base64.b64encode(cross).decode(),
    }
    everything = {name: value for name, value in everything.items() if value is not None}
    form = any(isinstance(value, bytes) for value in everything.values())
    url = gateway_url(env, environ, endpoint, _sequence(environ, moment))
    headers = {
        **endpoint.headers,
        "content-type": _FORM if form else _JSON,
        **_headers(url, environ, endpoint, moment),
    }
    if members.get("action") == "functions.invokeFunction":
        route = listed(environ, "TCB_ROUTE_KEY")
        headers |= {"X-TCB-Route-Key": route} if route else {}
    timestamp = moment.milliseconds // 1000 - 1  # a second back, for clocks that are behind
    headers["Authorization"] = tc3.authorization(
        secret_id=keys.secret_id,
        secret_key=keys.secret_key,
        url=url,
        headers=headers,
        params=everything,
        timestamp=timestamp,
    )
    headers |= {"X-Signature-Expires": "600", "X-Timestamp": str(timestamp)}
    if form:
        headers["content-type"] = f"{_FORM}; boundary={moment.boundary}"
    body = _form_body(everything, moment.boundary) if form else utf8(stringify(everything))
    return GatewayRequest(url, headers, everything, body)


def gateway_url(env: str, environ: Mapping[str, str], endpoint: Endpoint, sequence: str) -> str:
    """The gateway's URL: of ``init``, of ``TCB_CONTEXT_CNFG``, or the default of the region."""
    internal = run_environment(environ) != "unknown"
    own_region = environ.get("TENCENTCLOUD_REGION", "")
    region = endpoint.region or own_region
    near = internal and region == own_region
    host = ".".join(filter(None, ("internal" if near else "", region, _HOST)))
    host = f"{env}.{host}" if _ENV_IN_HOST.fullmatch(env) else host
    default = f"{'http' if internal else endpoint.protocol}://{host}/admin"
    base = endpoint.service_url or _injected_url(environ) or default
    query = f"env={quote(env, safe='$:')}&seqId={quote(sequence, safe='')}"
    return f"{base}{query}" if "?" in base else f"{base}?{query}"


def run_environment(environ: Mapping[str, str]) -> str:
    """Where the process runs, in the word that ``X-TCB-Source`` ends with."""
    if environ.get("TENCENTCLOUD_RUNENV") == "SCF":
        return "scf"
    if environ.get("CBR_ENV_ID"):
        return "cbr"
    if environ.get("SUMERU_ENV") in {"formal", "pre", "test"}:
        return "sumeru"
    return "tencentcloud" if environ.get("TENCENTCLOUD") == "true" else "unknown"


def _injected_url(environ: Mapping[str, str]) -> str:
    try:
        config = json.loads(environ.get("TCB_CONTEXT_CNFG") or "{}")
    except ValueError:
        return ""
    url = config.get("URL") if isinstance(config, dict) else ""
    return url if isinstance(url, str) else ""


def _headers(
    url: str, environ: Mapping[str, str], endpoint: Endpoint, moment: Moment
) -> dict[str, str]:
    headers = {
        "User-Agent": AGENT,
        "X-TCB-Source": f"{listed(environ, 'TCB_SOURCE')},{run_environment(environ)}",
        "X-Client-Timestamp": str(moment.milliseconds),
        "X-SDK-Version": AGENT,
        "Host": urlsplit(url).netloc,
    }
    trace = listed(environ, "TCB_TRACELOG")
    region = endpoint.region or environ.get("TENCENTCLOUD_REGION", "")
    headers |= {"X-TCB-Tracelog": trace} if trace else {}
    headers |= {"X-TCB-Region": region} if region else {}
    return headers


def _sequence(environ: Mapping[str, str], moment: Moment) -> str:
    own = f"{moment.milliseconds:x}_{moment.number:x}"
    above = listed(environ, "TCB_SEQID")
    return f"{above}-{own}" if above else own


def _form_body(members: Mapping[str, Any], boundary: str) -> bytes:
    body = bytearray()
    for name, value in members.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()
        if isinstance(value, bytes):
            body += b"Content-Type: application/octet-stream\r\n"
        body += b"\r\n" + (value if isinstance(value, bytes) else utf8(str(value))) + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body)
