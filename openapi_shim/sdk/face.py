"""The functions of ``cloud``, with the face of wx-server-sdk.

All take a dict as in JavaScript, or keywords. What is wrong is told when the answer is
awaited; a missing ``init`` at once, as by the SDK.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from openapi_shim._version import __version__
from openapi_shim.catalog.cloud_codes import UNKNOWN_ERROR
from openapi_shim.errors import CloudError
from openapi_shim.sdk import functions, open_data, storage
from openapi_shim.sdk.checks import UNDEFINED
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.context import read_wx_context
from openapi_shim.sdk.logger import Logger
from openapi_shim.sdk.openapi import OpenApi, Options
from openapi_shim.sdk.operation_call import call_operation
from openapi_shim.sdk.options import CURRENT_ENV
from openapi_shim.sdk.results import (
    CallFunctionResult,
    CallOpenAPIResult,
    DeleteFileResult,
    DownloadFileResult,
    GetOpenDataResult,
    GetTempFileURLResult,
    SignatureResult,
    UploadFileResult,
)
from openapi_shim.transports.base import FileContent

_NOT_INITIALIZED = (
    "Cloud API isn't enabled, please call init first\n"
    "请先调用 init 完成初始化后再调用其他云 API。"
    "init 方法可传入一个对象用于设置默认配置，详见文档。"
)

_Result = TypeVar("_Result")
Answer = Coroutine[Any, Any, _Result]
Params = Mapping[str, Any]


class CloudFace:
    """What every kind of ``cloud`` can do once it is initialized."""

    DYNAMIC_CURRENT_ENV: Final = CURRENT_ENV
    """The environment the function runs in."""

    version: Final = __version__

    def __init__(self) -> None:
        self._connection: Connection | None = None

    @property
    def openapi(self) -> OpenApi:
        """WeChat's server API: ``await cloud.openapi.ocr.driverLicense(imgUrl=…)``.

        ``cloud.openapi({"convertCase": False})`` keeps snake_case.
        """
        return OpenApi(self._operation, {})

    def callFunction(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        name: str = UNDEFINED,
        data: Mapping[str, Any] = UNDEFINED,
        config: Params = UNDEFINED,
        timeout: float = UNDEFINED,
    ) -> Answer[CallFunctionResult]:
        """Call another cloud function.

        Args:
            options: the arguments below as a dict, as in JavaScript.
            name: of the function.
            data: its event.
            config: ``{"env": …}``, another cloud environment.
            timeout: milliseconds.
        """
        named = _given(name=name, data=data, config=config, timeout=timeout)
        return functions.call_function(self._ready(), options, named)

    def uploadFile(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        cloudPath: str = UNDEFINED,
        fileContent: FileContent = UNDEFINED,
        config: Params = UNDEFINED,
    ) -> Answer[UploadFileResult]:
        """Store a file.

        Args:
            options: the arguments below as a dict, as in JavaScript.
            cloudPath: where to.
            fileContent: its bytes, or a file opened in binary mode, which is sent as a stream
                from its position on and left open.
            config: ``{"env": …}``, another cloud environment.
        """
        named = _given(cloudPath=cloudPath, fileContent=fileContent, config=config)
        return storage.upload_file(self._ready(), options, named)

    def downloadFile(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        fileID: str = UNDEFINED,
        config: Params = UNDEFINED,
    ) -> Answer[DownloadFileResult]:
        """Fetch a file: its bytes are ``fileContent`` of the answer."""
        return storage.download_file(self._ready(), options, _given(fileID=fileID, config=config))

    def getTempFileURL(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        fileList: Sequence[str | Mapping[str, Any]] = UNDEFINED,
        config: Params = UNDEFINED,
    ) -> Answer[GetTempFileURLResult]:
        """URLs by which anybody can fetch the files for a while.

        Args:
            options: the arguments below as a dict, as in JavaScript.
            fileList: ids, or ``{"fileID": …, "maxAge": seconds}``.
            config: ``{"env": …}``, another cloud environment.
        """
        named = _given(fileList=fileList, config=config)
        return storage.get_temp_file_url(self._ready(), options, named)

    def deleteFile(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        fileList: Sequence[str] = UNDEFINED,
        config: Params = UNDEFINED,
    ) -> Answer[DeleteFileResult]:
        """Delete the files with the ids of *fileList*."""
        named = _given(fileList=fileList, config=config)
        return storage.delete_file(self._ready(), options, named)

    def getOpenData(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        list: Sequence[str] = UNDEFINED,
        appid: str = UNDEFINED,
    ) -> Answer[GetOpenDataResult]:
        """What the CloudIDs of *list* stand for. On the platform alone."""
        return open_data.get_open_data(self._ready(), options, _given(list=list, appid=appid))

    def getVoIPSign(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        groupId: str = UNDEFINED,
        timestamp: int = UNDEFINED,
        nonce: str = UNDEFINED,
    ) -> Answer[SignatureResult]:
        """The signature by which a mini-program joins a voice room. On the platform alone."""
        named = _given(groupId=groupId, timestamp=timestamp, nonce=nonce)
        return open_data.get_voip_sign(self._ready(), options, named)

    def getCloudCallSign(
        self, options: Params = UNDEFINED, /, *, parameterList: Sequence[str] = UNDEFINED
    ) -> Answer[SignatureResult]:
        """The signature of a list of parameters. On the platform alone."""
        named = _given(parameterList=parameterList)
        return open_data.get_cloud_call_sign(self._ready(), options, named)

    def callOpenAPI(
        self,
        options: Params = UNDEFINED,
        /,
        *,
        api: str = UNDEFINED,
        data: Mapping[str, Any] = UNDEFINED,
        version: str = UNDEFINED,
        config: Params = UNDEFINED,
    ) -> Answer[CallOpenAPIResult]:
        """An operation in the older way, deprecated in favour of ``openapi``."""
        named = _given(api=api, data=data, version=version, config=config)
        return open_data.call_open_api(self._ready(), options, named)

    def getWXContext(self) -> dict[str, str]:
        """The caller: OPENID, APPID, UNIONID, …, ENV, SOURCE. It needs no ``init``."""
        return read_wx_context()

    def logger(self) -> Logger:
        """A writer of structured lines into the function's log."""
        self._ready()
        return Logger()

    def _operation(
        self, operation: str, params: Any, named: dict[str, Any], options: Options
    ) -> Answer[dict[str, Any]]:
        return call_operation(self._ready(), operation, params, named, options)

    def _ready(self) -> Connection:
        if self._connection is None:
            raise CloudError(UNKNOWN_ERROR, _NOT_INITIALIZED)
        return self._connection


def _given(**named: Any) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not UNDEFINED}
