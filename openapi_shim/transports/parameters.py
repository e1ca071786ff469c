"""A call's parameters as WeChat's server API takes them: texts in the query, files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.catalog.operations import Operation, Place
from openapi_shim.naming import camel_to_snake, convert_keys
from openapi_shim.transports.base import Media, OpenApiCall
from openapi_shim.transports.encoding import text_of
from openapi_shim.transports.media import is_media, to_media


@dataclass(frozen=True)
class Parameters:
    """Texts by name, and files by name."""

    query: Mapping[str, str] = field(repr=False)
    files: Mapping[str, Media] = field(repr=False)


def server_parameters(call: OpenApiCall, operation: Operation) -> Parameters:
    """The parameters of *call*, by their names on the wire; those that are None are left out.

    Raises:
        ParameterError: a file has none of the forms that a file may have.
    """
    query: dict[str, str] = {}
    files: dict[str, Media] = {}
    for key, value in call.params.items():
        if value is None:
            continue
        name = wire_name(call, key)
        if is_file(operation, name, value):
            files[name] = to_media(name, value)
        else:
            query[name] = text_of(
                convert_keys(value, camel_to_snake) if call.convert_case else value
            )
    return Parameters(query, files)


def wire_name(call: OpenApiCall, key: Any) -> str:
    """The name that the parameter *key* of *call* has on the wire."""
    return camel_to_snake(key) if call.convert_case and isinstance(key, str) else str(key)


def is_file(operation: Operation, name: str, value: Any) -> bool:
    """Whether *value* is a file: by what the catalog says of *name*, or by its form."""
    places = {parameter.name: parameter.place for parameter in operation.parameters}
    return places.get(name) is Place.FILE or is_media(value)
