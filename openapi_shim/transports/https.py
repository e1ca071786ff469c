"""Cloud calls as calls of WeChat's HTTPS API, with an access token."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.catalog.wechat_codes import SYSTEM_BUSY, TOKEN_REFUSED
from openapi_shim.credentials.base import AccessToken, Credential
from openapi_shim.credentials.choose import choose_credential
from openapi_shim.errors import CloudError, CredentialError, TransportError
from openapi_shim.settings import Settings
from openapi_shim.stores.base import Store
from openapi_shim.transports.admission import Admission
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    Media,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    Reply,
    Upload,
)
from openapi_shim.transports.encoding import encode_query, multipart
from openapi_shim.transports.files import UploadTicket, post_form
from openapi_shim.transports.parameters import server_parameters
from openapi_shim.transports.sending import (
    HttpReply,
    HttpRequest,
    Jitter,
    Sender,
    Sleep,
    within,
)
from openapi_shim.transports.server_api import action_data, server_call
from openapi_shim.transports.tokenless import advice_for, advice_for_status, base_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    """One request, before a token is in it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Media] = field(default_factory=dict, repr=False)
    body: str | None = field(default=None, repr=False)
    repeatable: bool = True
    timeout: float | None = None


class HttpsTransport:
    """The transport to api.weixin.qq.com, or to whatever ``Settings.base_url`` names.

    No server knows what a function may call, so config.json is obeyed here.

    Args:
        settings: where to, with whose credentials, and how patiently.
        store: shares the access token with other processes; None for this one alone.
        sleep: pauses before a repeat.
        jitter: spreads those pauses.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store | None = None,
        sleep: Sleep = asyncio.sleep,
        jitter: Jitter = random.uniform,
    ) -> None:
        self._settings = settings
        self._base = base_of(settings)
        self._sender = Sender(settings, sleep=sleep, jitter=jitter)
        self._admission = Admission(settings)
        self._store = store
        self._credential: Credential | None = None

    async def openapi(self, call: OpenApiCall) -> Reply:
        """Call an operation of the catalog that config.json allows; see ``Transport.openapi``.

        ``Settings.timeout`` bounds the whole: token, request and repeats.
        """
        operation = self._admission.operation(call.operation)
        sent = server_parameters(call, operation)
        reply = await self._bounded(
            _Request(
                "POST", operation.path, sent.query, sent.files, repeatable=not operation.charged
            )
        )
        if self._settings.tokenless and advice_for(reply.errcode):
            raise CloudError(
                reply.errcode,
                f"openapi.{call.operation}:fail {reply.errcode}: {advice_for(reply.errcode)}",
            )
        if operation.result and not _may_be_a_result(reply):
            kind = reply.content_type.split(";")[0][:60] or "something without a Content-Type"
            raise TransportError(
                f"{self._base}{operation.path} answered {kind}, not JSON: does "
                "OPENAPI_SHIM_BASE_URL lead to WeChat, and no proxy stand between?"
            )
        return reply

    async def action(self, call: ActionCall) -> ActionReply:
        """Carry out an action by ``/tcb/…``; see ``Transport.action``."""
        there = server_call(call)
        request = _Request(
            "POST",
            there.path,
            there.query,
            body=there.body,
            repeatable=call.action.startswith("storage."),
            timeout=call.timeout,
        )
        reply = await self._bounded(request)
        try:
            return ActionReply(action_data(call, reply.document))
        except (ValueError, RecursionError, LookupError, AttributeError, TypeError) as error:
            where = f"{self._base}{there.path}"
            raise TransportError(f"{where} answered something other than it should") from error

    async def upload(self, upload: Upload) -> str:
        """Store a file by ``/tcb/uploadfile`` and a form; see ``Transport.upload``."""
        params = {"path": upload.path}
        data = (await self.action(ActionCall("storage.getUploadMetadata", params, upload.env))).data
        ticket = UploadTicket(
            str(data["url"]), str(data["token"]), str(data["authorization"]), str(data["cosFileId"])
        )
        await post_form(self._settings, ticket, upload.path, upload.content)
        return str(data["fileId"])

    async def platform(self, call: PlatformCall) -> Any:
        """Refused: the platform answers these to its own functions alone."""
        raise ParameterError(
            f"{call.api} exists on the platform alone, and needs the transport cloudbase"
        )

    async def _bounded(self, request: _Request) -> Reply:
        limit = request.timeout or self._settings.timeout
        reply: Reply = await within(
            limit, self._authorized(request), f"no answer within {limit:g} s"
        )
        return reply

    async def _authorized(self, request: _Request) -> Reply:
        if self._settings.tokenless:
            return await self._send(request, None)
        credential = self._chosen_credential()
        token = await credential.token()
        reply = await self._send(request, token)
        if reply.errcode in TOKEN_REFUSED:
            renewed = await credential.renew(token)
            if renewed is not None:
                _log.info("access token refused (%d), called again with another", reply.errcode)
                return await self._send(request, renewed)
            _log.warning("access token refused (%d), and no other can be had", reply.errcode)
        return reply

    def _chosen_credential(self) -> Credential:
        if self._credential is None:
            self._credential = choose_credential(self._settings, self._token_endpoint, self._store)
        return self._credential

    async def _token_endpoint(
        self, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        reply = await self._send(
            _Request(method, path, query or {}, body=None if body is None else json.dumps(body)),
            None,
        )
        try:
            answer = reply.document
        except (ValueError, RecursionError) as error:
            raise CredentialError(
                f"{self._base}{path} answered something other than JSON"
            ) from error
        if not isinstance(answer, dict):
            raise CredentialError(f"{self._base}{path} answered JSON that is no object")
        return answer

    async def _send(self, request: _Request, token: AccessToken | None) -> Reply:
        query = dict(request.query)
        if token is not None:
            query[token.parameter] = token.value
        place = f"{self._base}{request.path}"
        reply = await self._sender.send(
            HttpRequest(
                request.method,
                f"{place}?{encode_query(query)}",
                place,
                headers={} if request.body is None else {"Content-Type": "application/json"},
                data=lambda: multipart(request.files) if request.files else request.body,
                repeatable=request.repeatable,
                timeout=request.timeout,
            ),
            busy=lambda reply: reply.status == 200 and _reply(reply).errcode == SYSTEM_BUSY,
        )
        if reply.status != 200:
            advice = advice_for_status(reply.status) if self._settings.tokenless else ""
            told = f"{reply.status} {reply.reason} | [{place}]"
            raise TransportError(f"{told}; {advice}" if advice else told)
        return _reply(reply)


def _may_be_a_result(reply: Reply) -> bool:
    """Whether *reply* is JSON by its type, or at least an object by its content."""
    if "application/json" in reply.content_type:
        return True
    try:
        return isinstance(reply.document, dict)
    except (ValueError, RecursionError):
        return False


def _reply(reply: HttpReply) -> Reply:
    return Reply(reply.headers.get("Content-Type", ""), reply.body)
