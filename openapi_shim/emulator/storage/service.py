"""What the cloud's storage does for its doors: grants for uploads, links, deletions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from openapi_shim.emulator.storage.file_id import ENV, FileId, bucket_of, check_path, parse_file_id
from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.shelf import Shelf
from openapi_shim.emulator.storage.signatures import (
    check_download,
    check_upload,
    download_signature,
    upload_authorization,
)
from openapi_shim.errors import StorageError
from openapi_shim.wechat.ids import Clock, Ids

DEFAULT_ENV = "local-env"
SUCCESS = "SUCCESS"
_NONEXIST, _NONEXIST_TEXT = "STORAGE_FILE_NONEXIST", "storage file not exists"
UPLOAD_LIFETIME = 900  # seconds a grant for an upload is good
LINK_LIFETIME = 86_400  # seconds a temporary URL lives, by default and at most
LIST_LIMIT = 50  # files in one call
FOLDER = "storage"
"""Folder of all files, in the folder of state."""

OBJECTS = "/storage"
"""Where the object store begins in the emulator's URL space."""


@dataclass(frozen=True)
class UploadGrant:
    """Leave to upload one file, to one path, for a while.

    Attributes:
        url: where to PUT or POST it, percent-encoded.
        token: for ``x-cos-security-token``.
        authorization: for ``authorization`` and ``Signature``.
        file_id: what the file will be known by.
        cos_file_id: for ``x-cos-meta-fileid``.
        download_url: a temporary URL of the file to be, not percent-encoded.
    """

    url: str
    token: str = field(repr=False)
    authorization: str = field(repr=False)
    file_id: str
    cos_file_id: str
    download_url: str = field(repr=False)


@dataclass(frozen=True)
class FileLink:
    """A temporary URL, or why there is none.

    Attributes:
        code: ``SUCCESS``, ``STORAGE_FILE_NONEXIST``, ``STORAGE_EXCEED_AUTHORITY``,
            ``INVALID_PARAM`` or ``STORAGE_REQUEST_FAIL``.
        file_id: as it was asked for.
        url: **not percent-encoded**, since the SDKs do that; empty unless SUCCESS.
        max_age: seconds the URL lives.
        message: empty when SUCCESS.
    """

    code: str
    file_id: str
    url: str = field(default="", repr=False)
    max_age: int = 0
    message: str = ""


@dataclass(frozen=True)
class DeletedFile:
    """What became of one file to be deleted; *code* as in ``FileLink``."""

    file_id: str
    code: str
    message: str = ""


