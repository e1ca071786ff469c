"""All doors in one document: paths from the catalog and from what the emulator itself has."""

from __future__ import annotations

from typing import Any

from openapi_shim._version import __version__
from openapi_shim.catalog.operation import Operation, Place
from openapi_shim.catalog.operations import OPERATIONS, operation_named
from openapi_shim.emulator.account import CLEAR_PATH, QUOTA_PATH, RID_PATH
from openapi_shim.emulator.canned import REFUSALS, field_names
from openapi_shim.emulator.control.door import PREFIX
from openapi_shim.emulator.description.details import (
    DETAILS_MEMBER,
    DETAILS_PARAMETER,
    DETAILS_SCHEMA,
)
from openapi_shim.emulator.description.schemas import SCHEMAS, Schema, obj, ref, result_of, text
from openapi_shim.emulator.endpoints import INVOKE_PATH, STABLE_TOKEN_PATH, TOKEN_PATH
from openapi_shim.emulator.faults.rules import Rule
from openapi_shim.emulator.gateway.admin import ADMIN_PATH
from openapi_shim.emulator.gateway.clients import FUNCTION_PATH, WEB_PATH
from openapi_shim.wechat.ocr import OPERATION

DOCUMENT_PATH = "/openapi.json"
"""Of the document, below the emulator's own prefix."""

