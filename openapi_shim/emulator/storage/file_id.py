"""fileIDs, ``cloud://<env>.<bucket>/<path>``, and the platform's rules for paths."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openapi_shim.errors import StorageError

ENV = re.compile(r"[a-z0-9_-]{1,40}")  # what the SDKs take for an environment's name
PATH_LIMIT = 850  # bytes of UTF-8, as the platform has it
_ACCOUNT = "1250000000"  # the emulator's own; on the platform the number of the account
_FILE_ID = re.compile(
    r"cloud://(?P<env>[a-z0-9_-]{1,40})\.(?P<bucket>[a-z0-9_-]{1,80})/(?P<path>.+)", re.DOTALL
)


@dataclass(frozen=True)
class FileId:
    """A fileID in its parts; ``str()`` is the fileID."""

    env: str
    bucket: str
    path: str

    def __str__(self) -> str:
        return f"cloud://{self.env}.{self.bucket}/{self.path}"


_BUCKET = re.compile(rf"[0-9a-f]{{2,4}}-(?P<env>[a-z0-9_-]{{1,40}})-{_ACCOUNT}")


def bucket_of(env: str) -> str:
    """Name of *env*'s bucket, e.g. ``6c6f-local-env-1250000000``."""
    return f"{_bucket_stem(env)}-{_ACCOUNT}"


def env_of(bucket: str) -> str | None:
    """The environment whose bucket *bucket* is, or None."""
    match = _BUCKET.fullmatch(bucket)
    return match["env"] if match and bucket_of(match["env"]) == bucket else None


def parse_file_id(text: str) -> FileId:
    """*text* in its parts. The account's number at the end of the bucket may be any, or absent.

    Raises:
        StorageError: INVALID_PARAM, it is no fileID; the message says what is wrong.
    """
    match = _FILE_ID.fullmatch(text)
    if match is None:
        raise StorageError(
            "INVALID_PARAM", f"{text[:80]!r} is no fileID: it should be cloud://<env>.<bucket>/path"
        )
    found = FileId(match["env"], match["bucket"], match["path"])
    stem = _bucket_stem(found.env)
    if not re.fullmatch(rf"{re.escape(stem)}(-[0-9]{{6,12}})?", found.bucket):
        raise StorageError(
            "INVALID_PARAM",
            f"the bucket {found.bucket} does not belong to the environment {found.env}: "
            f"it should be {bucket_of(found.env)}",
        )
    check_path(found.path)
    return found


def check_path(path: str) -> None:
    """See that *path* may name a file.

    Raises:
        StorageError: INVALID_PARAM, it may not; the message says why.
    """
    reason = _why_no_path(path)
    if reason:
        raise StorageError("INVALID_PARAM", f"the path {path[:80]!r} {reason}")


def _why_no_path(path: str) -> str:
    segments = path.split("/")
    size = len(path.encode("utf-8", "surrogatepass"))
    reasons = {
        "is empty": not path,
        "begins with /": path.startswith("/"),
        "ends with /, which makes it a folder": path.endswith("/"),
        "has // in it": "" in segments,
        "has a segment . or .. in it": "." in segments or ".." in segments,
        "has a control character in it": any(char < " " or char == "\x7f" for char in path),
        "has half a surrogate pair in it": any("\ud800" <= char <= "\udfff" for char in path),
        f"has {size} bytes, more than {PATH_LIMIT}": size > PATH_LIMIT,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _bucket_stem(env: str) -> str:
    return f"{env.encode()[:2].hex()}-{env}"
