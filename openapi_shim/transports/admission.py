"""Which operations a function may call, where no server knows the function."""

from __future__ import annotations

from pathlib import Path

from openapi_shim.catalog.cloud_codes import (
    OPENAPI_NO_PERMISSION,
    OPENAPI_NOT_FOUND,
    cloud_code_text,
)
from openapi_shim.catalog.operations import Operation, near_names, operation_named
from openapi_shim.errors import CloudError
from openapi_shim.permissions import PermissionList, load_permissions
from openapi_shim.settings import Settings


class Admission:
    """The operations of the catalog that the function's config.json allows.

    Args:
        settings: ``function_dir`` has the config.json.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.function_dir
        self._permissions: PermissionList | None = None

    def operation(self, name: str) -> Operation:
        """The operation called *name*.

        Raises:
            CloudError: there is none, or config.json does not allow it.
            ConfigError: config.json is broken.
        """
        operation = operation_named(name)
        if operation is None:
            near = near_names(name)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise CloudError(OPENAPI_NOT_FOUND, f"openapi.{name}:fail API not found{hint}")
        # What was refused is looked up again: the file may have been mended meanwhile.
        if self._permissions is None or not self._permissions.allows(name):
            self._permissions = load_permissions(self._folder or Path.cwd())
        if not self._permissions.allows(name):
            code = OPENAPI_NO_PERMISSION
            raise CloudError(
                code,
                f"openapi.{name}:fail {cloud_code_text(code)}; "
                f"{self._permissions.how_to_allow(name)}",
            )
        return operation
