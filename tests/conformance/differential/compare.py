"""Differences between what two sides sent and got, each with the place where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openapi_shim.protocol import messages, tc3
from tests.conformance.differential.cases import ENVIRONMENT
from tests.conformance.differential.gateway import Recorded

ABSENT = "(absent)"

# Of the connection and the HTTP library, not of the protocol.
_HTTP_HEADERS = {
    "host",
    "connection",
    "accept",
    "accept-encoding",
    "content-length",
    "transfer-encoding",
}
# In place of what differs from call to call: whether it has its form.
_FORMS = {
    "x-client-timestamp": r"\d{13}",
    "x-timestamp": r"\d{10}",
    "seqId": r"(.*-)?[0-9a-f]{11}_[0-9a-f]+",
    "eventId": r"(.*-)?[0-9a-f]{11}_[0-9a-f]+",
}


@dataclass(frozen=True)
class Difference:
    """One place where two sides are not the same.

    Attributes:
        where: e.g. ``request[0].header.user-agent``, ``result.errMsg``.
        theirs: what the Node SDK has there.
        ours: what the Python SDK has there.
    """

    where: str
    theirs: Any
    ours: Any


def differences(
    theirs: Sequence[Recorded],
    their_outcome: Mapping[str, Any],
    ours: Sequence[Recorded],
    our_outcome: Mapping[str, Any],
) -> list[Difference]:
    """All differences of one case."""
    first = [described(request) for request in theirs]
    second = [described(request) for request in ours]
    found = list(_between("request", first, second))
    found += _between("result", _settled(their_outcome), _settled(our_outcome))
    places = [item.where for item in found]
    implied = set()
    if "result.error.errCode" in places:
        implied.add("result.error.string")
    if any("requestData.pairs" in place for place in places):
        implied.add("request[0].body.requestData.bytes")
    return [item for item in found if item.where not in implied]


def described(request: Recorded) -> dict[str, Any]:
    """*request* as what the protocol is about; a signature is whether it is valid."""
    members = members_of(request)
    return {
        "method": request.method,
        "place": request.place,
        "query": dict(_query(request.query)),
        "header": dict(_headers(request)),
        "signature": _signature(request, members),
        "body": {name: _shown(name, value) for name, value in members.items()}
        if members
        else request.body.hex(),
        "order": list(members),
    }


def _query(query: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        yield name, _form(name, value)


def _headers(request: Recorded) -> Iterator[tuple[str, str]]:
    for name, value in request.headers.items():
        if name not in _HTTP_HEADERS and name != "authorization":
            yield name, re.sub(r"boundary=.*", "boundary=…", _form(name, value))


def _form(name: str, value: str) -> str:
    form = _FORMS.get(name)
    if form is None:
        return value
    match = re.fullmatch(form, value)
    if match is None:
        return value
    return f"well-formed{f', after {match[1]}' if match.groups() and match[1] else ''}"


def members_of(request: Recorded) -> dict[str, Any]:
    """The members of the body of *request*: texts and bytes of a form, or JSON values."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return dict(_parts(request.body, kind.partition("boundary=")[2]))
    if kind.startswith("application/json"):
        members: dict[str, Any] = json.loads(request.body)
        return members
    return {}


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, Any]]:
    """The parts of a form; files and protobuf stay bytes."""
    *parts, end = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    assert (parts[0], end.strip()) == (b"", b"--"), body
    for part in parts[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.findall(rb' name="([^"]*)"', head)[0].decode()
        binary = b"application/octet-stream" in head or name == "file"
        yield name, content if binary else content.decode()


def _shown(name: str, value: Any) -> Any:
    if name != "requestData" or not isinstance(value, bytes):
        return value.hex() if isinstance(value, bytes) else value
    message = messages.decode("CommApiData", value)
    return {
        "pairs": [
            {
                "key": pair.key,
                "value": pair.value.decode("utf-8", "backslashreplace"),
                "filename": pair.filename if pair.HasField("filename") else ABSENT,
                "contenttype": pair.contenttype if pair.HasField("contenttype") else ABSENT,
            }
            for pair in message.openapiData.pairs
        ],
        "bytes": value.hex(),
    }


def _signature(request: Recorded, members: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the request is signed with our key, and what the signature covers."""
    header = request.headers.get("authorization", "")
    if not header.startswith(tc3.ALGORITHM):
        return {"none": header}
    given = tc3.parse(header)
    return {
        "secret id": given.secret_id,
        "valid": valid(request, members, ENVIRONMENT["TENCENTCLOUD_SECRETKEY"]),
        "headers": given.headers,
        "params": given.params,
    }


def valid(request: Recorded, members: Mapping[str, Any], key: str) -> bool:
    """Whether the signature of *request* was made with *key*."""
    return tc3.verify(
        tc3.parse(request.headers["authorization"]),
        secret_key=key,
        url=request.url,
        headers=request.headers,
        params=members,
        timestamp=int(request.headers["x-timestamp"]),
    )


def _settled(outcome: Mapping[str, Any]) -> Any:
    """An outcome without the addresses and numbers of this run, an error as what it tells."""
    text = json.dumps(outcome, ensure_ascii=True)
    text = re.sub(r"http://127\.0\.0\.1:\d+/[^/]+/\d+/", "http://gateway/", text)
    text = re.sub(r"(seqId|eventId)=[^&\]\" ]*", r"\1=…", text)
    settled = json.loads(text)
    error = settled.get("error")
    if error is None:
        return settled
    if not error.get("requestId"):
        error.pop("requestId", None)
    error.pop("message", None)  # in Node it is the string, less the class's name
    if "string" in error and "errMsg" in error:
        shown = re.sub(r"^\w*Error( \[\w+\])?: ", "", error["string"])
        error["string"] = shown.replace(error["errMsg"], "<errMsg>")
    return settled


def _between(where: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    if _comparable(theirs, ours):
        for name in {**theirs, **ours}:
            yield from _between(f"{where}.{name}", theirs.get(name, ABSENT), ours.get(name, ABSENT))
        common = [name for name in theirs if name in ours]
        if common != [name for name in ours if name in theirs] and not _unordered(where):
            yield Difference(f"{where} order", list(theirs), list(ours))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _between(f"{where}[{number}]", one, other)
    elif isinstance(theirs, bool) is not isinstance(ours, bool) or theirs != ours:
        yield Difference(where, theirs, ours)


def _comparable(theirs: Any, ours: Any) -> bool:
    """Whether two values differ member by member, if at all, and not as a whole."""
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        return False
    if any(name.startswith("$") for name in (*theirs, *ours)) or set(theirs) == set("sec"):
        return False
    return ("error" in theirs) == ("error" in ours)


def _unordered(where: str) -> bool:
    return bool(re.fullmatch(r"request\[\d\](\.(header|query))?|result(\.error)?", where))