_WECHAT_JSON = "application/json"
_ACCOUNT = {
    "grant_type": text(enum=["client_credential"]),
    "appid": text(),
    "secret": text(),
}
_FILES = {"type": "array", "items": text()}
_ARCHIVE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def document(url: str, *, strict: bool = False) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the emulator at *url*.

    Args:
        url: without a slash at its end.
        strict: whether it answers as WeChat documents and nothing else: no details.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "openapi-shim emulator",
            "version": __version__,
            "description": "WeChat's server API and cloud environment on one's own machine. "
            "Errors of WeChat's API come with HTTP status 200 and an errcode.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": url}],
        "security": [],
        "paths": {
            **_tokens(),
            **_operations(strict=strict),
            **_account(),
            **_cloud(),
            **_gateway(),
            **_control(),
        },
        "components": {
            "schemas": SCHEMAS if strict else SCHEMAS | DETAILS_SCHEMA,
            "securitySchemes": {
                "access_token": {"type": "apiKey", "in": "query", "name": "access_token"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _tokens() -> Schema:
    query = [_query(name, schema, required=True) for name, schema in _ACCOUNT.items()]
    stable = obj(
        {**_ACCOUNT, "force_refresh": {"type": "boolean"}}, required=list(_ACCOUNT), more=True
    )
    plain = _call("token", "An access token; the one before works for 5 minutes more.", "Token")
    return {
        TOKEN_PATH: {"get": {**plain, "parameters": query}},
        STABLE_TOKEN_PATH: {
            "post": {
                **_call("stable_token", "The same token until 5 minutes before its end.", "Token"),
                "requestBody": _json_body(stable),
            }
        },
    }


def _operations(*, strict: bool) -> Schema:
    told = {operation.path: {"post": _operation(operation)} for operation in OPERATIONS}
    reading = operation_named(OPERATION)
    if reading is not None and not strict:
        call = told[reading.path]["post"]
        call["parameters"].append(DETAILS_PARAMETER)
        good = result_of(reading)
        good["properties"] |= DETAILS_MEMBER
        call["responses"] = _good_or_error(good)
    return told


def _operation(operation: Operation) -> Schema:
    here = operation.name == OPERATION
    note = "" if here else " Not implemented by the emulator, which answers 40066."
    parameters = [
        _query(item.name, text(item.doc, **({"enum": [*item.choices]} if item.choices else {})))
        for item in operation.parameters
        if item.place is Place.QUERY
    ]
    files = {
        item.name: {"type": "string", "format": "binary", "description": item.doc}
        for item in operation.parameters
        if item.place is Place.FILE
    }
    return {
        "operationId": operation.name,
        "summary": f"{operation.doc}{note}",
        "security": [{"access_token": []}],
        "parameters": parameters,
        "requestBody": {
            "required": False,
            "content": {"multipart/form-data": {"schema": obj(files, required=[])}},
        },
        "responses": _good_or_error(result_of(operation)),
    }


def _account() -> Schema:
    return {
        QUOTA_PATH: _token_call(
            "openapi.quota.get", "Calls of the day at a path.", "Quota",
            obj({"cgi_path": text(minLength=1)}, more=True),
        ),
        CLEAR_PATH: _token_call(
            "clear_quota", "Let the day's counts begin anew, ten times a month.", "Done",
            obj({"appid": text(minLength=1)}, more=True),
        ),
        RID_PATH: _token_call(
            "openapi.rid.get", "What became of one of one's own requests.", "RidInfo",
            obj({"rid": text(minLength=1)}, more=True),
        ),
    }  # fmt: skip


def _cloud() -> Schema:
    call = _token_call
    invoke = call(
        "tcb.invokecloudfunction", "Call a cloud function; the body is its event.", "Invoked",
        {"type": "object"},
    )  # fmt: skip
    invoke["post"]["parameters"] = [_query("env", text()), _query("name", text(), required=True)]
    env = {"env": text()}
    files = {"type": "array", "items": obj({"fileid": text(), "max_age": {"type": "integer"}})}
    return {
        INVOKE_PATH: invoke,
        "/tcb/uploadfile": call(
            "tcb.uploadfile", "Where and how to upload a file.", "UploadGrant",
            obj({**env, "path": text(minLength=1)}),
        ),
        "/tcb/batchdownloadfile": call(
            "tcb.batchdownloadfile", "Temporary addresses of files.", "DownloadList",
            obj({**env, "file_list": files}),
        ),
        "/tcb/batchdeletefile": call(
            "tcb.batchdeletefile", "Delete files.", "DeleteList",
            obj({**env, "fileid_list": _FILES}),
        ),
    }  # fmt: skip


def _gateway() -> Schema:
    action = obj({"action": text()}, more=True)
    failure = {"4XX": _answer(ref("GatewayError")), "5XX": _answer(ref("GatewayError"))}
    return {
        ADMIN_PATH: {
            "post": {
                "operationId": "gateway.admin",
                "summary": "The cloud environment's gateway as wx-server-sdk speaks to it; cloud "
                "calls come as multipart/form-data with a part in protobuf.",
                "requestBody": _json_body(action),
                "responses": {"200": _answer(ref("Envelope"))},
            }
        },
        WEB_PATH: {
            "post": {
                "operationId": "gateway.web",
                "summary": "The gateway as @cloudbase/js-sdk speaks to it in its older mode.",
                "security": [{"bearer": []}],
                "requestBody": _json_body(action),
                "responses": {"200": _answer(ref("Envelope"))},
            }
        },
        FUNCTION_PATH: {
            "post": {
                "operationId": "gateway.function",
                "summary": "Call a cloud function; the body is its event, the answer its result.",
                "security": [{"bearer": []}],
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": text(minLength=1)}
                ],
                "requestBody": _json_body({"type": "object"}),
                "responses": {"200": _answer({}), **failure},
            }
        },
        "/auth/v1/signin/anonymously": {
            "post": {
                "operationId": "auth.anonymously",
                "summary": "Log in as nobody in particular.",
                "responses": {"200": _answer(ref("Login")), "4XX": _answer(ref("AuthError"))},
            }
        },
    }


def _control() -> Schema:
    refused = {"400": _answer(ref("Refusal")), "403": _answer(ref("Refusal"))}

    def command(name: str, doc: str, schema: str, **more: Any) -> Schema:
        responses = {"200": _answer(ref(schema) if schema else {"type": "object"}), **refused}
        return {"operationId": name, "summary": doc, "responses": responses, **more}

    change = {
        "oneOf": [
            obj({"freeze": {"type": ["boolean", "number", "string"]}}),
            obj({"advance": {"type": ["number", "string"]}}),
            obj({"reset": {"const": True}}),
        ]
    }
    answers = {
        "oneOf": [
            obj({"returns": obj({name: text() for name in field_names()}, required=[])}),
            obj({"refuses": {"enum": [*REFUSALS]}, "reason": text()}, required=["refuses"]),
        ]
    }
    rules = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}
    rule = {"name": "name", "in": "path", "required": True, "schema": text(minLength=1)}
    rid = {"name": "rid", "in": "path", "required": True, "schema": text(minLength=1)}
    limit = _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000})
    doc = "A rule: " + ", ".join(
        f"{name} ({field.description})" for name, field in Rule.model_fields.items()
        if field.description
    )  # fmt: skip
    return {
        f"{PREFIX}/clock": {
            "get": command("control.clock", "The emulator's clock.", "Clock"),
            "post": command(
                "control.setClock", "Hold or move it.", "Clock", requestBody=_json_body(change)
            ),
        },
        f"{PREFIX}/requests": {
            "get": command(
                "control.requests", "The last requests.", "Requests", parameters=[limit]
            ),
            "delete": command("control.forget", "Forget them.", ""),
        },
        f"{PREFIX}/requests/{{rid}}": {
            "get": command("control.request", "One of them.", "Request", parameters=[rid])
        },
        f"{PREFIX}/faults": {
            "get": command("control.faults", "Rules of faults in force.", "Faults"),
            "post": command(
                "control.addFaults", doc, "Faults", requestBody=_json_body(obj({"rules": rules}))
            ),
            "delete": command("control.clearFaults", "Take all out of force.", "Faults"),
        },
        f"{PREFIX}/faults/{{name}}": {
            "delete": command(
                "control.removeFault", "Take one out of force.", "Faults", parameters=[rule]
            )
        },
        f"{PREFIX}/recognizer": {
            "get": command("control.recognizer", "What photos are answered.", ""),
            "post": command(
                "control.setRecognizer",
                "Answer every photo as chosen.",
                "",
                requestBody=_json_body(answers),
            ),
            "delete": command("control.resetRecognizer", "Read photos again.", ""),
        },
        f"{PREFIX}/calls": {
            "get": command("control.calls", "What was called, the oldest first.", "Calls"),
            "delete": command("control.forgetCalls", "Forget it.", "Calls"),
        },
        f"{PREFIX}/about": {"get": command("control.about", "Which emulator it is.", "About")},
        f"{PREFIX}/state": {
            "get": command(
                "control.exportState",
                "The state as an archive.",
                "",
                responses={
                    "200": {"description": "A zip.", "content": {"application/zip": {}}},
                    **refused,
                },
            ),
            "put": command(
                "control.importState",
                "Put an archive's content in place of the state.",
                "State",
                requestBody={"required": True, "content": _ARCHIVE},
            ),
        },
        f"{PREFIX}/reset": {
            "post": command(
                "control.reset",
                "Begin anew: from the body's archive, else from the seed file, else from nothing.",
                "State",
                requestBody={"required": False, "content": _ARCHIVE},
            )
        },
        f"{PREFIX}/tls": {
            "post": command("control.tls", "A port with TLS, for WeChat's names.", "Tls")
        },
        f"{PREFIX}{DOCUMENT_PATH}": {"get": command("control.document", "This document.", "")},
    }


def _call(name: str, doc: str, schema: str) -> Schema:
    return {
        "operationId": name,
        "summary": doc,
        "responses": _good_or_error(ref(schema)),
    }


def _token_call(name: str, doc: str, schema: str, body: Schema) -> Schema:
    return {
        "post": {
            **_call(name, doc, schema),
            "security": [{"access_token": []}],
            "requestBody": _json_body(body),
        }
    }


def _good_or_error(good: Schema) -> Schema:
    return {"200": _answer({"oneOf": [good, ref("Error")]})}


def _answer(schema: Schema) -> Schema:
    return {"description": "Answered.", "content": {_WECHAT_JSON: {"schema": schema}}}


def _json_body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": schema}
