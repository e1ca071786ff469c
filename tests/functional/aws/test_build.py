"""What ``sam build`` makes: complete, compiled, and within Lambda's limits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.functional.aws.stack import ROOT, TOOLS, Stack

FUNCTIONS = ("DriverLicenseFunction", "UploadsFunction", "BatchFunction")
# Lambda's limits, with its layers; and of a zip that is uploaded directly.
UNZIPPED, ZIPPED = 250_000_000, 50_000_000
COPIED = ("template.yaml", "config.json", "deploy", "functions", "openapi_shim", "requirements")

# Nothing but the folder is on the path: neither this project nor what its tests have installed.
START = """\
import json, os, sys

folder = sys.argv[1]
os.chdir(folder)
sys.path.insert(0, folder)
from openapi_shim.aws.handler import handler


class Context:
    aws_request_id, function_name, function_version = "1", "example", "$LATEST"
    memory_limit_in_mb, identity = "512", None

    def get_remaining_time_in_millis(self):
        return 20_000


answer = handler(json.loads(sys.argv[2]), Context())
files = [module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)]
standard = os.path.dirname(os.__file__)
foreign = [file for file in files if not file.startswith((folder, standard + os.sep))]
print(json.dumps({"answer": answer, "foreign": foreign}))
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build made from a copy of what a checkout has."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    done = subprocess.run(
        [str(TOOLS / "sam"), "build", "--parallel"],
        cwd=copy,
        env={
            **os.environ,
            "SAM_CLI_TELEMETRY": "0",
            "PYTHON": os.path.realpath(sys.executable),
            "UV": str(Path(sys.executable).with_name("uv")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return copy / ".aws-sam" / "build"


def test_what_was_built_can_be_packed_without_an_image(build: Path, stack: Stack) -> None:
    """An image that is not built here stays a parameter; sam asks for some repository alone."""
    packed = build / "packed.yaml"
    repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/licences"
    done = subprocess.run(
        [
            *(str(TOOLS / "sam"), "package", "--template-file", str(build / "template.yaml")),
            *("--s3-bucket", "code", "--image-repository", repository),
            *("--output-template-file", str(packed)),
        ],
        env={**os.environ, **stack.environ, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = packed.read_text("utf-8")
    assert text.count("CodeUri: s3://code/") == len(FUNCTIONS)
    assert text.count("Ref: RecognizerImage") >= 2
    assert repository not in text


def start(folder: Path, event: object, **variables: str) -> dict[str, object]:
    """What a function answers in a process that has its folder and the standard library alone."""
    done = subprocess.run(
        [os.path.realpath(sys.executable), "-I", "-S", "-B", "-c", START, str(folder),
         json.dumps(event)],
        env={"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
             **variables},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    assert answer["foreign"] == []
    return answer


def test_every_zip_function_is_built(build: Path) -> None:
    assert {path.name for path in build.iterdir() if path.is_dir()} == set(FUNCTIONS)


def test_the_function_starts_from_its_folder_alone(build: Path) -> None:
    found = start(
        build / "DriverLicenseFunction",
        {"imgUrl": "https://example.com/a.jpg"},
        OPENAPI_SHIM_FUNCTION="driverLicense",
        OPENAPI_SHIM_BASE_URL="http://127.0.0.1:9",
        OPENAPI_SHIM_ACCESS_TOKEN="of-the-test",
        OPENAPI_SHIM_RETRIES="0",
    )
    answer = found["answer"]
    assert isinstance(answer, dict)
    assert answer["errCode"] == -501001
    assert "ECONNREFUSED" in answer["errMsg"]


def test_uploads_start_from_their_folder_alone(build: Path) -> None:
    found = start(
        build / "UploadsFunction",
        {"contentType": "image/jpeg"},
        OPENAPI_SHIM_FUNCTION="openapi_shim.aws.uploads:main",
        OPENAPI_SHIM_BUCKET="photos",
    )
    answer = found["answer"]
    assert isinstance(answer, dict)
    assert answer["url"] == "https://photos.s3.us-east-1.amazonaws.com/"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_code_is_compiled_and_nothing_else_is_in_it(build: Path, name: str) -> None:
    sources = list((build / name).rglob("*.py"))
    assert len(sources) > 300
    for source in sources:
        compiled = Path(cache_from_source(str(source)))
        # Byte 4: 1 means that the code is checked by no date and no hash of its source.
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", source
    assert not [path for path in (build / name).rglob("*") if path.is_symlink()]
    installed = {path.name.partition("-")[0] for path in (build / name).glob("*.dist-info")}
    assert {"aiohttp", "pydantic"} <= installed
    assert not installed & {"boto3", "numpy", "pytest"}


def test_sizes_are_within_lambdas_limits(
    build: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder, packed = build / "DriverLicenseFunction", tmp_path / "function.zip"
    files = [path for path in folder.rglob("*") if path.is_file()]
    unzipped = sum(path.stat().st_size for path in files)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    zipped = packed.stat().st_size
    record_property("unzipped", unzipped)
    record_property("zipped", zipped)
    print(f"unzipped {unzipped / 1e6:.1f} MB, zipped {zipped / 1e6:.1f} MB")  # noqa: T201 - a number to read
    assert unzipped < UNZIPPED
    assert zipped < ZIPPED
