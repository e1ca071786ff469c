"""Packages for CloudBase, made for real, and run from their zips by the platform's Python."""

from __future__ import annotations

import base64
import json
import re
import struct
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.emulator.gateway.environment import GatewayKeys, gateway_environment
from openapi_shim.errors import ConfigError
from openapi_shim.packaging.cloudbaserc import read_cloudbaserc
from openapi_shim.packaging.interpreter import find_python
from openapi_shim.packaging.vendor import install_requirements
from tests.functional.packaging.conftest import KEYS, ROOT, Built, clean_environment, shim

SPECIMENS = ROOT / "tests" / "data" / "specimens"
PHOTO = "current_normal.jpg"
PYTHON = find_python((3, 10))
MAGIC_3_10 = 3439

# As the platform does: import the module, then call its function for each event. Nothing but
# the standard library and the package's folder is on the path.
PLATFORM = """
import importlib, json, sys
folder, calls = sys.argv[1], json.load(sys.stdin)
sys.path.insert(0, folder)
module = importlib.import_module("index")
answers = [module.main(event, context) for event, context in calls]
homes = {name: getattr(sys.modules.get(name), "__file__", None) for name in ("aiohttp", "index")}
print(json.dumps({"answers": answers, "homes": homes, "version": sys.version_info[:2]}))
"""


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def unpacked(built: Built, name: str, where: Path) -> Path:
    with zipfile.ZipFile(built.out / f"{name}.zip") as archive:
        archive.extractall(where)
    return where


def run(
    folder: Path, calls: Sequence[tuple[object, object]], **environ: str
) -> subprocess.CompletedProcess[str]:
    assert PYTHON is not None
    return subprocess.run(
        [PYTHON, "-I", "-S", "-B", "-c", PLATFORM, folder],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        cwd="/",
    )


def answers(folder: Path, calls: Sequence[tuple[object, object]], **environ: str) -> list[Any]:
    done = run(folder, calls, **environ)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["version"] == [3, 10]
    assert told["homes"]["aiohttp"].startswith(str(folder))
    found: list[Any] = told["answers"]
    return found


def event() -> dict[str, Any]:
    photo = (SPECIMENS / PHOTO).read_bytes()
    return {"img": {"contentType": "image/jpeg", "value": base64.b64encode(photo).decode()}}


def context(**variables: str) -> dict[str, Any]:
    """As SCF gives it to Python."""
    keys = ",".join(name for name in variables if name.startswith("WX_"))
    environment = {"WX_CONTEXT_KEYS": keys, "SCF_NAMESPACE": "prod-1", **variables}
    return {
        "request_id": "r-1",
        "function_name": "driverLicense",
        "memory_limit_in_mb": 256,
        "time_limit_in_ms": 20000,
        "environment": json.dumps(environment),
        "environ": "SCF_NAMESPACE=prod-1",
    }


def assert_read(answer: dict[str, Any]) -> None:
    truth = next(
        line["truth"] for line in read_lines(SPECIMENS / "truth.jsonl") if line["file"] == PHOTO
    )
    assert answer["errCode"] == 0, answer
    assert answer["idNum"] == truth["id_num"]
    assert answer["name"] == truth["name"]
    assert answer["validTo"] == truth["valid_to"]


def test_a_package_has_all_and_nothing_else(built: Built) -> None:
    assert {item["name"] for item in built.summary["packages"]} == {"driverLicense", "who"}
    for item in built.summary["packages"]:
        files = [path for path in Path(built.project, item["folder"]).rglob("*") if path.is_file()]
        assert item["files"] == len(files)
        assert item["size"] == sum(path.stat().st_size for path in files)
        assert item["zipSize"] < 15 * 1024 * 1024  # base64 of it goes in one request
        with zipfile.ZipFile(built.project / item["zip"]) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == len(files)
    names = {path.name for path in (built.out / "who").iterdir()} - {"__pycache__"}
    assert names == {"config.json", "functions", "index.py", "vendor"}
    source = built.project / "functions" / "driverLicense" / "index.py"
    packed = built.out / "driverLicense" / "functions" / "driverLicense" / "index.py"
    assert packed.read_bytes() == source.read_bytes()


def test_no_secret_is_in_it_and_it_is_said(built: Built) -> None:
    (who,) = [item for item in built.summary["packages"] if item["name"] == "who"]
    assert who["leftOut"] == [
        {"path": "tests/", "why": "no part of the program"},
        {"path": ".env", "why": "a secret"},
    ]
    with zipfile.ZipFile(built.out / "who.zip") as archive:
        assert not [name for name in archive.namelist() if ".env" in name or "test_who" in name]
        assert all(b"hunter2" not in archive.read(name) for name in archive.namelist())


