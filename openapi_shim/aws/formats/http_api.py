"""HTTP API (payload format 2.0): a request's body becomes the event, the result its answer.

=====================  ====================================================================
body                   event
=====================  ====================================================================
JSON object            that object
a photo (``image/*``)  ``{"img": {"contentType", "value"}}``
a form (multipart)     its fields; a file is ``{"contentType", "value"}``
none                   nothing
=====================  ====================================================================

Query parameters are members of the event too; those of the body go before them.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from typing import Any

from openapi_shim.aws.formats.form import FormError, form_fields
from openapi_shim.aws.invocation import Invocation
from openapi_shim.errors import InvocationError
from openapi_shim.hosting.function import json_text
from openapi_shim.protocol.strict_json import parse

SOURCE = "aws_http"

_log = logging.getLogger(__name__)


class _BadRequestError(ValueError):
    """A request that is no event; the text tells the client what to send."""


def recognizes(event: Any) -> bool:
    """Whether *event* is a request of an HTTP API or a function URL."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def answer(event: Any, invocation: Invocation) -> dict[str, Any]:
    """Call the function; status 200 and its result, else why not in ``message``.

    400: the request is no event. 500: the function failed; only the log tells how. 504: it did
    not end in time.
    """
    try:
        given = _function_event(event)
    except _BadRequestError as error:
        return _refusal(400, str(error), invocation)
    try:
        result = invocation.run(given, source=SOURCE, principal=_principal(event))
        return _response(200, json_text(invocation.name, result))
    except InvocationError:
        _log.exception("%s ran out of time", invocation.name)
        return _refusal(504, "The function did not answer in time", invocation)
    except Exception as error:  # noqa: BLE001 - whatever the function's code raises
        _log.exception("%s failed: %s", invocation.name, type(error).__name__)
        return _refusal(500, "Internal Server Error", invocation)


def _principal(event: Mapping[str, Any]) -> str:
    """The caller whom the authorizer has authenticated; nothing that a client can write."""
    authorizer = event["requestContext"].get("authorizer") or {}
    iam = authorizer.get("iam") or {}
    cognito = iam.get("cognitoIdentity") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    # Users of a Cognito pool share one role, and so its ARN.
    return str(cognito.get("identityId") or iam.get("userArn") or claims.get("sub") or "")


def _function_event(event: Mapping[str, Any]) -> dict[str, Any]:
    query = event.get("queryStringParameters") or {}
    return {**query, **_of_body(event)}


def _of_body(event: Mapping[str, Any]) -> dict[str, Any]:
    body = event.get("body")
    if not body:
        return {}
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    content_type = headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("image/"):
        if not event.get("isBase64Encoded"):
            raise _BadRequestError(f"The body is text, which no {kind} is: send the photo's bytes")
        # Base64 is one of the forms that a file parameter may have.
        return {"img": {"contentType": kind, "value": body}}
    data = _bytes(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    if kind == "multipart/form-data":
        try:
            return form_fields(data, content_type)
        except FormError as error:
            raise _BadRequestError(f"The form cannot be read: {error}") from error
    return _json_object(data)


def _bytes(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _BadRequestError("The body is no base64") from error


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = parse(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _BadRequestError(
            'The body is no JSON object: send {"imgUrl": "https://…"}, or a photo with its '
            "Content-Type, or a form (multipart/form-data) with the file img"
        )
    return value


def _refusal(status: int, message: str, invocation: Invocation) -> dict[str, Any]:
    body = {"message": message, "requestId": invocation.request_id}
    return _response(status, json.dumps(body, ensure_ascii=False))


def _response(status: int, body: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json; charset=utf-8"},
        "body": body,
        "isBase64Encoded": False,
    }
