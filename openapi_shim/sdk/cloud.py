"""``cloud``: what a function imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.cross_account import ResourceCloud
from openapi_shim.sdk.face import CloudFace
from openapi_shim.sdk.options import init_options
from openapi_shim.settings import Settings
from openapi_shim.transports.base import Transport

_Cloud = TypeVar("_Cloud", bound="Cloud")  # inside the class its name is that of a method


class Cloud(CloudFace):
    """The face of wx-server-sdk. ``openapi_shim.cloud`` is the one a function uses.

    Args:
        settings: in place of the environment and config.json, for tests and embedding.
        transport: in place of the one that the settings mean.
    """

    def __init__(
        self, *, settings: Settings | None = None, transport: Transport | None = None
    ) -> None:
        super().__init__()
        self._settings = settings
        self._transport = transport

    def init(self, options: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Switch the cloud calls on. A second call changes nothing, as in the SDK.

        Args:
            options: a dict as in JavaScript: ``env`` (an id, ``DYNAMIC_CURRENT_ENV``, or one
                for each of ``functions``, ``storage`` and ``default``), ``timeout``
                (milliseconds one cloud call may take), and for the transport cloudbase
                ``secretId``, ``secretKey``, ``sessionToken``, ``serviceUrl``, ``region``,
                ``protocol``, ``headers``, ``proxy``.
            **named: the same as keyword arguments.

        Raises:
            CloudError: the options are no dict, or one is of the wrong kind.
        """
        self._open(options, named, _folder_of_caller())

    def createNewInstance(
        self: _Cloud, options: Mapping[str, Any] | None = None, /, **named: Any
    ) -> _Cloud:
        """Another ``cloud`` with options of its own, initialized; see ``init``."""
        instance = type(self)(settings=self._settings, transport=self._transport)
        instance._open(options, named, _folder_of_caller())  # noqa: SLF001  (our own)
        return instance

    def Cloud(self, options: Mapping[str, Any], /) -> ResourceCloud:
        """A ``cloud`` for the environment of another account; await its ``init``.

        Args:
            options: ``resourceAppid``, ``resourceEnv``, and what ``init`` takes.

        Raises:
            CloudError: there is no ``resourceEnv``.
        """
        return ResourceCloud(options, _folder_of_caller(), self._settings)

    @contextmanager
    def bound(self: _Cloud, settings: Settings) -> Iterator[_Cloud]:
        """Within this block it is as new, not initialized, and has *settings*; for tests."""
        before = self._connection, self._settings
        self._connection, self._settings = None, settings
        try:
            yield self
        finally:
            self._connection, self._settings = before

    def _open(self, options: Any, named: Mapping[str, Any], function_dir: Path) -> None:
        parsed = init_options(options, named)
        if self._connection is None:
            self._connection = Connection(
                parsed, function_dir, settings=self._settings, transport=self._transport
            )


def _folder_of_caller() -> Path:
    """The folder of the file whose code called into this one: a function's has its config.json."""
    caller = sys._getframe(2).f_globals.get("__file__")  # noqa: SLF001  (no public way)
    return Path(caller).resolve().parent if caller else Path.cwd()


cloud = Cloud()
"""The one instance that a function imports: ``from openapi_shim import cloud``."""
