"""``import openapi_shim`` is light, and its names are there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import openapi_shim

LOADED = """
import json, sys
before = set(sys.modules)
import openapi_shim
loaded = {name.split(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(loaded - set(sys.stdlib_module_names))))
"""


def test_the_door_loads_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["openapi_shim"]


@pytest.mark.parametrize("name", openapi_shim.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(openapi_shim, name) is getattr(openapi_shim, name)
    assert name in dir(openapi_shim)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'clud'"):
        _ = openapi_shim.clud
