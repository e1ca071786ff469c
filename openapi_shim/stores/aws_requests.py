"""The few services of AWS that functions use: signed requests, no SDK of AWS, no costly import."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from openapi_shim.errors import AwsError, ConfigError
from openapi_shim.protocol.sigv4 import ALGORITHM, encoded_path, signed_query, text_signature
from openapi_shim.stores.aws_wire import AwsRequest, AwsWire, json_members

_MAX_ANSWER = 16 * 1024 * 1024  # bytes; DynamoDB's longest answer
_MAX_EMPTY = 64 * 1024  # bytes of an answer that should be none
_AWS = (".amazonaws.com", ".amazonaws.com.cn")  # the latter for China's regions
# Names that can be a label of S3's host: others (dots, capitals) stay in the path.
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class _Service:
    """How a service is spoken to, as botocore's models have it."""

    title: str
    target: str = ""
    json: str = ""


_SERVICES = {
    "dynamodb": _Service("DynamoDB", "DynamoDB_20120810", "1.0"),
    "s3": _Service("S3"),
    "secretsmanager": _Service("Secrets Manager", "secretsmanager", "1.1"),
    "sqs": _Service("SQS", "AmazonSQS", "1.0"),
    "ssm": _Service("SSM", "AmazonSSM", "1.1"),
}


@dataclass(frozen=True)
class S3Object:
    """An object of S3.

    Attributes:
        body: its bytes.
        content_type: as it was stored.
        etag: S3's, with its quotes.
    """

    body: bytes = field(repr=False)
    content_type: str
    etag: str


