"""The endpoints: what each path of WeChat's API does with a request."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from openapi_shim.catalog.operations import Operation, operation_at, operation_named
from openapi_shim.emulator.account import AccountEndpoints
from openapi_shim.emulator.answering import Endpoint, Visit, as_handler
from openapi_shim.emulator.bodies import EVENT_LIMIT, read_bytes, read_fields, read_image_body
from openapi_shim.emulator.journal import LOG
from openapi_shim.emulator.storage.tcb import StorageEndpoints
from openapi_shim.errors import WeChatError
from openapi_shim.wechat.answers import Answer, Answers
from openapi_shim.wechat.calls import Before, Call
from openapi_shim.wechat.ocr import OPERATION, DriverLicenseService
from openapi_shim.wechat.tcb import InvokeService
from openapi_shim.wechat.tokens import IssuedToken, TokenService

TOKEN_PATH = "/cgi-bin/token"  # noqa: S105
STABLE_TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105
INVOKE_PATH = "/tcb/invokecloudfunction"
OPENID_HEADER = "X-Openapi-Shim-Openid"
SOURCE_HEADER = "X-Openapi-Shim-Source"
# What is meant by who calls an operation that is not implemented here.
_RATHER = {"ocr.vehicleLicense": "; for a driving licence (驾驶证) call /cv/ocr/drivinglicense"}


def itself(path: str, endpoint: Endpoint) -> Endpoint:
    """*endpoint*, with nothing in its place."""
    del path
    return endpoint


@dataclass(frozen=True)
class Endpoints:
    """Endpoints over the services they ask.

    *around* may put something else in the place of the endpoint of a path.
    """

    answers: Answers
    tokens: TokenService
    driver_license: DriverLicenseService
    invocations: InvokeService
    storage: StorageEndpoints
    account: AccountEndpoints
    before: Before
    around: Callable[[str, Endpoint], Endpoint] = itself

    def add_to(self, app: web.Application) -> None:
        """Add a route for each endpoint, and one for all other paths."""
        endpoints = {**self.by_path(), r"/{path:[\s\S]*}": self.unknown}
        for path, endpoint in endpoints.items():
            handler = as_handler(self.around(path, endpoint), self.answers)
            app.router.add_route("*", path, handler)

    def by_path(self) -> dict[str, Endpoint]:
        """The endpoints by their paths."""
        operation = operation_named(OPERATION)
        assert operation is not None, OPERATION  # noqa: S101
        return {
            TOKEN_PATH: self.token,
            STABLE_TOKEN_PATH: self.stable_token,
            operation.path: self.recognize,
            INVOKE_PATH: self.invoke,
            **self.account.by_path(),
            **self.storage.by_path(),
        }

    async def token(self, request: web.Request, visit: Visit) -> Answer:
        """``/cgi-bin/token``: parameters in the query, or in a form by POST."""
        _require(request, "GET", "POST")
        fields: dict[str, object] = dict(request.query)
        if request.method == "POST" and request.can_read_body:
            fields |= await read_fields(request)
        visit.appid = _text(fields, "appid")
        await self.before("token", visit.appid)
        issued = await self.tokens.token(
            _text(fields, "grant_type"), visit.appid, _text(fields, "secret")
        )
        return self._issued(issued)

    async def stable_token(self, request: web.Request, visit: Visit) -> Answer:
        """``/cgi-bin/stable_token``: parameters in a JSON body."""
        _require(request, "POST")
        fields = await read_fields(request)
        visit.appid = _text(fields, "appid")
        await self.before("stable_token", visit.appid)
        issued = await self.tokens.stable_token(
            _text(fields, "grant_type"),
            visit.appid,
            _text(fields, "secret"),
            force_refresh=fields.get("force_refresh") in (True, "true", "1", 1),
        )
        return self._issued(issued)

    async def recognize(self, request: web.Request, visit: Visit) -> Answer:
        """``/cv/ocr/drivinglicense``."""
        call = Call(request.method, request.query, lambda: read_image_body(request))
        try:
            values = await self.driver_license.answer(call, self.tokens)
        finally:
            visit.appid = call.appid
        if request.method == "GET":
            LOG.info(
                "GET is accepted as in the page's example; WeChat documents POST "
                "(--strict refuses it)"
            )
        return self.answers.ok(values)

    async def invoke(self, request: web.Request, visit: Visit) -> Answer:
        """``/tcb/invokecloudfunction``."""
        _require(request, "POST")
        visit.appid = await self.invocations.authenticate(request.query)
        body, cut = await read_bytes(request, EVENT_LIMIT)
        if cut:
            raise WeChatError(40097, f"the event has more than {EVENT_LIMIT} bytes (6 MB)")
        answer = await self.invocations.answer(
            visit.appid,
            request.query,
            body,
            openid=request.headers.get(OPENID_HEADER, ""),
            source=request.headers.get(SOURCE_HEADER, ""),
        )
        return self.answers.ok(answer)

    async def unknown(self, request: web.Request, visit: Visit) -> Answer:  # noqa: ARG002
        """Any other path."""
        path = request.rel_url.raw_path
        operation = operation_at(path)
        if operation is not None:
            raise WeChatError(40066, _not_here(operation))
        known = list(self.by_path())
        near = difflib.get_close_matches(path, known, n=1, cutoff=0.7)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise WeChatError(40066, f"{path[:200]} is no path of this emulator; {advice}")

    def _issued(self, issued: IssuedToken) -> Answer:
        return self.answers.bare(
            {"access_token": issued.access_token, "expires_in": issued.expires_in}
        )


def _not_here(operation: Operation) -> str:
    what = operation.doc.rstrip(".")
    return (
        f"{operation.path} is {operation.name} ({what[0].lower()}{what[1:]}) and not implemented "
        f"here{_RATHER.get(operation.name, '')}"
    )


def _require(request: web.Request, *methods: str) -> None:
    if request.method not in methods:
        raise WeChatError(
            43002, f"the method is {request.method}; call {request.path} with {methods[-1]}"
        )


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
