"""Signatures of requests to AWS: version 4, by header and by query (presigned URLs).

Source: "AWS Signature Version 4 for API requests" in AWS's IAM User Guide; a test compares the
outcome with botocore's. Pure: the caller sends.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class AwsKeys:
    """Keys to sign with.

    Attributes:
        id: the access key's id; not secret.
        secret: the key; signs and is never sent.
        token: the session's token for keys that end; empty for those of a user.
    """

    id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Scope:
    """What a signature is good for.

    Attributes:
        region: e.g. ``us-east-1``.
        service: AWS's name for signing, e.g. ``dynamodb`` or ``s3``.
        moment: when it is made, in seconds since 1970; AWS takes 15 minutes of difference.
    """

    region: str
    service: str
    moment: float

    @property
    def stamp(self) -> str:
        """The moment as AWS writes it, e.g. ``20261122T220408Z``."""
        return datetime.fromtimestamp(self.moment, timezone.utc).strftime("%Y%m%dT%H%M%SZ")

    def __str__(self) -> str:
        return f"{self.stamp[:8]}/{self.region}/{self.service}/aws4_request"


def encoded_path(path: str) -> str:
    """The path of a URL as it must be sent: encoded once, slashes kept."""
    return quote(path, safe="/-_.~") or "/"


def encoded_query(query: Iterable[tuple[str, str]]) -> str:
    """The query of a URL in the order and encoding that are signed."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def signed_headers(
    method: str,
    host: str,
    path: str,
    *,
    query: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str],
    body: bytes,
    keys: AwsKeys,
    scope: Scope,
) -> dict[str, str]:
    """All headers of a request, with its signature among them.

    Args:
        method: upper-case.
        host: as the ``Host`` header will have it, with a port other than the scheme's.
        path: not encoded; send ``encoded_path(path)``.
        query: names and values, not encoded; send ``encoded_query(query)``.
        headers: those to sign beside the ones that are added here.
        body: signed by its SHA-256.
        keys: whose signature.
        scope: for which service and when.
    """
    digest = hashlib.sha256(body).hexdigest()
    complete = {**headers, "X-Amz-Date": scope.stamp}
    if keys.token:
        complete["X-Amz-Security-Token"] = keys.token
    if scope.service == "s3":  # the other services take it from the body themselves
        complete["X-Amz-Content-SHA256"] = digest
    signed, names = _header_lines({**complete, "Host": host})
    request = [
        method,
        _signed_path(path, scope),
        encoded_query(query),
        signed,
        names,
        digest,
    ]
    complete["Authorization"] = (
        f"{ALGORITHM} Credential={keys.id}/{scope}, SignedHeaders={names}, "
        f"Signature={_request_signature(request, keys, scope)}"
    )
    return complete


def signed_query(
    method: str,
    host: str,
    path: str,
    *,
    query: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str],
    seconds: int,
    keys: AwsKeys,
    scope: Scope,
) -> str:
    """The query of a presigned URL: whoever has it may do this one request for *seconds*.

    Args:
        method: upper-case; the only one the URL is good for.
        host: as the ``Host`` header will have it.
        path: not encoded; the URL has ``encoded_path(path)``.
        query: names and values, not encoded.
        headers: those that the request must come with, word for word.
        seconds: how long, at most 604 800 (a week), and never longer than the keys live.
        keys: whose signature.
        scope: for which service and from when.
    """
    signed, names = _header_lines({**headers, "Host": host})
    added = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{keys.id}/{scope}",
        "X-Amz-Date": scope.stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": names,
    }
    if keys.token:
        added["X-Amz-Security-Token"] = keys.token
    full_query = encoded_query([*query, *added.items()])
    request = [method, _signed_path(path, scope), full_query, signed, names, UNSIGNED]
    return f"{full_query}&X-Amz-Signature={_request_signature(request, keys, scope)}"


def text_signature(text: str, keys: AwsKeys, scope: Scope) -> str:
    """The signature of *text*, 64 hexadecimal digits; of S3's upload policies too."""
    key = f"AWS4{keys.secret}".encode()
    for part in str(scope).split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _request_signature(request: list[str], keys: AwsKeys, scope: Scope) -> str:
    digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
    return text_signature("\n".join([ALGORITHM, scope.stamp, str(scope), digest]), keys, scope)


def _header_lines(headers: Mapping[str, str]) -> tuple[str, str]:
    """The headers as they are signed, one a line, and the list of their names."""
    lines = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    return "".join(f"{name}:{lines[name]}\n" for name in sorted(lines)), ";".join(sorted(lines))


def _signed_path(path: str, scope: Scope) -> str:
    # S3 signs the path as it is sent, the other services encode that once more.
    sent = encoded_path(path)
    return sent if scope.service == "s3" else quote(sent, safe="/-_.~")


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
