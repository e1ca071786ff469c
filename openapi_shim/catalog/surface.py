"""Writes the SDK's typed surface from the catalog: ``python -m openapi_shim.catalog.surface``.

Editors and type checkers read the result, ``openapi_shim/sdk/surface.py``; calls are made
without it.
"""

from __future__ import annotations

import sys
from collections import defaultdict

from openapi_shim.catalog.operations import OPERATIONS, Operation, Parameter, Place
from openapi_shim.naming import snake_to_camel

_HEAD = '''"""What editors and type checkers know of ``cloud.openapi``.

Generated from the catalog by ``make surface``: do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypedDict

if TYPE_CHECKING:
    from openapi_shim.sdk.openapi import ApiPath


class MediaInput(TypedDict):
    """A file among the parameters.

    ``value``: its bytes, a file opened in binary mode, or what they become in an event: the
    JSON form of a Node Buffer, or base64 text.
    """

    contentType: str
    value: bytes | bytearray | memoryview | BinaryIO | str | Mapping[str, Any]
'''


def render_surface() -> str:
    """The source text of the typed surface."""
    families: dict[str, list[Operation]] = defaultdict(list)
    for operation in OPERATIONS:
        families[operation.name.split(".", 1)[0]].append(operation)
    parts = [_HEAD]
    for family, operations in families.items():
        parts += [_types(operation) for operation in operations]
        parts.append(_family(family, operations))
    properties = "\n".join(
        f"\n        @property\n        def {family}(self) -> {_cap(family)}Api:\n"
        f'            """Operations of ``{family}``."""'
        for family in families
    )
    parts.append(
        '\n\nclass OpenApiSurface:\n    """The families of operations."""\n\n'
        "    __slots__ = ()\n\n    if TYPE_CHECKING:\n" + properties + "\n"
    )
    return "".join(parts)


def _types(operation: Operation) -> str:
    title = _cap(operation.name.rsplit(".", 1)[1])
    params = "\n".join(
        f"    {snake_to_camel(item.name)}: {_annotation(item)}" for item in operation.parameters
    )
    fields = "\n".join(
        f'    {snake_to_camel(item.name)}: {item.shape}\n    """{item.doc}"""'
        for item in operation.result
    )
    return (
        f"\n\nclass {title}Params(TypedDict, total=False):\n"
        f'    """Parameters of ``{operation.name}``."""\n\n{params}\n'
        f"\n\nclass {title}Result(TypedDict):\n"
        f'    """Answer of ``{operation.name}``."""\n\n{fields}\n'
        "    errMsg: str\n    errCode: int\n"
    )


def _family(family: str, operations: list[Operation]) -> str:
    methods = "".join(_method(operation) for operation in operations)
    return (
        f"\n\nclass {_cap(family)}Api:\n"
        f'    """Operations of ``{family}``."""\n\n'
        f"    if TYPE_CHECKING:\n{methods}\n"
        "        def __getattr__(self, name: str) -> ApiPath: ...\n"
    )


def _method(operation: Operation) -> str:
    name = operation.name.rsplit(".", 1)[1]
    named = "".join(
        f"            {snake_to_camel(item.name)}: {_annotation(item)} = ...,\n"
        for item in operation.parameters
    )
    arguments = "\n".join(
        f"                {snake_to_camel(item.name)}: {item.doc}" for item in operation.parameters
    )
    return (
        f"\n        def {name}(\n            self,\n"
        f"            params: {_cap(name)}Params | Mapping[str, Any] = ...,\n            /,\n"
        f"            *,\n{named}        ) -> Coroutine[Any, Any, {_cap(name)}Result]:\n"
        f'            """{operation.doc}\n\n            Args:\n'
        f"                params: the parameters below as a dict, as in JavaScript.\n{arguments}\n"
        '            """\n'
    )


def _annotation(parameter: Parameter) -> str:
    if parameter.place is Place.FILE:
        return "MediaInput | Mapping[str, Any]"
    if parameter.choices:
        return "Literal[" + ", ".join(f'"{choice}"' for choice in parameter.choices) + "]"
    return "str"


def _cap(name: str) -> str:
    return name[0].upper() + name[1:]


if __name__ == "__main__":
    sys.stdout.write(render_surface())