def test_every_wheel_is_for_the_platform(built: Built) -> None:
    tags = set()
    for path in (built.out / "who" / "vendor").glob("*.dist-info/WHEEL"):
        tags.update(re.findall(r"^Tag: (\S+)", path.read_text(), re.MULTILINE))
    fitting = r"py3-none-any|py2-none-any|(cp310-cp310|cp3\d+-abi3)-manylinux(2014|_2_\d+|1)_x86_64"
    assert tags
    assert all(re.fullmatch(fitting, tag.replace("manylinux2010", "manylinux1")) for tag in tags)
    done = shim("doctor", built.out / "who.zip", "--json", cwd=built.project)
    errors = [item for item in json.loads(done.stdout)["findings"] if item["level"] == "error"]
    assert errors == []
    other = shim("doctor", built.out / "who.zip", "--target", "aws", cwd=built.project)
    assert other.returncode == 1  # the same wheels, where Python 3.11 runs: the check has power
    assert "made for Python 3.10; aws runs 3.11" in other.stdout


def test_its_cloudbaserc_is_written_once_and_right(built: Built) -> None:
    path = built.project / "cloudbaserc.json"
    found = read_cloudbaserc(path)
    assert found.function_root == "dist/cloudbase"
    assert [entry.name for entry in found.functions] == ["driverLicense", "who"]
    ours = found.function("driverLicense")
    assert ours is not None
    assert (ours.timeout, ours.install_dependency) == (20, False)
    assert f"wrote {path}" in built.said


def test_the_same_sources_give_the_same_bytes(built: Built) -> None:
    before = (built.out / "who.zip").read_bytes()
    for path in (built.project / "functions").rglob("*"):
        path.touch()
    done = shim("package", "cloudbase", "who", cwd=built.project)  # over the one of before
    assert done.returncode == 0, done.stderr
    assert (built.out / "who.zip").read_bytes() == before
    assert sorted(path.name for path in built.out.iterdir()) == [
        "driverLicense",
        "driverLicense.zip",
        "who",
        "who.zip",
    ]


if PYTHON is None:

    def test_without_the_platform_s_python_it_is_said(built: Built) -> None:
        assert "no Python 3.10 on this machine" in built.said

else:

    def test_byte_code_is_the_platform_s_and_taken_without_a_look(built: Built) -> None:
        files = list((built.out / "driverLicense").rglob("*.pyc"))
        compiled = {path.parent.parent / f"{path.name.partition('.')[0]}.py" for path in files}
        without = set((built.out / "driverLicense").rglob("*.py")) - compiled
        assert len(without) < 10
        assert not [path for path in without if "aiohttp" in path.parts or path.name == "index.py"]
        for path in files:
            magic, flags = struct.unpack("<HxxI", path.read_bytes()[:8])
            assert (magic, flags) == (MAGIC_3_10, 1)  # 1: by hash, not checked
            assert str(built.out).encode() not in path.read_bytes()

    def test_it_reads_a_licence_by_appid_and_secret(
        built: Built, emulator: str, tmp_path: Path
    ) -> None:
        folder = unpacked(built, "driverLicense", tmp_path)
        calls = [(event(), context(WX_OPENID="o1")), ({"imgUrl": "nonsense"}, context())]
        read, refused = answers(
            folder,
            calls,
            OPENAPI_SHIM_BASE_URL=emulator,
            OPENAPI_SHIM_APPID="wx-package",
            OPENAPI_SHIM_SECRET="s-package",
        )
        assert_read(read)
        assert refused["errCode"] == 101000

    def test_it_reads_a_licence_by_the_gateway_with_the_context_s_keys(
        built: Built, emulator: str, tmp_path: Path
    ) -> None:
        folder = unpacked(built, "driverLicense", tmp_path)
        variables = gateway_environment(emulator, GatewayKeys(*KEYS, session_token=""))
        keys = {name: variables.pop(name) for name in list(variables) if "SECRET" in name}
        wrong = {**keys, "TENCENTCLOUD_SECRETKEY": "wrong"}
        read, refused = answers(
            folder, [(event(), context(**keys)), (event(), context(**wrong))], **variables
        )
        assert_read(read)
        assert refused["errCode"] == -501001  # each call signs with the keys it was given
        assert "signature" in refused["errMsg"].lower()

    def test_who_calls_is_the_context_s_word(built: Built, tmp_path: Path) -> None:
        folder = unpacked(built, "who", tmp_path)
        forged = {"toml": "a = 1", "userInfo": {"openId": "victim"}}
        http = {"toml": "", "httpMethod": "POST", "headers": {"x-wx-openid": "victim"}}
        first, second, third = answers(
            folder,
            [
                (forged, context(WX_OPENID="o1", WX_API_TOKEN="t", TCB_SOURCE="wx_client")),
                (http, context()),
                ({"toml": ""}, context(WX_OPENID="o2")),
            ],
        )
        assert first["who"] == {"OPENID": "o1", "ENV": "prod-1", "SOURCE": "wx_client"}
        assert (first["toml"], first["event"]) == ({"a": 1}, forged)
        assert "OPENID" not in second["who"]
        assert third["who"]["OPENID"] == "o2"

    def test_without_its_packages_it_does_not_run(built: Built, tmp_path: Path) -> None:
        """That the runs above have nothing but the package: this one has less, and fails."""
        folder = unpacked(built, "driverLicense", tmp_path)
        (folder / "vendor" / "aiohttp").rename(tmp_path / "away")
        done = run(folder, [({}, {})])
        assert "No module named 'aiohttp'" in done.stderr


