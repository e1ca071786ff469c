"""Cloud calls in the cloud environment's own protocol, as the platform's Node SDK makes them.

A function on CloudBase needs no appid and no secret for it: the platform gives it temporary
keys to sign with, and says by a token for whom it runs.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from openapi_shim.catalog.cloud_codes import WX_SYSTEM_ERROR, cloud_code_text, gateway_code
from openapi_shim.credentials.cloudbase import CloudKeys, invocation_tokens, keys_in
from openapi_shim.errors import CloudError, ConfigError, TransportError
from openapi_shim.protocol.jsjson import NotJSONError, stringify, utf8
from openapi_shim.settings import Settings
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    RefusedError,
    Reply,
    Upload,
)
from openapi_shim.transports.cloudbase_request import (
    Endpoint,
    GatewayRequest,
    Moment,
    gateway_request,
)
from openapi_shim.transports.files import UploadTicket, put_file
from openapi_shim.transports.pairs import pairs_of
from openapi_shim.transports.sending import (
    HttpReply,
    HttpRequest,
    Jitter,
    Sender,
    Sleep,
    within,
)

# The type by which the gateway says: an error in JSON, and no protobuf message.
_JSON_ERROR = "application/json; charset=utf-8"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Gateway:
    """How ``cloud.init`` wants the gateway reached, beside what the environment says.

    Attributes:
        endpoint: where it is.
        keys: to sign with, in place of the environment's.
        proxy: URL of an HTTP proxy.
        cross_account: what another account's answer authorizes calls with.
    """

    endpoint: Endpoint = field(default_factory=Endpoint)
    keys: CloudKeys | None = None
    proxy: str | None = field(default=None, repr=False)
    cross_account: Any = field(default=None, repr=False)


class CloudbaseTransport:
    """The transport to the cloud environment's gateway.

    Args:
        settings: time limits and repeats.
        environ: the environment variables as they are at the moment of a call.
        gateway: what ``cloud.init`` says.
        clock: milliseconds since 1970.
        sleep: pauses before a repeat.
        jitter: spreads those pauses.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Callable[[], Mapping[str, str]],
        gateway: Gateway | None = None,
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        sleep: Sleep = asyncio.sleep,
        jitter: Jitter = random.uniform,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._gateway = gateway or Gateway()
        self._clock = clock
        self._sender = Sender(settings, sleep=sleep, jitter=jitter)

    async def openapi(self, call: OpenApiCall) -> Reply:
        """Call any operation; the platform decides what there is. See ``Transport.openapi``."""
        self._refuse_cross_account()
        messages = _messages()
        pairs = [
            messages.new(
                "KeyValuePair",
                key=_clean(pair.key),
                value=pair.value,
                filename=pair.filename and _clean(pair.filename),
            )
            for pair in pairs_of(call)
        ]
        request = messages.new(
            "CommApiData",
            apiType=messages.OPEN_API,
            openapiData=messages.new("OpenApiData", pairs=pairs),
            appid=call.appid or None,
        )
        cgi = "commrpcv2" if call.version == "v2" else None
        answer = await self._message(call.operation, request, call.env, cgi)
        return Reply(answer.contentType, answer.respData)

    async def platform(self, call: PlatformCall) -> Any:
        """Call the platform; see ``Transport.platform``."""
        self._refuse_cross_account()
        messages = _messages()
        try:
            message = messages.new(call.request, **call.fields)
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{call.api} cannot be called with this: {error}") from error
        if call.request == "TokenApiData":
            request = messages.new("CommApiData", apiType=messages.TOKEN_API, tokenData=message)
        else:
            request = messages.new(
                "CommApiData",
                apiType=messages.SVRKIT_API,
                svrkitData=messages.new(
                    "SvrkitApiData", apiName=call.api, reqData=message.SerializeToString()
                ),
                appid=call.appid or None,
            )
        answer = await self._message(call.api, request, call.env)
        if answer.svrkitErrorCode:
            raise RefusedError(
                WX_SYSTEM_ERROR, f"internal svrkit error, code {answer.svrkitErrorCode}"
            )
        try:
            return messages.decode(call.answer, answer.respData)
        except (messages.DecodeError, ValueError) as error:
            raise RefusedError(WX_SYSTEM_ERROR, f"unknown wx response received: {error}") from error

    async def action(self, call: ActionCall) -> ActionReply:
        """Carry out an action; see ``Transport.action``."""
        if call.action.startswith("wx."):
            self._refuse_cross_account()
        members = {"action": call.action, **call.params}
        reply = await self._send(members, call.env, call.timeout)
        try:
            document = json.loads(reply.body.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise TransportError("the gateway answered something other than JSON") from error
        if not isinstance(document, dict):
            raise TransportError("the gateway answered JSON that is no object")
        request_id = document.get("requestId")
        if document.get("code") and document["code"] != "SUCCESS":
            raise RefusedError(document["code"], str(document.get("message", "")), request_id)
        data = document.get("data")
        if not isinstance(data, dict):
            raise TransportError("the gateway's answer has no data")
        return ActionReply(data, request_id)

    async def upload(self, upload: Upload) -> str:
        """Store a file by PUT; see ``Transport.upload``."""
        params = {"path": upload.path, "method": "put"}
        data = (await self.action(ActionCall("storage.getUploadMetadata", params, upload.env))).data
        try:
            ticket = UploadTicket(
                data["url"], data["token"], data["authorization"], data["cosFileId"]
            )
            file_id = str(data["fileId"])
        except LookupError as error:
            raise TransportError(f"the gateway's answer has no {error}") from error
        await put_file(self._settings, ticket, upload.path, upload.content)
        return file_id

    def request(self, members: Mapping[str, Any], env: str) -> GatewayRequest:
        """The signed request that carries *members* now; nothing is sent.

        Raises:
            CredentialError: there are no keys to sign with.
            ParameterError: a member has no JSON form.
        """
        environ = self._environ()
        try:
            return self._signed(members, env, environ)
        except NotJSONError as error:
            raise ParameterError(f"a parameter cannot be sent: {error}") from error

    def _signed(
        self, members: Mapping[str, Any], env: str, environ: Mapping[str, str]
    ) -> GatewayRequest:
        gateway = self._gateway
        return gateway_request(
            members,
            env=env,
            keys=gateway.keys or keys_in(environ),
            tokens=invocation_tokens(environ, self._settings.cloudbase_access_token_file),
            environ=environ,
            endpoint=gateway.endpoint,
            moment=Moment(
                self._clock(), next(_numbers), f"----openapi-shim-{os.urandom(12).hex()}"
            ),
            cross_account=gateway.cross_account,
        )

    def _refuse_cross_account(self) -> None:
        if self._gateway.cross_account:
            raise RefusedError("INVALID_PARAM", "invalid config: getCrossAccountInfo")

    async def _message(self, api: str, request: Any, env: str, cgi: str | None = None) -> Any:
        """The CommOpenApiResp that *api* answers to the CommApiData *request*."""
        messages = _messages()
        members = {
            "action": "wx.openApi",
            "apiName": api,
            "cgiName": cgi,
            "requestData": request.SerializeToString(),
        }
        reply = await self._send(members, env, None)
        if reply.headers.get("Content-Type") == _JSON_ERROR:
            _raise_json(reply.body)
        try:
            answer = messages.decode("CommOpenApiResp", reply.body)
            _ = answer.contentType  # decoded on touch
        except (messages.DecodeError, ValueError) as error:
            raise _undecodable(api, reply.body, error) from error
        if answer.errorCode:
            text = f"{cloud_code_text(WX_SYSTEM_ERROR)}: error code: {answer.errorCode}"
            raise CloudError(answer.errorCode, text)
        return answer

    async def _send(self, members: Mapping[str, Any], env: str, timeout: float | None) -> HttpReply:
        request = self.request(members, env)
        sending = self._sender.send(
            HttpRequest(
                "POST",
                request.url,
                request.url.partition("?")[0],
                headers=request.headers,
                data=lambda: request.body,
                proxy=self._gateway.proxy,
                timeout=timeout,
            )
        )
        reply: HttpReply = await within(
            timeout or self._settings.timeout, sending, "request timeout"
        )
        if reply.status != 200:
            raise TransportError(f"{reply.status} {reply.reason} | [{request.url}]")
        return reply


def _messages() -> Any:
    try:
        return import_module("openapi_shim.protocol.messages")
    except ImportError as error:
        if (error.name or "").split(".")[0] != "google":
            raise
        raise ConfigError("the transport cloudbase needs protobuf: pip install protobuf") from error


def _clean(text: str) -> str:
    return utf8(text).decode()


def _raise_json(body: bytes) -> None:
    """Raise the gateway's error that *body* says in JSON, if it does."""
    try:
        document = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict) and document.get("code"):
        message = str(document.get("message", ""))
        raise RefusedError(document["code"], message, document.get("requestId"))


def _undecodable(api: str, body: bytes, error: Exception) -> CloudError:
    """The SDK's words for an answer that is no message; here it leaves out ``openapi.``."""
    try:
        document = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        text = f"{api}:fail unknown wx response received: {error}"
        return CloudError(WX_SYSTEM_ERROR, text)
    if isinstance(document, dict) and document.get("code") and "message" in document:
        code = gateway_code(document["code"])
        return CloudError(code, f"{api}:fail {document['message']}")
    return CloudError(gateway_code(None), f"{api}:fail {stringify(document)}")
