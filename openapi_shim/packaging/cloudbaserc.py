"""cloudbaserc.json, the file that ``tcb`` deploys by, checked: the tool itself checks nothing.

Names, kinds and ranges are those of CloudBase's documentation of the file and of SCF's quotas.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from openapi_shim.config_file import Scalar
from openapi_shim.errors import ConfigError
from openapi_shim.packaging.platforms import CLOUDBASE, CLOUDBASE_RUNTIME

FILE_NAME = "cloudbaserc.json"
HANDLER = "index.main"
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$"
_SIZE_LIMIT = 1_000_000  # bytes
_BRANCHES = {"str", "bool", "int", "float", "list[str]"}  # of a union, in pydantic's places
_Named = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
    )


class Trigger(_Part):
    """When the platform calls the function by itself."""

    name: _Named
    type: Literal["timer"]
    config: str = Field(description="Six or seven fields, as cron has them, seconds first.")

    @field_validator("config")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        if len(text.split()) not in (6, 7):
            raise ValueError('seven fields are expected, seconds first, as "0 0 2 1 * * *"')
        return text


class Vpc(_Part):
    """A private network."""

    vpc_id: _Named
    subnet_id: _Named


class CloudbaseFunction(_Part):
    """One function of the file; names as there.

    What belongs to HTTP functions and to images is let through: this project makes neither.
    """

    name: str = Field(pattern=NAME)
    dir: str | None = None
    handler: str = HANDLER
    runtime: str = CLOUDBASE_RUNTIME
    timeout: int | None = Field(None, ge=1, le=900)
    memory_size: int | None = Field(None, ge=64, le=3072)
    env_variables: dict[str, Scalar] | None = None
    install_dependency: bool | None = None
    ignore: str | list[str] | None = None
    triggers: list[Trigger] | None = None
    vpc: Vpc | None = None
    params: dict[str, Any] | None = None
    code_secret: str | None = Field(None, pattern=r"^[A-Za-z0-9]{36}$")
    layers: list[dict[str, Any]] | None = None
    type: Literal["Event", "HTTP"] | None = None
    deploy_mode: str | None = None
    image_config: dict[str, Any] | None = None
    instance_concurrency_config: dict[str, Any] | None = None
    protocol_type: str | None = None
    protocol_params: dict[str, Any] | None = None

    @field_validator("memory_size")
    @classmethod
    def _in_steps(cls, size: int | None) -> int | None:
        if size is not None and size != 64 and size % 128:
            raise ValueError("64, or a multiple of 128, is expected")
        return size

    @field_validator("env_variables")
    @classmethod
    def _fit(cls, variables: dict[str, Scalar] | None) -> dict[str, Scalar] | None:
        limit = CLOUDBASE.environment_limit or 0
        size = sum(len(f"{name}={value}".encode()) for name, value in (variables or {}).items())
        if size > limit:
            raise ValueError(f"{size} bytes together; the platform takes {limit}")
        return variables

    @property
    def variables(self) -> dict[str, str]:
        """The variables as text, ``true`` and ``false`` in lower case."""
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in (self.env_variables or {}).items()
        }

    @property
    def ignored(self) -> list[str]:
        """Patterns of what is not to be deployed."""
        return [self.ignore] if isinstance(self.ignore, str) else list(self.ignore or ())


class Cloudbaserc(_Part):
    """The whole file. Parts of a deployment that are no functions are let through."""

    schema_: str | None = Field(None, alias="$schema")
    version: str = "2.0"
    env_id: _Named
    region: str | None = None
    function_root: str | None = None
    functions: list[CloudbaseFunction] = []
    framework: Any = None
    integrations: Any = None
    app: Any = None
    gateway: Any = None
    database: Any = None
    hosting: Any = None
    cloudrun: Any = None

    @field_validator("functions")
    @classmethod
    def _once(cls, functions: list[CloudbaseFunction]) -> list[CloudbaseFunction]:
        names = [function.name for function in functions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} is there {names.count(name)} times: keep one")
        return functions

    def function(self, name: str) -> CloudbaseFunction | None:
        """The entry of the function *name*, or None."""
        return next((entry for entry in self.functions if entry.name == name), None)

    def as_json(self) -> str:
        """The file's text."""
        data = self.model_dump(by_alias=True, exclude_none=True)
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def read_cloudbaserc(path: Path) -> Cloudbaserc:
    """Read and check one cloudbaserc.json.

    Raises:
        ConfigError: it cannot be read, is no JSON, or has an unknown key or a value that the
            platform would refuse. The text has the place, and for a misspelt key the name that
            may be meant.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE_LIMIT + 1)
        if len(raw) > _SIZE_LIMIT:
            raise ConfigError(f"{path} is larger than {_SIZE_LIMIT} bytes: not a {FILE_NAME}")
        text = raw.decode("utf-8-sig")
        json.loads(text)  # its errors say line and column
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no JSON: {error}") from error
    try:
        return Cloudbaserc.model_validate_json(text)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_fault(error)}") from error


def _fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    loc = [
        part for part in first["loc"] if part not in {"str", "bool", "int", "float", "list[str]"}
    ]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)[1:]
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such key{_meant(loc)}"
    return f"{place or 'the file'}: {first['msg'].removeprefix('Value error, ')}"


def _meant(loc: list[int | str]) -> str:
    models: dict[str, type[BaseModel]] = {
        "functions": CloudbaseFunction,
        "triggers": Trigger,
        "vpc": Vpc,
    }
    parents = [part for part in loc[:-1] if isinstance(part, str)]
    model = models[parents[-1]] if parents else Cloudbaserc
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
