"""WeChat cloud functions in Python, run anywhere.

The door of the package: what a cloud function imports. Names are loaded on first touch
(PEP 562), so that ``import openapi_shim`` loads the standard library alone.
"""

from __future__ import annotations

from importlib import import_module

from openapi_shim._version import __version__

TYPE_CHECKING = False  # type checkers take it for true; importing typing would double our cost
if TYPE_CHECKING:
    from openapi_shim.errors import CloudError
    from openapi_shim.sdk.cloud import Cloud, cloud

__all__ = ["Cloud", "CloudError", "__version__", "cloud"]

_EXPORTS = {
    "Cloud": "openapi_shim.sdk.cloud",
    "CloudError": "openapi_shim.errors",
    "cloud": "openapi_shim.sdk.cloud",
}


def __getattr__(name: str) -> object:
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
