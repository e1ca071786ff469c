"""Signatures of upload grants and temporary URLs, and the key they are made with.

A signature holds what it is for, the path and the end of its life, so that it is good for
nothing else. An upload's travels in COS's form of an ``authorization``, a download's in the
query.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs

from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.errors import ConfigError

_KEY_BYTES = 32
_MISMATCH = "The request signature we calculated does not match the signature you provided."


class KeyFile:
    """The key in a file that is made on first use, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""

    def __call__(self) -> bytes:
        """The key, the same in every emulator with the same file.

        Raises:
            ConfigError: the file holds something else.
            OSError: the file cannot be read or written.
        """
        if not self._key:
            with contextlib.suppress(FileExistsError):
                self._make()
            key = self._path.read_bytes()
            if len(key) != _KEY_BYTES:
                raise ConfigError(f"{self._path} holds no key of {_KEY_BYTES} bytes: delete it")
            self._key = key
        return self._key

    def _make(self) -> None:
        """Write a new key, unless there is one; another emulator never reads half of it."""
        if self._path.exists():
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
            os.link(draft, self._path)
        finally:
            draft.unlink()


def download_signature(key: bytes, path: str, expires: int) -> str:
    """The ``sign`` of a temporary URL of *path* until *expires* (seconds since 1970)."""
    return _hmac(key, "download", path, str(expires))


def check_download(key: bytes, path: str, sign: str, expires: str) -> bool:
    """Whether *sign* was made for *path* and *expires*, be it over or not."""
    return _same(sign, _hmac(key, "download", path, expires))


def upload_authorization(key: bytes, path: str, token: str, begin: int, end: int) -> str:
    """What allows uploads to *path*, with *token*, from *begin* to *end* (seconds since 1970)."""
    span = f"{begin};{end}"
    return (
        f"q-sign-algorithm=sha256&q-ak=openapi-shim&q-sign-time={span}&q-key-time={span}"
        f"&q-header-list=&q-url-param-list=&q-signature={_hmac(key, 'upload', path, token, span)}"
    )


def check_upload(key: bytes, path: str, token: str, authorization: str, now: float) -> None:
    """See that *authorization* and *token* allow an upload to *path*.

    Raises:
        Refusal: 403, they do not, or no longer do.
    """
    if not authorization:
        raise Refusal(403, "AccessDenied", "The upload has no authorization.")
    fields = parse_qs(authorization)
    span = fields.get("q-sign-time", [""])[0]
    signature = fields.get("q-signature", [""])[0]
    if not _same(signature, _hmac(key, "upload", path, token, span)):
        raise Refusal(403, "SignatureDoesNotMatch", _MISMATCH)
    if now >= int(span.partition(";")[2]):
        raise Refusal(403, "AccessDenied", "Request has expired")


def _hmac(key: bytes, *parts: str) -> str:
    # Each part with its length, so that no two lists of parts make the same message.
    data = [part.encode("utf-8", "surrogatepass") for part in parts]
    message = b"".join(b"%d:%s" % (len(part), part) for part in data)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
