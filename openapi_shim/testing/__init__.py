"""For the tests of users' own projects: an emulator, functions to invoke, photos that are known.

The pytest plugin (``openapi_shim.testing.plugin``) loads itself; what its fixtures give is here,
imported on first touch, since the plugin is there in every run of pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openapi_shim.testing.controls import Call, Clock, Controls, Faults, Recognizer
    from openapi_shim.testing.emulated import WeChat
    from openapi_shim.testing.invocation import invoke_function
    from openapi_shim.testing.photo import Photo, draw_photo, ready_photo

__all__ = [
    "Call",
    "Clock",
    "Controls",
    "Faults",
    "Photo",
    "Recognizer",
    "WeChat",
    "draw_photo",
    "invoke_function",
    "ready_photo",
]

_MODULES = {
    "Call": "controls",
    "Clock": "controls",
    "Controls": "controls",
    "Faults": "controls",
    "Recognizer": "controls",
    "WeChat": "emulated",
    "invoke_function": "invocation",
    "Photo": "photo",
    "draw_photo": "photo",
    "ready_photo": "photo",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"openapi_shim.testing.{_MODULES[name]}"), name)
