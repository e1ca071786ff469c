"""The SDK's typed surface is what the catalog says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openapi_shim.sdk.surface
from openapi_shim.catalog.surface import render_surface


def test_the_typed_surface_is_up_to_date() -> None:
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", "surface.py", "-"],
        input=render_surface(),
        capture_output=True,
        text=True,
        check=True,
    )
    written = Path(str(openapi_shim.sdk.surface.__file__)).read_text("utf-8")
    assert written == formatted.stdout, "run `make surface`"
