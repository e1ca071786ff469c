"""The protobuf messages of the ``wx.openApi`` action.

Declared as a table and built by the official runtime, so that there is no generated code to
fit to a version of it. Numbers and types were read off the unmodified SDK's requests; where
field 1 is missing, it is missing there too. All fields are optional, with presence.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError as DecodeError  # noqa: PLC0414  (re-exported)
from google.protobuf.message import Message

_PACKAGE = "openapi_shim.protocol"
_Type = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Type.TYPE_STRING,
    "bytes": _Type.TYPE_BYTES,
    "uint32": _Type.TYPE_UINT32,
    "int32": _Type.TYPE_INT32,
    "bool": _Type.TYPE_BOOL,
}

OPEN_API, INNER_API, SVRKIT_API, TOKEN_API = range(4)
"""Values of ``CommApiData.apiType``."""

# message: {field: (number, type)}; "*" before a type: repeated; another message by its name.
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "KeyValuePair": {
        "key": (1, "string"),
        "value": (2, "bytes"),
        "contenttype": (3, "string"),
        "filename": (4, "string"),
    },
    "OpenApiData": {"pairs": (1, "*KeyValuePair")},
    "SvrkitApiData": {"apiName": (1, "string"), "reqData": (2, "bytes")},
    "TokenApiData": {"resourceAppid": (1, "string"), "resourceEnv": (2, "string")},
    "InnerApiData": {
        "modid": (1, "uint32"),
        "cmdid": (2, "uint32"),
        "url": (3, "string"),
        "useHttps": (4, "bool"),
        "method": (5, "int32"),
        "headers": (6, "*string"),
        "body": (7, "bytes"),
    },
    "CommApiData": {
        "apiType": (1, "int32"),
        "openapiData": (2, "OpenApiData"),
        "innerData": (3, "InnerApiData"),
        "svrkitData": (4, "SvrkitApiData"),
        "tokenData": (5, "TokenApiData"),
        "appid": (6, "string"),
    },
    "HttpHeader": {"key": (1, "string"), "value": (2, "string")},
    "CommOpenApiResp": {
        "respData": (1, "bytes"),
        "contentType": (2, "string"),
        "errorCode": (3, "int32"),
        "httpCode": (4, "uint32"),
        "headers": (5, "*HttpHeader"),
        "svrkitErrorCode": (6, "int32"),
    },
    "ApiGetOpenDataByCloudIdReq": {"cloudidList": (2, "*string"), "appid": (3, "string")},
    "OpDataItem": {"cloudId": (1, "string"), "json": (2, "string")},
    "ApiGetOpenDataByCloudIdResp": {"dataList": (1, "*OpDataItem")},
    "ApiVoipSignReq": {
        "groupId": (2, "string"),
        "timestamp": (3, "uint32"),
        "nonce": (4, "string"),
    },
    "ApiVoipSignResp": {"signature": (1, "string")},
    "GetCloudCallSignReq": {"parameterList": (2, "*string")},
    "GetCloudCallSignResp": {"signature": (1, "string")},
    "TcbCredentials": {
        "secretId": (1, "string"),
        "secretKey": (2, "string"),
        "token": (3, "string"),
    },
    "AuthorizationInfo": {"tcbCredentials": (1, "TcbCredentials"), "wxParam": (2, "bytes")},
}


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="openapi_shim.proto", package=_PACKAGE, syntax="proto2"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            scalar = _SCALARS.get(kind.removeprefix("*"))
            message.field.add(
                name=field,
                number=number,
                label=_Type.LABEL_REPEATED if kind.startswith("*") else _Type.LABEL_OPTIONAL,
                type=_Type.TYPE_MESSAGE if scalar is None else scalar,
                type_name=f".{_PACKAGE}.{kind.removeprefix('*')}" if scalar is None else None,
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_POOL = _pool()


def new(message: str, **fields: Any) -> Any:
    """A message of the type *message*, e.g. ``new("KeyValuePair", key="img_url", value=b"…")``."""
    return _class(message)(**fields)


def decode(message: str, data: bytes) -> Any:
    """The message of the type *message* in *data*.

    Raises:
        DecodeError: there is none.
    """
    return _class(message).FromString(data)


def _class(message: str) -> type[Message]:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{message}"))
