"""A process that a function may change: folder, path, modules and environment are put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openapi_shim.hosting import loop


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what loading a function changes, and end the loop it ran on."""
    folder, path, modules = Path.cwd(), list(sys.path), set(sys.modules)
    monkeypatch.setenv("OPENAPI_SHIM_FUNCTION_DIR", "")
    monkeypatch.delenv("OPENAPI_SHIM_FUNCTION_DIR")
    yield
    os.chdir(folder)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name == "index" or name.startswith("hosted_"):
            del sys.modules[name]
    if loop._loop is not None:
        loop._loop.run_until_complete(loop._loop.shutdown_asyncgens())
        loop._loop.close()
        loop._loop = None
