"""The image without an engine: its steps run in a folder that stands for its root.

Paths below ``/app`` and ``/state`` lead into that folder, and the base image's ``pip`` is uv, which
has the packages at hand; every other word of the Dockerfile is run as it stands.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .conftest import PHOTO, ROOT, environment, keys, reading, write_functions

HADOLINT = ROOT / ".venv-tools" / "bin" / "hadolint"
# Translates what the Dockerfile says to pip; uninstalling is the real base image's affair.
PIP = """#!/bin/bash
set -eu
[ "$1" = uninstall ] && exit 0
[ "$1" = --python ] && [ "$3" = install ] || { echo "not understood: $*" >&2; exit 1; }
python=$2; shift 3
args=()
for word in "$@"; do
  case "$word" in --no-cache-dir|--no-compile) ;; *) args+=("$word") ;; esac
done
exec "$UV" pip install -q --python "$python" "${args[@]}"
"""


@dataclass
class Stage:
    """One stage of the Dockerfile: its instructions, and the folder that is its root."""

    name: str
    root: Path
    steps: list[tuple[str, str]] = field(default_factory=list)

    def words(self, kind: str) -> list[str]:
        return [text for step, text in self.steps if step == kind]


def instructions() -> Iterator[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    text = re.sub(r"(?m)^\s*#.*\n", "", text)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            kind, _, rest = line.partition(" ")
            yield kind, " ".join(rest.split()) if kind != "RUN" else rest


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps *path* out: the last pattern that matches decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        parents = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
        if pattern.startswith("**/"):
            hit = any(fnmatch.fnmatchcase(Path(one).name, pattern[3:]) for one in parents)
        else:
            hit = any(fnmatch.fnmatchcase(one, pattern) for one in parents)
        if hit:
            out = not line.startswith("!")
    return out


class Image:
    """Runs the steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages: list[Stage] = []
        for kind, rest in instructions():
            if kind == "FROM":
                name = rest.partition(" AS ")[2] or "final"
                self.stages.append(Stage(name, folder / name))
            elif self.stages:
                self.stages[-1].steps.append((kind, rest))
        self.context = folder / "context"
        self.env: dict[str, str] = {}
        base = folder / "base"
        base.mkdir()
        python = getattr(sys, "_base_executable", sys.executable)
        (base / "python").symlink_to(python)
        (base / "pip").write_text(PIP)
        (base / "pip").chmod(0o755)
        self.path = f"{base}:/usr/bin:/bin"

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def inside(self, text: str, root: Path) -> str:
        return re.sub(r"(?<![\w.])/(app|state)\b", rf"{root}/\1", text)

    def send_context(self) -> None:
        """What the engine gets; all is kept out but what stands in .dockerignore with a ``!``."""
        patterns = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        assert next(one for one in patterns if one[:1] != "#") == "*"
        for kept in (one[1:] for one in patterns if one.startswith("!")):
            for path in [ROOT / kept, *(ROOT / kept).rglob("*")]:
                name = path.relative_to(ROOT)
                if path.is_file() and not ignored(str(name)):
                    (self.context / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, self.context / name)

    def build(self) -> None:
        self.send_context()
        for stage in self.stages:
            at = stage.root
            at.mkdir()
            for kind, rest in stage.steps:
                if kind == "WORKDIR":
                    at = stage.root / rest.strip("/")
                    at.mkdir(parents=True, exist_ok=True)
                elif kind == "COPY":
                    self.copy(rest, stage, at)
                elif kind == "RUN":
                    subprocess.run(
                        ["bash", "-euo", "pipefail", "-c", self.inside(rest, stage.root)],
                        cwd=at,
                        env=environment(PATH=self.path, UV=str(UV)),
                        check=True,
                    )
                elif kind == "ENV":
                    pairs = dict(re.findall(r"(\w+)=(\S+)", rest))
                    self.env |= {k: self.inside(v, stage.root) for k, v in pairs.items()}

    def copy(self, rest: str, stage: Stage, at: Path) -> None:
        *words, target = rest.split()
        source_root = self.context
        if words[0].startswith("--from="):
            name = words.pop(0).removeprefix("--from=")
            source_root = next(one.root for one in self.stages if one.name == name)
        to = at / target if not target.startswith("/") else stage.root / target.strip("/")
        for word in words:
            source = source_root / word.strip("/")
            if source.is_dir():
                # By links: it is 400 MiB.
                shutil.copytree(
                    source, to, symlinks=True, dirs_exist_ok=True, copy_function=os.link
                )
            else:
                place = to / source.name if target.endswith("/") else to
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, place)

    def command(self, kind: str) -> list[str]:
        (text,) = self.final.words(kind)
        words = json.loads(text[text.index("[") :])
        return [self.inside(word, self.final.root) for word in words]


UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    image = Image(tmp_path_factory.mktemp("image"))
    image.build()
    return image


def test_hadolint_has_nothing_to_say() -> None:
    command = [HADOLINT, ROOT / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_does_not_run_as_root() -> None:
    last = [rest for kind, rest in instructions() if kind == "USER"][-1]
    assert last == "10001:10001"


def test_the_lock_has_a_hash_for_everything() -> None:
    lock = (ROOT / "requirements" / "serve.lock").read_text("utf-8")
    entries = re.findall(r"(?m)^([a-z0-9-]+)==.*\\\n((?:    --hash=.*\n)+)", lock)
    assert len(entries) == len(re.findall(r"(?m)^[a-z0-9.-]+==", lock)) > 20
    names = {name for name, _ in entries}
    assert {"onnxruntime", "rapidocr", "prometheus-client", "redis", "opentelemetry-sdk"} <= names
    assert not {"pytest", "mypy", "boto3", "pip", "setuptools"} & names


def test_the_context_is_small(image: Image) -> None:
    top = sorted(entry.name for entry in image.context.iterdir())
    assert top == ["LICENSE", "config.json", "functions", "openapi_shim", "requirements"]
    assert [one.name for one in (image.context / "requirements").iterdir()] == ["serve.lock"]
    assert not list(image.context.rglob("__pycache__"))


def test_everything_is_compiled_and_nothing_builds(image: Image) -> None:
    site = next((image.final.root / "app/venv/lib").glob("python*/site-packages"))
    sources = [path for path in site.rglob("*.py") if "onnxruntime" not in path.parts]
    missing = [
        path
        for path in sources
        if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))
    ]
    # Templates and tests for other Pythons do not compile.
    assert [path for path in missing if "openapi_shim" in path.parts] == []
    assert len(missing) < len(sources) / 100
    assert not [name for name in ("pip", "setuptools", "wheel", "uv") if (site / name).exists()]
    size = sum(p.lstat().st_size for p in (image.final.root / "app").rglob("*") if p.is_file())
    assert size < 450 * 2**20


def test_it_starts_reads_a_photo_is_healthy_and_stops(image: Image, truth: dict[str, str]) -> None:
    root = image.final.root
    shutil.rmtree(root / "app" / "functions")
    write_functions(root / "app" / "functions")
    env = image.env | keys() | {"PATH": f"{root}/app/venv/bin:/usr/bin:/bin", "HOME": "/none"}
    env |= {"OPENAPI_SHIM_HOST": "127.0.0.1", "OPENAPI_SHIM_PORT": "0"}
    env |= {"OPENAPI_SHIM_ADMIN_PORT": "0", "OPENAPI_SHIM_PROCESSES": "1"}
    health = image.command("HEALTHCHECK")
    with reading(image.command("CMD"), cwd=root / "app", env=env) as server:
        env["OPENAPI_SHIM_ADMIN_PORT"] = str(server.admin_port)
        assert healthy(health, env)
        answer = server.recognize(server.token(), PHOTO.read_bytes())
        assert answer["id_num"] == truth["id_num"]
        assert json.loads(server.lines[0])["level"] == "INFO"
        assert server.metrics()["openapi_shim_processes_ready"] == 1
        assert server.invoke(server.token(), "who", {"a": 1})["event"] == {"a": 1}
        (signal_name,) = image.final.words("STOPSIGNAL")
        server.process.send_signal(signal.Signals[signal_name])
        assert server.process.wait() == 0
        assert not healthy(health, env)


def healthy(command: list[str], env: dict[str, str]) -> bool:
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
