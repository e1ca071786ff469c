"""What the functions of ``cloud`` return, for editors and type checkers."""

from __future__ import annotations

from typing import Any, TypedDict


class CallFunctionResult(TypedDict):
    """Answer of ``callFunction``."""

    result: Any
    """What the function returned."""
    errMsg: str
    requestID: str


class UploadFileResult(TypedDict):
    """Answer of ``uploadFile``."""

    fileID: str
    """``cloud://…``"""
    statusCode: int
    """Always -1, as by wx-server-sdk."""
    errMsg: str


class DownloadFileResult(TypedDict):
    """Answer of ``downloadFile``."""

    fileContent: bytes
    statusCode: int
    errMsg: str


class TempFileURL(TypedDict):
    """One file of ``getTempFileURL``."""

    fileID: str
    status: int
    """0, or the number of what went wrong with this file."""
    errMsg: str
    maxAge: int | None
    """Seconds the URL is good."""
    tempFileURL: str
    """Empty where something went wrong."""


class GetTempFileURLResult(TypedDict):
    """Answer of ``getTempFileURL``."""

    fileList: list[TempFileURL]
    errMsg: str


class DeletedFile(TypedDict):
    """One file of ``deleteFile``."""

    fileID: str
    status: int
    """0, or the number of what went wrong with this file."""
    errMsg: str


class DeleteFileResult(TypedDict):
    """Answer of ``deleteFile``."""

    fileList: list[DeletedFile]
    errMsg: str


class GetOpenDataResult(TypedDict):
    """Answer of ``getOpenData``."""

    list: list[Any]
    """What each CloudID stands for, in their order."""
    errMsg: str
    errCode: int


class SignatureResult(TypedDict):
    """Answer of ``getVoIPSign`` and ``getCloudCallSign``."""

    signature: str
    errMsg: str
    errCode: int


class CallOpenAPIResult(TypedDict):
    """Answer of ``callOpenAPI``."""

    result: Any
    errMsg: str
