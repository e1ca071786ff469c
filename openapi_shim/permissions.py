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
    """

    allowed: frozenset[str]
    path: Path
    exists: bool

    def allows(self, operation: str) -> bool:
        """Whether *operation*, e.g. ``ocr.driverLicense``, may be called."""
        return operation in self.allowed

    def how_to_allow(self, operation: str) -> str:
        """What a developer does so that *operation* is allowed: the file and the line."""
        if self.exists:
            return f'add "{operation}" to permissions.openapi in {self.path}'
        line = f'{{"permissions": {{"openapi": ["{operation}"]}}}}'
        return f"create {self.path} with {line}"


def load_permissions(function_dir: Path) -> PermissionList:
    """The permissions of the function in *function_dir*.

    The function's own config.json decides; where it has none, the project's (the next one
    above) does. Without any file nothing is allowed, as on the platform.

    Raises:
        ConfigError: the file that decides cannot be used.
    """
    for path in config_files(function_dir):
        allowed = frozenset(read_config(path).permissions.openapi)
        return PermissionList(allowed, path, exists=True)
    return PermissionList(frozenset(), function_dir.resolve() / FILE_NAME, exists=False)
