"""``cloud.logger()``: structured lines into the function's log."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from openapi_shim.catalog.cloud_codes import TCB_INVALID_PARAM
from openapi_shim.errors import CloudError


class Logger:
    """Writes objects as lines of JSON: ``log`` and ``info`` to stdout, the others to stderr."""

    def log(self, message: Mapping[str, Any]) -> None:
        """Write *message*."""
        _write(message, error=False)

    def info(self, message: Mapping[str, Any]) -> None:
        """Write *message*, as ``log`` does."""
        _write(message, error=False)

    def warn(self, message: Mapping[str, Any]) -> None:
        """Write a warning."""
        _write(message, error=True)

    def error(self, message: Mapping[str, Any]) -> None:
        """Write an error."""
        _write(message, error=True)


def _write(message: Any, *, error: bool) -> None:
    if not isinstance(message, Mapping):
        raise CloudError(TCB_INVALID_PARAM, "log msg must be an object")
    line = json.dumps(dict(message), ensure_ascii=False, default=str)
    stream = sys.stderr if error else sys.stdout
    stream.write(line + "\n")
    stream.flush()