class StorageService:
    """The storage of the emulator's environments.

    Args:
        root: folder of all files; made when it is needed first.
        env: the only environment there is; empty for any.
        base_url: answers the emulator's URL, without a slash at its end.
        clock: seconds since 1970.
        ids: makes the tokens of grants.
        key: answers the secret that signatures are made with.
    """

    def __init__(
        self,
        root: Path,
        *,
        env: str,
        base_url: Callable[[], str],
        clock: Clock,
        ids: Ids,
        key: Callable[[], bytes],
    ) -> None:
        self.shelf = Shelf(root, clock=clock)
        self._env = env
        self._base_url = base_url
        self._clock = clock
        self._ids = ids
        self._key = key

    def prepare_upload(self, path: str, *, method: str = "put", env: str = "") -> UploadGrant:
        """A grant for *path*, good for PUT and for a form by POST alike, whatever *method* is.

        Args:
            path: of the file to be.
            method: ``put`` or ``post``.
            env: the environment; empty for the emulator's own.

        Raises:
            StorageError: INVALID_PARAM *path* or *method* cannot be; STORAGE_REQUEST_FAIL the
                state folder cannot be used.
        """
        check_path(path)
        env = env or self._env or DEFAULT_ENV
        self._check_env(env)
        if method.lower() not in ("put", "post"):
            raise StorageError("INVALID_PARAM", f"method is {method[:20]!r}; it is put or post")
        token = self._ids.token()
        begin = int(self._clock())
        end = begin + UPLOAD_LIFETIME
        target = FileId(env, bucket_of(env), path)
        digest = hashlib.sha256(str(target).encode()).digest()
        return UploadGrant(
            url=f"{self._base_url()}{OBJECTS}/{target.bucket}/{quote(path)}",
            token=token,
            authorization=upload_authorization(
                self._secret(), _resource(target), token, begin, end
            ),
            file_id=str(target),
            cos_file_id=base64.b64encode(digest).decode(),
            download_url=self._link(target, LINK_LIFETIME),
        )

    def links(self, items: Sequence[tuple[str, int | None]]) -> list[FileLink]:
        """Temporary URLs for (fileID, seconds to live or None), one for each and in order.

        A life longer than a day is cut to a day.

        Raises:
            StorageError: INVALID_PARAM there are no items, or more than 50.
        """
        _check_count(len(items))
        return [self._link_or_reason(file_id, max_age) for file_id, max_age in items]

    def delete(self, file_ids: Sequence[str]) -> list[DeletedFile]:
        """Delete files; one answer for each and in order.

        Raises:
            StorageError: INVALID_PARAM there are none, or more than 50.
        """
        _check_count(len(file_ids))
        return [self._delete(file_id) for file_id in file_ids]

    def check_upload(self, target: FileId, *, token: str, authorization: str) -> None:
        """See that a grant allows an upload to *target* now.

        Raises:
            Refusal: 400 its path cannot be, 403 the grant does not allow it.
        """
        try:
            check_path(target.path)
        except StorageError as error:
            raise Refusal(400, "InvalidArgument", error.message) from error
        check_upload(self._secret(), _resource(target), token, authorization, self._clock())

    def linked(self, candidates: Sequence[FileId], *, sign: str, expires: str) -> FileId:
        """The one of *candidates* that a temporary URL was made for.

        Raises:
            Refusal: 403 for none of them, or its time is over.
        """
        if not sign or not expires:
            raise Refusal(
                403,
                "AccessDenied",
                "The URL has no sign and t: take the whole of the URL that getTempFileURL gave "
                "(a name with ? or # in it cuts it short).",
            )
        for target in candidates:
            if check_download(self._secret(), _resource(target), sign, expires):
                if self._clock() >= int(expires):
                    raise Refusal(403, "AccessDenied", "Request has expired")
                return target
        raise Refusal(
            403, "SignatureDoesNotMatch", "The URL's sign was not made for this path and time."
        )

    def _link_or_reason(self, file_id: str, max_age: int | None) -> FileLink:
        seconds = LINK_LIFETIME if max_age is None else min(max_age, LINK_LIFETIME)
        if seconds <= 0:
            return FileLink("INVALID_PARAM", file_id, message=f"max_age is {max_age}, not above 0")
        try:
            target = self._target(file_id)
            if self.shelf.find(target.env, target.path) is None:
                return FileLink(_NONEXIST, file_id, max_age=seconds, message=_NONEXIST_TEXT)
            return FileLink(SUCCESS, file_id, self._link(target, seconds), seconds)
        except StorageError as error:
            return FileLink(error.code, file_id, max_age=seconds, message=error.message)

    def _delete(self, file_id: str) -> DeletedFile:
        try:
            target = self._target(file_id)
            if self.shelf.remove(target.env, target.path):
                return DeletedFile(file_id, SUCCESS)
        except StorageError as error:
            return DeletedFile(file_id, error.code, error.message)
        return DeletedFile(file_id, _NONEXIST, _NONEXIST_TEXT)

    def _target(self, file_id: str) -> FileId:
        target = parse_file_id(file_id)
        self._check_env(target.env)
        return target

    def _check_env(self, env: str) -> None:
        if not ENV.fullmatch(env):
            raise StorageError("INVALID_PARAM", f"{env[:40]!r} cannot name an environment")
        if self._env and env != self._env:
            raise StorageError(
                "STORAGE_EXCEED_AUTHORITY",
                f"the file belongs to the environment {env}; this is {self._env}",
            )

    def _link(self, target: FileId, seconds: int) -> str:
        expires = int(self._clock()) + seconds
        sign = download_signature(self._secret(), _resource(target), expires)
        address = f"{self._base_url()}{OBJECTS}/{bucket_of(target.env)}/{target.path}"
        return f"{address}?sign={sign}&t={expires}"

    def _secret(self) -> bytes:
        try:
            return self._key()
        except OSError as error:
            raise StorageError(
                "STORAGE_REQUEST_FAIL", f"the state folder cannot be used: {error}"
            ) from error


def _resource(target: FileId) -> str:
    """What is signed: the path in its environment and no other."""
    return f"{bucket_of(target.env)}/{target.path}"


def _check_count(count: int) -> None:
    if not 0 < count <= LIST_LIMIT:
        raise StorageError("INVALID_PARAM", f"the list has {count} files; 1 to {LIST_LIMIT} do")
