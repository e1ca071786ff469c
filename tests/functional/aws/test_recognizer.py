"""The provider Recognizer: the stack by that parameter, its function, and its image's steps."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.functional.aws.runtime_api import LambdaProcess
from tests.functional.aws.stack import ROOT, TOOLS, deploy, moto, transformed
from tests.functional.aws.test_functions import PHOTO, body_of, photo, truth_of

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/licences:1"
DOCKERFILE = ROOT / "deploy" / "aws" / "Dockerfile"


def test_the_function_reads_a_photo_by_itself() -> None:
    with moto() as url:
        stack = deploy(url, Provider="Recognizer", RecognizerImage=IMAGE)
        assert "DriverLicenseFunction" not in stack.resources
        configuration = stack.configuration("RecognizerFunction")
        [command] = re.findall(r'^CMD \["(.+)"\]$', DOCKERFILE.read_text("utf-8"), re.MULTILINE)
        function = LambdaProcess(
            command,
            {**stack.variables("RecognizerFunction"), **stack.environ},
            folder=ROOT,
            memory=configuration["MemorySize"],
        )
        try:
            answer = body_of(function.invoke(photo(PHOTO)))
        finally:
            function.stop()
    assert answer["idNum"] == truth_of("current_normal")["truth"]["id_num"]


def test_the_image_runs_on_the_templates_architecture() -> None:
    template = json.loads(transformed())
    properties = template["Resources"]["RecognizerFunction"]["Properties"]
    assert properties["PackageType"] == "Image"
    assert properties["Architectures"] == ["arm64"]
    assert "lambda/python:3.12-arm64" in DOCKERFILE.read_text("utf-8")


def wheels(platform: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Whether all of the lock can be installed as the image does it, on a platform."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("uv")),
            *("pip", "install", "--dry-run", "--no-deps", "--only-binary", ":all:"),
            *("--require-hashes", "-r", str(ROOT / "requirements" / "serve.lock")),
            *("--target", str(folder)),
            *("--python-version", "3.12", "--python-platform", platform),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_package_has_a_wheel_for_the_image(tmp_path: Path) -> None:
    done = wheels("aarch64-manylinux_2_34", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "onnxruntime" in done.stderr
    # The glibc of the older images, as a control.
    assert wheels("aarch64-manylinux2014", tmp_path).returncode != 0


def test_the_images_recipe_is_clean_and_names_what_there_is() -> None:
    command = [str(TOOLS / "hadolint"), str(DOCKERFILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    sources = re.findall(r"^COPY (\S+) ", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert sources
    assert all((ROOT / source).exists() for source in sources)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert all(f"!{source}" in ignored for source in sources)
