"""Functions written for a test."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.packaging.subject import Subject

Write = Callable[..., Subject]

GOOD_CONFIG = {"permissions": {"openapi": ["ocr.driverLicense"]}, "timeout": 20}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a function ``fn`` with *code* as its index.py, and *config* as its config.json."""

    def _write(code: str, config: dict[str, Any] | None = None, **files: bytes | str) -> Subject:
        folder = tmp_path / "functions" / "fn"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.py").write_text(textwrap.dedent(code), "utf-8")
        (folder / "config.json").write_text(json.dumps(config or GOOD_CONFIG), "utf-8")
        for name, content in files.items():
            path = folder / name.replace("__dot__", ".").replace("__in__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Subject("fn", str(folder), folder, folder)

    return _write
