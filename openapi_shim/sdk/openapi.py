"""``cloud.openapi``: any dotted name is an operation, calling it makes the call."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from openapi_shim.sdk.surface import OpenApiSurface as _Surface
else:
    _Surface = object

Options = Mapping[str, Any]
"""Keys that are read: ``convertCase`` (False keeps snake_case)."""


class Caller(Protocol):
    """What makes the calls; checks at once that it can, and answers a coroutine."""

    def __call__(
        self, operation: str, params: Any, named: dict[str, Any], options: Options
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Make the call of *operation* with the user's parameters."""


class ApiPath:
    """A dotted name below ``cloud.openapi``, e.g. ``ocr.driverLicense``."""

    __slots__ = ("_call", "_options", "_path")

    def __init__(self, call: Caller, options: Options, path: str) -> None:
        self._call = call
        self._options = options
        self._path = path

    def __getattr__(self, name: str) -> ApiPath:
        _refuse_private(name)
        return ApiPath(self._call, self._options, f"{self._path}.{name}")

    def __call__(self, params: Any = None, /, **named: Any) -> Coroutine[Any, Any, dict[str, Any]]:
        """Call the operation with a dict, as in JavaScript, or with keyword arguments.

        Raises:
            CloudError: at once when ``cloud.init`` was not called, else when awaited.
        """
        return self._call(self._path, params, named, self._options)

    def __repr__(self) -> str:
        return f"<openapi {self._path}>"


class OpenApiRoot:
    """The root of all operations, with options of its own."""

    __slots__ = ("_call", "_options")

    def __init__(self, call: Caller, options: Options) -> None:
        self._call = call
        self._options = options

    def __call__(self, options: Options) -> OpenApiRoot:
        """The same with *options*, e.g. ``cloud.openapi({"convertCase": False})``."""
        if not isinstance(options, Mapping):
            raise TypeError("an options object is expected")  # the SDK's words
        return OpenApiRoot(self._call, options)

    def __getattr__(self, name: str) -> ApiPath:
        _refuse_private(name)
        return ApiPath(self._call, self._options, name)

    def __repr__(self) -> str:
        return "<cloud.openapi>"


class OpenApi(OpenApiRoot, _Surface):
    """``cloud.openapi`` itself: editors complete the operations that the catalog has."""

    __slots__ = ()


def _refuse_private(name: str) -> None:
    # Python asks objects for dunder names by itself (copy, pickle, await, inspection).
    if name.startswith("__"):
        raise AttributeError(name)
