"""Signatures of requests to the cloud environment's gateway: TC3, in the variant for its SDKs.

The same code signs and recomputes. The variant was read off what the unmodified Node SDKs
(4.0.2, 3.0.4, 2.6.3) send: beside URL and headers, the members of the body are signed one by
one, and the header lists which.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from openapi_shim.protocol.jsjson import stringify, utf8

ALGORITHM = "TC3-HMAC-SHA256"
SERVICE = "tcb"

# What String.prototype.trim takes away, which is not what str.strip() does.
_BLANK = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# The order of characters in names: punctuation, digits, letters (Unicode's, as localeCompare).
_ORDER = {char: place for place, char in enumerate("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")}
_FORM = "multipart/form-data"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<id>[^/,\s]+)/(?P<date>\d{{4}}-\d\d-\d\d)/(?P<service>\w+)"
    r"/tc3_request,(?: SignedParams=(?P<params>[^,\s]*),)? SignedHeaders=(?P<headers>[^,\s]+),"
    r" Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """What an ``Authorization`` header says.

    Attributes:
        secret_id: whose key signed.
        date: the day of the signature, UTC.
        service: ``tcb``.
        params: names of the signed members of the body, lower-cased; None where not told.
        headers: names of the signed headers.
        signature: 64 hexadecimal digits.
    """

    secret_id: str
    date: str
    service: str
    params: tuple[str, ...] | None
    headers: tuple[str, ...]
    signature: str


def authorization(
    *,
    secret_id: str,
    secret_key: str,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, Any],
    timestamp: int,
    method: str = "post",
) -> str:
    """The ``Authorization`` header of a request.

    Args:
        secret_id: goes into the header.
        secret_key: signs.
        url: complete, with its query as it is sent.
        headers: all that shall be signed; ``host`` and ``content-type`` must be there.
        params: members of the body: strings, bytes (parts of a form), or JSON values.
        timestamp: seconds, as in the header ``X-Timestamp``.
        method: in lower case, as the SDKs sign it.
    """
    signed = _members(params)
    names = [name for name in sorted(signed, key=_collation) if signed[name]]
    lines = _header_lines(headers)
    listed = sorted(lines, key=_collation)
    date = datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")
    signature = _signature(
        secret_key, date, timestamp, _canonical(method, url, lines, listed, signed, names)
    )
    return (
        f"{ALGORITHM} Credential={secret_id}/{date}/{SERVICE}/tc3_request, "
        f"SignedParams={';'.join(names)}, SignedHeaders={';'.join(listed)}, Signature={signature}"
    )


def parse(header: str) -> Authorization:
    """The parts of an ``Authorization`` header.

    Raises:
        ValueError: it has another form.
    """
    match = _AUTHORIZATION.fullmatch(header.strip())
    if match is None:
        raise ValueError(f"not a {ALGORITHM} authorization")
    params = match["params"]
    return Authorization(
        secret_id=match["id"],
        date=match["date"],
        service=match["service"],
        params=None if params is None else tuple(filter(None, params.split(";"))),
        headers=tuple(match["headers"].split(";")),
        signature=match["signature"],
    )


def verify(
    given: Authorization,
    *,
    secret_key: str,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, Any],
    timestamp: int,
    method: str = "post",
) -> bool:
    """Whether *given* is the signature of this request under *secret_key*.

    The age of *timestamp* and what must be signed are the caller's to judge.

    Args:
        given: the request's header, parsed.
        secret_key: that of ``given.secret_id``.
        url: ``http://<Host header><raw path>?<raw query>``; the scheme is not signed.
        headers: of the request; those that were not signed do not matter.
        params: members of the body: strings, bytes for parts with a content type, JSON values.
        timestamp: of the header ``X-Timestamp``.
        method: in lower case.
    """
    try:
        date = datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return False
    lines = _header_lines(headers)
    if given.date != date or not lines.keys() >= set(given.headers):
        return False
    signed = _members(params)
    names = sorted(signed, key=_collation) if given.params is None else given.params
    canonical = _canonical(method, url, lines, given.headers, signed, names)
    expected = _signature(secret_key, date, timestamp, canonical)
    return hmac.compare_digest(expected, given.signature)


def _canonical(
    method: str,
    url: str,
    lines: Mapping[str, str],
    listed: Iterable[str],
    signed: Mapping[str, bytes],
    names: Iterable[str],
) -> bytes:
    place, _, query = url.partition("?")
    digest = hashlib.sha256()
    for name in names:
        if signed.get(name):
            digest.update(b"&" + name.encode() + b"=" + signed[name] + b"\r\n")
    listed = list(listed)
    parts = [
        method,
        re.sub(r"^https?:", "", place),
        query.partition("#")[0],
        *(f"{name}:{lines[name]}" for name in listed),
        "",
        ";".join(listed),
        digest.hexdigest(),
    ]
    return utf8("\n".join(parts))


def _signature(secret_key: str, date: str, timestamp: int, canonical: bytes) -> str:
    scope = f"{date}/{SERVICE}/tc3_request"
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for step in (date, SERVICE, "tc3_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _members(params: Mapping[str, Any]) -> dict[str, bytes]:
    """The members of the body by their signed names, as the bytes that are signed."""
    result = {}
    for name, value in params.items():
        if isinstance(value, bytes):
            data = value
        else:
            text = value if isinstance(value, str) else stringify(value)
            data = utf8(text.strip(_BLANK))
        result[_signed_name(name)] = data
    return result


def _header_lines(headers: Mapping[str, str]) -> dict[str, str]:
    lines = {}
    for name, value in headers.items():
        key = _signed_name(name)
        if key == "content-type":
            lines[key] = _FORM if value.startswith(_FORM) else value
        else:
            lines[key] = value.strip(_BLANK).lower()
    return lines


def _signed_name(name: str) -> str:
    return quote(name.lower().strip(_BLANK), safe="-_.~", errors="replace")


def _collation(name: str) -> list[tuple[int, str]]:
    return [(_ORDER.get(char, len(_ORDER)), char) for char in name]
