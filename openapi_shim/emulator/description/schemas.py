"""The shapes that answers have, as JSON Schema."""

from __future__ import annotations

from typing import Any

from openapi_shim.catalog.operation import Operation
from openapi_shim.catalog.wechat_codes import WECHAT_CODES

Schema = dict[str, Any]

RID = r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
_SHAPES = {"str": {"type": "string"}, "list": {"type": "array"}}
_COUNT = {"type": "integer", "minimum": 0}


def ref(name: str) -> Schema:
    """A reference to a schema among the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Schema, *, required: list[str] | None = None, more: bool = False) -> Schema:
    """An object; all its members are required unless *required* says which."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": more,
    }


def text(doc: str = "", **more: Any) -> Schema:
    """A string."""
    return {"type": "string", **({"description": doc} if doc else {}), **more}


def result_of(operation: Operation) -> Schema:
    """What an operation of WeChat answers when all went well."""
    fields = {
        field.name: {
            **_SHAPES.get(field.shape.partition("[")[0], {"type": "object"}),
            "description": field.doc,
        }
        for field in operation.result
    }
    always = [field.name for field in operation.result if not field.optional]
    return obj(
        {"errcode": {"const": 0}, "errmsg": {"const": "ok"}, **fields},
        required=["errcode", "errmsg", *always],
    )


SCHEMAS: dict[str, Schema] = {
    "Error": {
        **obj(
            {
                "errcode": {
                    "type": "integer",
                    "not": {"const": 0},
                    "description": "; ".join(
                        f"{code} {entry.text}" for code, entry in sorted(WECHAT_CODES.items())
                    ),
                },
                "errmsg": text(pattern=rf"^[\s\S]* hint: \[[A-Za-z0-9]{{14}}\] rid: {RID}$"),
            }
        ),
        "description": "An error, with HTTP status 200; openapi-shim explain tells why by its rid.",
    },
    "Token": obj(
        {
            "access_token": text(minLength=1, maxLength=512),
            "expires_in": {"type": "integer", "minimum": 1, "maximum": 7200},
        }
    ),
    "Invoked": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "resp_data": text("What the function returned, as JSON text."),
        }
    ),
    "UploadGrant": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "url": text(format="uri"),
            "token": text(),
            "authorization": text(),
            "file_id": text(pattern="^cloud://"),
            "cos_file_id": text(),
        }
    ),
    "DownloadList": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "file_list": {
                "type": "array",
                "items": obj(
                    {
                        "fileid": text(),
                        "download_url": text(),
                        "status": {"type": "integer"},
                        "errmsg": text(),
                    }
                ),
            },
        }
    ),
    "DeleteList": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "delete_list": {
                "type": "array",
                "items": obj({"fileid": text(), "status": {"type": "integer"}, "errmsg": text()}),
            },
        }
    ),
    "Envelope": {
        "oneOf": [
            obj({"requestId": text(), "data": {"type": "object"}}),
            obj({"code": text(), "message": text(), "requestId": text()}),
        ],
        "description": "The gateway's answer; an error has HTTP status 200 as well.",
    },
    "GatewayError": obj({"code": text(), "message": text(), "requestId": text()}),
    "AuthError": obj({"error": text(), "error_description": text(), "requestId": text()}),
    "Login": obj(
        {
            "token_type": text(),
            "access_token": text(),
            "refresh_token": text(),
            "expires_in": {"type": "integer"},
        },
        more=True,
    ),
    "Quota": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "quota": obj(dict.fromkeys(("daily_limit", "used", "remain"), _COUNT)),
        }
    ),
    "Done": obj({"errcode": {"const": 0}, "errmsg": {"const": "ok"}}),
    "RidInfo": obj(
        {
            "errcode": {"const": 0},
            "errmsg": {"const": "ok"},
            "request": obj(
                {
                    "invoke_time": {"type": "integer", "description": "Seconds since 1970."},
                    "cost_in_ms": _COUNT,
                    "request_url": text("The query, nearly all values hidden."),
                    "request_body": text("Type and size of what was sent."),
                    "response_body": text("JSON, with what may be secret hidden."),
                    "client_ip": text(),
                }
            ),
        }
    ),
    "Clock": obj(
        {
            "now": text("In Beijing.", format="date-time"),
            "timestamp": {"type": "number"},
            "held": {"type": "boolean"},
            "ahead": {"type": "number", "description": "Seconds before this machine's clock."},
        }
    ),
    "Requests": obj({"requests": {"type": "array", "items": ref("Request")}}),
    "Request": obj(
        {
            "rid": text(),
            "at": {"type": "number"},
            "method": text(),
            "path": text(),
            "appid": text(),
            "code": {"type": ["integer", "string"]},
            "reason": text(),
            "milliseconds": {"type": "integer", "minimum": 0},
        }
    ),
    "Faults": obj(
        {
            "rules": {"type": "array", "items": {"type": "object"}},
            "presets": {"type": "array", "items": text()},
        }
    ),
    "Calls": obj(
        {
            "calls": {
                "type": "array",
                "items": obj({"operation": text(), "function": text(), "appid": text()}),
            }
        }
    ),
    "About": obj({"version": text(), "state_dir": text("Folder of the emulator's state.")}),
    "State": obj(
        {
            "tokens": _COUNT,
            "counts": _COUNT,
            "files": _COUNT,
            "clock": {"type": "boolean"},
            "faults": {"type": ["integer", "null"]},
        }
    ),
    "Tls": obj(
        {
            "port": {"type": "integer"},
            "certificate": text("File of the authority that clients have to trust."),
        }
    ),
    "Refusal": obj({"error": text("What is wrong, and what to do.")}),
}
