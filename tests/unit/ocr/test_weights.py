"""The weights' manifest, and that importing loads nothing heavy."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from openapi_shim.errors import RecognitionError
from openapi_shim.ocr import weights
from openapi_shim.ocr.weights import (
    LOCATING,
    OWN_MODELS,
    Weights,
    models_folder,
    read_weights,
)


def test_the_right_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"right")
    wanted = Weights("a.onnx", hashlib.sha256(b"right").hexdigest())
    assert read_weights(wanted, tmp_path) == b"right"


def test_another_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"wrong")
    wanted = Weights("a.onnx", hashlib.sha256(b"right").hexdigest())
    with pytest.raises(RecognitionError, match=r"not the expected ones.*pip install"):
        read_weights(wanted, tmp_path)


def test_a_missing_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(RecognitionError, match=r"cannot be read.*pip install"):
        read_weights(Weights("a.onnx", ""), tmp_path)


def test_our_own_model_is_small_and_the_one_that_was_measured(tmp_path: Path) -> None:
    assert len(read_weights(LOCATING, OWN_MODELS)) < 4_000_000
    with pytest.raises(RecognitionError, match=r"install that again"):
        read_weights(LOCATING, tmp_path)


def test_a_missing_package_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    with pytest.raises(RecognitionError, match=r"not installed.*pip install"):
        models_folder()


def test_importing_the_recognizer_loads_no_runtime() -> None:
    code = (
        "import sys; from openapi_shim.ocr import Recognizer; Recognizer(threads=1); "
        "print([m for m in ('onnxruntime', 'rapidocr') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_package_itself_loads_neither_numpy_nor_opencv() -> None:
    code = (
        "import sys; import openapi_shim.ocr; "
        "print([m for m in ('numpy', 'cv2') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
