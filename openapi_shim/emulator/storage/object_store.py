"""The object store as a route of aiohttp: what COS and its CDN are on the platform."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from openapi_shim.emulator.gateway.cors import check_origin, let_in, preflight
from openapi_shim.emulator.journal import (
    LOG,
    REASON_HEADER,
    REQUESTS,
    header_value,
    note,
    one_line,
)
from openapi_shim.emulator.storage.downloads import Dress, get_object
from openapi_shim.emulator.storage.file_id import FileId, env_of
from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.service import OBJECTS, StorageService
from openapi_shim.emulator.storage.uploads import post_object, put_object
from openapi_shim.errors import GatewayError, StorageError
from openapi_shim.wechat.ids import Ids

_REQUEST_ID = "x-cos-request-id"


@dataclass(frozen=True)
class ObjectStore:
    """Uploads and downloads by signed URLs.

    Args:
        service: gives the URLs out and has the files.
        ids: makes ids of requests.
        file_limit: bytes one file may have.
    """

    service: StorageService
    ids: Ids
    file_limit: int

    def add_to(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_route("*", OBJECTS + r"/{path:[\s\S]*}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever comes of it; errors as COS's XML."""
        begin = time.perf_counter()
        request_id = self.ids.rid()
        dress = _dresser(request, request_id)
        try:
            response = await self._answer(request, dress)
        except ConnectionError:
            raise  # the client hung up: nobody is there to be answered
        except Refusal as refusal:
            response = self._refused(request, refusal, request_id)
        except StorageError as error:
            failure = Refusal(500, "InternalError", error.message)
            response = self._refused(request, failure, request_id)
        except Exception as error:  # noqa: BLE001 - one request's fault must not end the server
            LOG.exception("a fault in the emulator (rid %s)", request_id)
            text = f"a fault in the emulator, {type(error).__name__}: its log has the traceback"
            response = self._refused(request, Refusal(500, "InternalError", text), request_id)
        if not response.prepared:
            dress(response)
        note(response.status, request_id)
        REQUESTS.info(
            "%s %s status=%d %d ms rid=%s",
            one_line(request.method),
            one_line(unquote(request.rel_url.raw_path)),
            response.status,
            round((time.perf_counter() - begin) * 1000),
            request_id,
        )
        return response

    async def _answer(self, request: web.Request, dress: Dress) -> web.StreamResponse:
        try:
            origin = check_origin(request)
        except GatewayError as error:
            raise Refusal(403, "AccessDenied", error.reason) from error
        if request.method == "OPTIONS" and origin:
            return preflight(request, origin)
        candidates = _targets(request)
        if request.method in ("GET", "HEAD"):
            return await get_object(request, candidates, self.service, dress)
        if request.method == "PUT":
            return await put_object(request, candidates[0], self.service, self.file_limit)
        if request.method == "POST":
            return await post_object(request, candidates[0], self.service, self.file_limit)
        raise Refusal(
            405, "MethodNotAllowed", "The specified method is not allowed against this resource."
        )

    def _refused(self, request: web.Request, refusal: Refusal, request_id: str) -> web.Response:
        REQUESTS.warning(
            "%s because %s (rid %s)", refusal.code, one_line(refusal.message), request_id
        )
        path = unquote(request.rel_url.raw_path)
        return web.Response(
            status=refusal.status,
            text=refusal.xml(resource=path, request_id=request_id, trace_id=self.ids.hint()),
            content_type="application/xml",
            headers={REASON_HEADER: header_value(refusal.message)},
        )


def _dresser(request: web.Request, request_id: str) -> Dress:
    """What gives a response its id, and a page of this machine leave to read it."""

    def dress(response: web.StreamResponse) -> None:
        response.headers[_REQUEST_ID] = request_id
        with contextlib.suppress(GatewayError):
            origin = check_origin(request)
            if origin:
                let_in(response, origin)

    return dress


def _targets(request: web.Request) -> list[FileId]:
    """What the request's path may mean.

    A URL is used as it was given out, or percent-encoded once; ``100%25`` is both, so the
    path is tried decoded and as it came.
    """
    raw = request.rel_url.raw_path.removeprefix(f"{OBJECTS}/")
    bucket, _, path = raw.partition("/")
    env = env_of(bucket)
    if env is None:
        raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist.")
    return [FileId(env, bucket, text) for text in dict.fromkeys((unquote(path), path))]
