"""The adapter for SCF, Tencent's functions, on which CloudBase runs its own.

The platform calls ``index.main(event, context)`` and takes what it returns as the result: an
asynchronous ``main`` would answer with a coroutine, and fail. So the package's own ``index.py``
stands in front (see ``openapi_shim.packaging``), made of this adapter; the function's code stays
as it is.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openapi_shim.hosting.function import HostedFunction, load_function
from openapi_shim.scf.identity import caller_variables

Handler = Callable[[Any, Any], Any]

_ENTRY_MODULE = "index"


def make_handler(name: str, functions_dir: Path) -> Handler:
    """What the platform calls: ``handler(event, context)``, for the function *name*.

    Events of every trigger (HTTP access, timers, other functions) go through as the platform
    gives them, and so does the result.

    Args:
        name: of the function's folder in *functions_dir*.
        functions_dir: folder of the functions.

    Raises:
        ConfigError: there is no such function, or its ``main`` cannot be called.
        BaseException: whatever importing it raises.
    """
    entry = sys.modules.get(_ENTRY_MODULE)
    try:
        function = load_function(name, functions_dir)
    finally:
        # The function's own index took the entry's place, and the import system hands the
        # platform what stands there: the function itself, without this adapter.
        if entry is not None:
            sys.modules[_ENTRY_MODULE] = entry
    return _ScfHandler(function)


class _ScfHandler:
    """Calls a function for the platform, one call at a time: they share one event loop."""

    def __init__(self, function: HostedFunction) -> None:
        self._function = function
        self._turn = threading.Lock()

    def __call__(self, event: Any, context: Any) -> Any:
        known = context if isinstance(context, Mapping) else {}
        caller = caller_variables(known, os.environ)
        with self._turn:
            return self._function.call(event, context, caller)