def project(tmp_path: Path, code: str = "def main(event, context):\n    return 1\n") -> Path:
    folder = tmp_path / "functions" / "reader"
    folder.mkdir(parents=True)
    (folder / "index.py").write_text(code)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["raeder"], "no function 'raeder' .*did you mean reader?"),
        (["reader", "reader"], "reader is named twice"),
        (["old"], "old is in Node.js"),
        (["--out", "functions"], "over its source"),
        (["--out", "taken"], "no package of ours"),
        (["--out", "config.json/x"], "config.json.*Not a directory; nothing was made"),
        (["--functions-dir", "nowhere"], "no Python function in"),
    ],
)
def test_mistakes_in_the_call(tmp_path: Path, arguments: list[str], told: str) -> None:
    folder = project(tmp_path)
    (folder / "functions" / "old").mkdir()
    (folder / "functions" / "old" / "index.js").write_text("exports.main = () => 1")
    (folder / "config.json").write_text("{}")
    (folder / "taken" / "reader").mkdir(parents=True)
    (folder / "taken" / "reader" / "precious.txt").write_text("mine")
    done = shim("package", "cloudbase", *arguments, cwd=folder)
    assert done.returncode == 2
    assert re.search(told, done.stderr.replace("\n", " "))
    assert "Traceback" not in done.stderr
    assert (folder / "taken" / "reader" / "precious.txt").read_text() == "mine"
    assert not (folder / "dist").exists()


@pytest.mark.parametrize(
    ("requirements", "told"),
    [
        ("aiohttp==3.9.0\n", "other versions than those the SDK comes with"),
        ("onnxruntime==1.22.0\n", "no wheel of it for x86_64-manylinux2014"),
        ("not a requirement ===\n", "mend that line"),
    ],
)
def test_requirements_that_cannot_be_had(tmp_path: Path, requirements: str, told: str) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(requirements)
    with pytest.raises(ConfigError, match=f"Next: .*{told}"):
        install_requirements(tmp_path / "vendor", path)


def test_without_a_network_nothing_is_left_half_done(tmp_path: Path) -> None:
    folder = project(tmp_path)
    environ = {
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
        "UV_HTTP_RETRIES": "0",
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    done = shim("package", "cloudbase", cwd=folder, **environ)
    assert done.returncode == 2, done.stdout
    assert "the package index cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((folder / "dist" / "cloudbase").iterdir()) == []


def test_what_doctor_finds_stops_it_unless_forced(tmp_path: Path) -> None:
    folder = project(tmp_path, "import pandas\ndef main(event, context):\n    return 1\n")
    stopped = shim("package", "cloudbase", "--json", cwd=folder)
    assert stopped.returncode == 1
    (finding,) = json.loads(stopped.stdout)["findings"]
    assert finding["code"] == "import-missing"
    assert finding["where"].endswith("functions/reader/index.py:1")
    assert not (folder / "dist").exists()
    (folder / "cloudbaserc.json").write_text('{"envId": "e", "functionRoot": "dist/other"}')
    forced = shim("package", "cloudbase", "--force", "--no-bytecode", cwd=folder)
    assert forced.returncode == 0, forced.stderr
    assert "no byte code" in forced.stdout
    assert "does not lead there" in forced.stderr


def test_a_zip_made_by_hand_lacks_the_adapter(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hand.zip", "w") as archive:
        archive.writestr("index.py", "async def main(event, context):\n    return 1\n")
    done = shim("doctor", "hand.zip", "--json", cwd=tmp_path, **clean_environment())
    assert [item["code"] for item in json.loads(done.stdout)["findings"]] == ["adapter-missing"]
