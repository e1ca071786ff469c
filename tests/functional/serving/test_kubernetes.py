"""The manifest: valid, and in step with the server, the image and the settings."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are not in the lock

from openapi_shim.serving.health import LIVE_PATH, READY_PATH
from openapi_shim.serving.server import METRICS_PATH
from openapi_shim.serving.supervisor import END_AFTER_GRACE
from openapi_shim.settings import ENV_PREFIX, Settings, load_settings

from .conftest import ROOT

MANIFEST = ROOT / "deploy" / "kubernetes" / "serve.yaml"
VALIDATE = ROOT / ".venv-tools" / "bin" / "kubernetes-validate"


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    loaded = yaml.safe_load_all(MANIFEST.read_text("utf-8"))
    return {one["kind"]: one for one in loaded}


@pytest.fixture(scope="module")
def pod(objects: dict[str, Any]) -> Any:
    return objects["Deployment"]["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod: Any) -> Any:
    (only,) = pod["containers"]
    return only


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8")


def validate(path: Path) -> int:
    command = [str(VALIDATE), "--strict", "--quiet", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_it_is_valid() -> None:
    assert validate(MANIFEST) == 0


def test_a_misspelt_member_would_be_found(tmp_path: Path) -> None:
    broken = MANIFEST.read_text("utf-8").replace("readinessProbe", "readynessProbe")
    (tmp_path / "broken.yaml").write_text(broken, "utf-8")
    assert validate(tmp_path / "broken.yaml") != 0


def test_everything_finds_the_pods(objects: dict[str, Any]) -> None:
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert objects["Service"]["spec"]["selector"] == labels
    assert objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    target = objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (
        "Deployment",
        objects["Deployment"]["metadata"]["name"],
    )
    assert "replicas" not in objects["Deployment"]["spec"]  # or each apply would undo the scaling


def test_ports_are_the_images(objects: dict[str, Any], container: Any, dockerfile: str) -> None:
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    exposed = re.search(r"(?m)^EXPOSE (.*)", dockerfile)
    assert exposed
    assert [str(port) for port in ports.values()] == exposed[1].split()
    assert f"OPENAPI_SHIM_PORT={ports['http']}" in dockerfile
    assert f"OPENAPI_SHIM_ADMIN_PORT={ports['admin']}" in dockerfile
    (service,) = objects["Service"]["spec"]["ports"]
    assert service["targetPort"] == "http"
    notes = objects["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert notes["prometheus.io/port"] == str(ports["admin"])
    assert notes["prometheus.io/path"] == METRICS_PATH


def test_probes_ask_for_what_the_server_answers(container: Any) -> None:
    asked = {
        kind: (container[kind]["httpGet"]["path"], container[kind]["httpGet"]["port"])
        for kind in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert asked == {
        "startupProbe": (LIVE_PATH, "admin"),
        "readinessProbe": (READY_PATH, "admin"),
        "livenessProbe": (LIVE_PATH, "admin"),
    }
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert environment["OPENAPI_SHIM_ADMIN_HOST"] == "0.0.0.0"  # noqa: S104 - in a pod


def test_it_ends_before_it_is_killed(objects: dict[str, Any], pod: Any, container: Any) -> None:
    grace = float(objects["ConfigMap"]["data"]["OPENAPI_SHIM_GRACE"])
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= before + grace + END_AFTER_GRACE


def test_it_is_nobody_and_may_nothing(pod: Any, container: Any, dockerfile: str) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    user = f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"
    assert f"USER {user}" in dockerfile
    assert pod["automountServiceAccountToken"] is False
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert mounted.keys() >= {"/state", "/tmp"}  # noqa: S108 - a volume's place
    assert set(mounted.values()) == {volume["name"] for volume in pod["volumes"]}


def test_settings_are_settings_and_secrets_are_referred_to(
    objects: dict[str, Any], container: Any
) -> None:
    values = dict(objects["ConfigMap"]["data"])
    for entry in container["env"]:
        name = entry["name"].removeprefix(ENV_PREFIX).lower()
        field = Settings.model_fields[name]
        if "secret" in str(field.annotation).lower():
            assert "secretKeyRef" in entry["valueFrom"], name
        values[entry["name"]] = entry.get("value", "")
    loaded = load_settings(environ=values)
    assert loaded.processes == 2
    limit = float(container["resources"]["limits"]["cpu"])
    assert loaded.processes * loaded.ocr_threads <= limit
    assert "Secret" not in objects


def test_photos_are_not_fetched_from_the_cluster(objects: dict[str, Any]) -> None:
    blocks = [
        rule["to"][0]["ipBlock"]
        for rule in objects["NetworkPolicy"]["spec"]["egress"]
        if "ipBlock" in rule.get("to", [{}])[0]
    ]
    (block,) = blocks
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(block["except"])
