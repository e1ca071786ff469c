"""What a function may call: ``permissions.openapi`` of its config.json."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openapi_shim.config_file import FILE_NAME, config_files, read_config


@dataclass(frozen=True)
class PermissionList:
    """The operations a function may call, and the file that says so.

    Attributes:
        allowed: names such as ``ocr.driverLicense``.
        path: the file they stand in, or the one to create.
        exists: whether that file exists.
        listed: whether it has such a list at all.
    """

    allowed: frozenset[str]
    path: Path
    exists: bool
    listed: bool = True

    def allows(self, operation: str) -> bool:
        """Whether *operation*, e.g. ``ocr.driverLicense``, may be called."""
        return operation in self.allowed

    def how_to_allow(self, operation: str) -> str:
        """What a developer does so that *operation* is allowed: the file and the line."""
        line = f'"permissions": {{"openapi": ["{operation}"]}}'
        if self.exists and not self.listed:
            return f"put {line} into {self.path}"
        if self.exists:
            return f'add "{operation}" to permissions.openapi in {self.path}'
        return f"create {self.path} with {{{line}}}"


def load_permissions(function_dir: Path) -> PermissionList:
    """The permissions of the function in *function_dir*.

    The function's own config.json decides; where it has none, the project's (the next one
    above) does. Without any file nothing is allowed, as on the platform.

    Raises:
        ConfigError: the file that decides cannot be used.
    """
    for path in config_files(function_dir):
        permissions = read_config(path).permissions
        listed = "openapi" in permissions.model_fields_set
        return PermissionList(frozenset(permissions.openapi), path, exists=True, listed=listed)
    return PermissionList(frozenset(), function_dir.resolve() / FILE_NAME, exists=False)
