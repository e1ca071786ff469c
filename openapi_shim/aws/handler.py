"""What Lambda imports and calls: ``openapi_shim.aws.handler.handler``.

``OPENAPI_SHIM_FUNCTION`` names the function. It is loaded while the instance starts, so that
what is wrong with it is told before the first event, and no event waits for it.
"""

from __future__ import annotations

import os
from pathlib import Path

from openapi_shim.aws.adapter import Adapter
from openapi_shim.errors import ConfigError
from openapi_shim.hosting.function import load_function
from openapi_shim.settings import load_settings


def make_handler() -> Adapter:
    """The adapter around the function that the settings name.

    Raises:
        ConfigError: there is no such function, or a setting cannot be used.
        BaseException: whatever importing the function raises.
    """
    settings = load_settings(function_dir=Path())
    if not settings.function:
        raise ConfigError(
            "OPENAPI_SHIM_FUNCTION is not set: name the function's folder in "
            f"{settings.functions_dir}, or the function as module:attribute"
        )
    return Adapter(
        load_function(settings.function, settings.functions_dir), os.environ.get("TCB_ENV", "")
    )


handler = make_handler()
