"""``/tcb/uploadfile`` and its sisters: storage for servers that have an access token."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from openapi_shim.emulator.answering import Endpoint, Visit
from openapi_shim.emulator.bodies import read_fields
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.errors import StorageError, WeChatError
from openapi_shim.wechat.answers import Answer, Answers
from openapi_shim.wechat.calls import authenticate
from openapi_shim.wechat.tokens import TokenService

_STATUS = {
    "SUCCESS": 0,
    "STORAGE_REQUEST_FAIL": -503001,
    "STORAGE_EXCEED_AUTHORITY": -503002,
    "STORAGE_FILE_NONEXIST": -503003,
}
_INVALID = -501007
_URI = "!#$&'()*+,-./:;=?@_~"  # what encodeURI lets stand, beside letters and digits


@dataclass(frozen=True)
class StorageEndpoints:
    """The endpoints over the storage they ask."""

    answers: Answers
    tokens: TokenService
    service: StorageService

    def by_path(self) -> dict[str, Endpoint]:
        """The endpoints by their paths."""
        return {
            "/tcb/uploadfile": self.upload,
            "/tcb/batchdownloadfile": self.download,
            "/tcb/batchdeletefile": self.delete,
        }

    async def upload(self, request: web.Request, visit: Visit) -> Answer:
        """A grant for an upload by POST of a form."""
        fields = await self._fields(request, visit)
        path = _text(fields, "path")
        try:
            grant = self.service.prepare_upload(path, method="post", env=_text(fields, "env"))
        except StorageError as error:
            raise _refused(error) from error
        return self.answers.ok(
            {
                "url": grant.url,
                "token": grant.token,
                "authorization": grant.authorization,
                "file_id": grant.file_id,
                "cos_file_id": grant.cos_file_id,
            }
        )

    async def download(self, request: web.Request, visit: Visit) -> Answer:
        """Temporary URLs, percent-encoded."""
        fields = await self._fields(request, visit)
        items = [_download_item(item) for item in _list(fields, "file_list")]
        try:
            links = self.service.links(items)
        except StorageError as error:
            raise _refused(error) from error
        files = [
            {
                "fileid": link.file_id,
                "download_url": quote(link.url, safe=_URI),
                "status": _STATUS.get(link.code, _INVALID),
                "errmsg": link.message or "ok",
            }
            for link in links
        ]
        return self.answers.ok({"file_list": files})

    async def delete(self, request: web.Request, visit: Visit) -> Answer:
        """Deletions, one by one."""
        fields = await self._fields(request, visit)
        file_ids = _list(fields, "fileid_list")
        try:
            deleted = self.service.delete([_file_id(item) for item in file_ids])
        except StorageError as error:
            raise _refused(error) from error
        files = [
            {
                "fileid": file.file_id,
                "status": _STATUS.get(file.code, _INVALID),
                "errmsg": file.message or "ok",
            }
            for file in deleted
        ]
        return self.answers.ok({"delete_list": files})

    async def _fields(self, request: web.Request, visit: Visit) -> dict[str, object]:
        if request.method != "POST":
            raise WeChatError(
                43002, f"the method is {request.method}; call {request.path} with POST"
            )
        visit.appid = await authenticate(request.query, self.tokens)
        fields = await read_fields(request)
        _text(fields, "env")
        return fields


def _refused(error: StorageError) -> WeChatError:
    busy = error.code == "STORAGE_REQUEST_FAIL"
    return WeChatError(-1 if busy else 40097, error.message)


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatError(40097, f"the body has no {name}; it is a string")
    return value


def _list(fields: dict[str, object], name: str) -> list[object]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise WeChatError(40097, f"the body has no {name}; it is a list")
    return value


def _file_id(item: object) -> str:
    if not isinstance(item, str):
        raise WeChatError(40097, f"{str(item)[:80]} in fileid_list is no string")
    return item


def _download_item(item: object) -> tuple[str, int | None]:
    if isinstance(item, dict):
        file_id, max_age = item.get("fileid"), item.get("max_age")
        if isinstance(file_id, str) and (max_age is None or type(max_age) is int):
            return file_id, max_age
    raise WeChatError(
        40097, f'{str(item)[:80]} in file_list is not {{"fileid": "cloud://…", "max_age": 7200}}'
    )
