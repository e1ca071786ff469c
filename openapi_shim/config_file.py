"""config.json: finding it, reading it, and saying where it is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openapi_shim.errors import ConfigError

FILE_NAME = "config.json"
_SIZE_LIMIT = 1_000_000  # bytes; a config.json is a few hundred

Scalar = str | bool | int | float


class Permissions(BaseModel):
    """The ``permissions`` object."""

    model_config = ConfigDict(frozen=True, extra="allow")

    openapi: tuple[str, ...] = ()


class ConfigFile(BaseModel):
    """One config.json. Keys of the platform that we do not read are let through.

    Attributes:
        permissions: what the function may call.
        timeout: seconds one invocation may take; None for the default.
        memory_size: megabytes a worker may use (``memorySize``); None for the default.
        concurrency: how many invocations may run at once; None for the default.
        runtime: the platform's name, e.g. ``Python3.10`` or ``Nodejs18.15``; empty when the
            entry file tells.
        env_variables: environment variables of the function (``envVariables``).
        environment: the same under its other name; see ``variables``.
        openapi_shim: settings of this package, by their names in ``Settings``.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    permissions: Permissions = Permissions()
    timeout: float | None = Field(default=None, gt=0, le=900)
    memory_size: int | None = Field(default=None, alias="memorySize", ge=16, le=65536)
    concurrency: int | None = Field(default=None, ge=1, le=256)
    runtime: str = ""
    env_variables: dict[str, Scalar] = Field(default={}, alias="envVariables")
    environment: Any = None
    openapi_shim: dict[str, Any] = {}

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables of the function, as text; ``true`` and ``false`` in lower case.

        They stand under ``envVariables``, or ``environment``, or ``environment.variables``.
        """
        given = self.environment if isinstance(self.environment, dict) else {}
        nested = given.get("variables")
        found = {**(nested if isinstance(nested, dict) else given), **self.env_variables}
        return {name: _as_text(value) for name, value in found.items() if isinstance(value, Scalar)}


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_config(path: Path) -> ConfigFile:
    """Read one config.json.

    Raises:
        ConfigError: it cannot be read, is no JSON (the text has line and column), or has a
            value of the wrong kind (the text has its place, e.g. ``permissions.openapi[1]``).
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if len(raw) > _SIZE_LIMIT:
        raise ConfigError(f"{path} is larger than {_SIZE_LIMIT} bytes: not a config.json")
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}, column {error.colno}"
        raise ConfigError(f"{where}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deep") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: an object is expected, as {{}}, not {_kind(data)}")
    try:
        return ConfigFile.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_fault(error)}") from error


_EXPECTED = {
    "string_type": "a string is expected",
    "tuple_type": 'a list of names is expected, as ["ocr.driverLicense"]',
    "dict_type": "an object is expected, as {}",
    "model_type": "an object is expected, as {}",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected",
}
_KINDS = {
    str: "a string",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _fault(error: ValidationError) -> str:
    """The first fault: its place, and what is expected there, in the words of JSON."""
    first = error.errors(include_url=False)[0]
    loc, expected = first["loc"], _EXPECTED.get(first["type"])
    if loc[0] == "envVariables" and len(loc) > 1:  # one fault for each kind that it might be
        loc, expected = loc[:2], "a string, a number, true or false is expected"
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    if expected is None:
        return f"{place.lstrip('.')}: {first['msg'].replace('Input should', 'it should')}"
    return f"{place.lstrip('.')}: {expected}, not {_kind(first['input'])}"


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "this")


def config_files(function_dir: Path) -> Iterator[Path]:
    """The config.json files that hold for a function, its own first, then the project's.

    The project's is the next one above the function's folder. Only existing files come.
    """
    folder = function_dir.resolve()
    own, *above = (place / FILE_NAME for place in (folder, *folder.parents))
    if own.is_file():
        yield own
    project = next((path for path in above if path.is_file()), None)
    if project is not None:
        yield project
