"""A ``cloud`` for the resources of another account: ``c = cloud.Cloud({…}); await c.init()``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from openapi_shim.catalog.cloud_codes import TCB_INVALID_PARAM, UNKNOWN_ERROR
from openapi_shim.credentials.cloudbase import CloudKeys
from openapi_shim.errors import CloudError
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.context import environment
from openapi_shim.sdk.face import CloudFace
from openapi_shim.sdk.failures import coded_failure, failing_as
from openapi_shim.sdk.options import init_options
from openapi_shim.settings import Settings
from openapi_shim.transports.base import PlatformCall
from openapi_shim.transports.cloudbase import CloudbaseTransport

_API = "getCrossAccountToken"
_OWN = {"resourceAppid", "resourceEnv", "identityless"}


class ResourceCloud(CloudFace):
    """The environment *resourceEnv* of the account of *resourceAppid*.

    Without ``resourceAppid`` it is the function's own account. ``openapi`` is refused across
    accounts, as by the SDK.
    """

    def __init__(
        self, options: Mapping[str, Any], function_dir: Path, settings: Settings | None
    ) -> None:
        super().__init__()
        if not options.get("resourceEnv"):
            raise CloudError(UNKNOWN_ERROR, "missing resourceEnv")
        self._appid = str(options.get("resourceAppid") or "")
        self._env = str(options["resourceEnv"])
        rest = {name: value for name, value in options.items() if name not in _OWN}
        self._options = init_options(rest, {})
        self._function_dir = function_dir
        self._settings = settings

    async def init(self) -> None:
        """Switch the calls on; across accounts, fetch what authorizes them.

        Raises:
            CloudError: the other account refused.
        """
        if self._connection is not None:
            return
        own = Connection(self._options, self._function_dir, settings=self._settings)
        if not self._appid:
            self._connection = own
            return
        with failing_as(_API, wechat=True):
            answer = await own.environment_transport.platform(
                PlatformCall(
                    _API,
                    "TokenApiData",
                    {"resourceAppid": self._appid, "resourceEnv": self._env},
                    "AuthorizationInfo",
                    str(self._options.env or environment().get("TCB_ENV", "")),
                )
            )
            granted = answer.tcbCredentials
            if not granted.secretId or not granted.secretKey:
                text = "missing secretId or secretKey of tencent cloud"
                raise coded_failure(_API, TCB_INVALID_PARAM, text)
            gateway = replace(
                self._options.gateway,
                keys=CloudKeys(granted.secretId, granted.secretKey, granted.token or None),
                cross_account={"mpToken": base64.b64encode(answer.wxParam).decode()},
            )
            transport = CloudbaseTransport(own.settings, environment, gateway)
        self._connection = Connection(
            replace(self._options, env=self._env),
            self._function_dir,
            settings=self._settings,
            transport=transport,
        )