class AwsRequests:
    """Requests to DynamoDB, Secrets Manager, SSM, SQS and S3, from any event loop.

    What fails raises ``AwsError``, which names service, operation and AWS's code; missing keys
    raise ``StoreError``. What is refused as too much at once is sent again, after a pause.

    Args:
        environ: where AWS's platforms tell keys and ``AWS_REGION``; for tests
            ``AWS_ENDPOINT_URL``, or ``AWS_ENDPOINT_URL_<SERVICE>``. The process's own by default.
        patience: seconds one request may take, repeats and their pauses included.
        attempts: how often a request is sent at most.

    Raises:
        ConfigError: no region is set.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        patience: float = 15.0,
        attempts: int = 5,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        region = self._environ.get("AWS_REGION") or self._environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise ConfigError("AWS_REGION is not set: say in which region of AWS the services are")
        self.region = region
        self._wire = AwsWire(self._environ, region, patience=patience, attempts=attempts)

    async def call(
        self, service: str, operation: str, body: Mapping[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        """One operation of a JSON service, e.g. ``call("sqs", "SendMessage", {…})``.

        Args:
            service: ``dynamodb``, ``secretsmanager``, ``sqs`` or ``ssm``.
            operation: AWS's name of it.
            body: its parameters, as AWS's reference has them.
            repeatable: whether it may be sent again where it is open if it was done (a broken
                connection, HTTP 500).

        Returns:
            the answer's members.
        """
        kind = _SERVICES[service]
        base, host = self._endpoint(service)
        request = AwsRequest(
            service,
            f"{kind.title} {operation}",
            "POST",
            base,
            host,
            headers={
                "Content-Type": f"application/x-amz-json-{kind.json}",
                "X-Amz-Target": f"{kind.target}.{operation}",
            },
            body=json.dumps(body, separators=(",", ":")).encode(),
            limit=_MAX_ANSWER,
        )
        answer, _ = await self._wire.send(request, repeatable=repeatable)
        members = json_members(answer)
        if members is None:
            raise AwsError(f"{request.operation}: {host} does not answer as AWS does", status=200)
        return members

    async def get_object(self, bucket: str, key: str, *, limit: int) -> S3Object:
        """An object of S3 of at most *limit* bytes; a longer one is ``TooLarge``.

        A missing one is an ``AwsError`` with the code ``NoSuchKey``, or ``AccessDenied`` where
        the role may not list the bucket.
        """
        request = self._s3("GetObject", "GET", bucket, key, limit=limit)
        body, headers = await self._wire.send(request, repeatable=True)
        return S3Object(body, headers.get("Content-Type", ""), headers.get("ETag", ""))

    async def put_object(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Store an object in S3, and answer its ETag.

        Args:
            bucket: its name.
            key: its key.
            body: its bytes.
            content_type: of them.
            headers: more of S3's. With ``{"If-None-Match": "*"}`` what is there stays, and the
                ``AwsError`` has the code ``PreconditionFailed``.
        """
        more = {"Content-Type": content_type, **(headers or {})}
        request = self._s3("PutObject", "PUT", bucket, key, headers=more, body=body)
        # Under a condition a second sending would meet what the first one stored.
        _, answered = await self._wire.send(request, repeatable=not headers)
        return answered.get("ETag", "")

    async def delete_object(self, bucket: str, key: str) -> None:
        """Remove an object of S3; that there is none is no error."""
        await self._wire.send(self._s3("DeleteObject", "DELETE", bucket, key), repeatable=True)

    async def presigned_url(
        self,
        method: str,
        bucket: str,
        key: str,
        *,
        seconds: int,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """A URL by which whoever has it may get or put this one object of S3.

        Args:
            method: ``GET`` or ``PUT``; the URL is good for no other.
            bucket: its name.
            key: its key.
            seconds: how long, at most a week, and never longer than the role's keys live.
            headers: those that the request must come with, word for word, e.g. its
                ``Content-Length``.
        """
        request = self._s3("presigned URL", method, bucket, key, headers=headers)
        query = signed_query(
            method,
            request.host,
            request.path,
            headers=request.headers,
            seconds=seconds,
            keys=await self._wire.keys(),
            scope=self._wire.scope("s3"),
        )
        return f"{request.base}{encoded_path(request.path)}?{query}"

    async def presigned_form(
        self, bucket: str, key: str, *, seconds: int, content_type: str, largest: int
    ) -> tuple[str, dict[str, str]]:
        """URL and fields of a form by which whoever has them may store this one object of S3.

        Unlike a presigned URL it bounds the size. The file is the form's last part, ``file``.

        Args:
            bucket: its name.
            key: its key.
            seconds: how long, and never longer than the role's keys live.
            content_type: that the object gets; the form must say the same.
            largest: bytes it may have.
        """
        request, keys = self._s3("presigned form", "POST", bucket, ""), await self._wire.keys()
        scope = self._wire.scope("s3")
        fields = {
            "key": key,
            "Content-Type": content_type,
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": f"{keys.id}/{scope}",
            "x-amz-date": scope.stamp,
        }
        if keys.token:
            fields["x-amz-security-token"] = keys.token
        end = datetime.fromtimestamp(scope.moment + seconds, timezone.utc)
        policy = {
            "expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [
                {"bucket": bucket},
                *({name: value} for name, value in fields.items()),
                ["content-length-range", 1, largest],
            ],
        }
        packed = base64.b64encode(json.dumps(policy).encode()).decode("ascii")
        signature = text_signature(packed, keys, scope)
        url = request.base + encoded_path(request.path)
        return url, {**fields, "policy": packed, "x-amz-signature": signature}

    def _endpoint(self, service: str) -> tuple[str, str]:
        """Scheme and host of a service's address, and the host alone."""
        variable = "AWS_ENDPOINT_URL_" + _SERVICES[service].title.upper().replace(" ", "_")
        url = self._environ.get(variable) or self._environ.get("AWS_ENDPOINT_URL")
        if not url:
            host = f"{service}.{self.region}{_AWS[self.region.startswith('cn-')]}"
            return f"https://{host}", host
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ConfigError(
                f"{variable} or AWS_ENDPOINT_URL is no address as http://host:port: {url}"
            )
        return f"{parts.scheme}://{parts.netloc}", parts.netloc

    def _s3(
        self,
        operation: str,
        method: str,
        bucket: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit: int = _MAX_EMPTY,
    ) -> AwsRequest:
        base, host = self._endpoint("s3")
        path = f"/{bucket}/{key}"
        if host.endswith(_AWS) and _LABEL.fullmatch(bucket):
            base, host, path = f"https://{bucket}.{host}", f"{bucket}.{host}", f"/{key}"
        return AwsRequest(
            "s3", f"S3 {operation}", method, base, host, path, headers or {}, body, limit
        )
