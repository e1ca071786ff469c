"""Settings: who wins, and what a bad value gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from openapi_shim.errors import ConfigError
from openapi_shim.settings import Settings, load_settings, unknown_variables


def write(folder: Path, **settings: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"openapi_shim": settings}))


def test_the_order_of_sources(tmp_path: Path) -> None:
    function = tmp_path / "functions" / "one"
    write(tmp_path, timeout=1, retries=1, port=1, daily_quota=1)
    write(function, timeout=2, retries=2, port=2)
    settings = load_settings(
        flags={"timeout": 4, "host": None},
        environ={"OPENAPI_SHIM_TIMEOUT": "3", "OPENAPI_SHIM_RETRIES": "3"},
        function_dir=function,
    )
    found = [settings.timeout, settings.retries, settings.port, settings.daily_quota]
    assert found == [4, 3, 2, 1]
    assert settings.host == "127.0.0.1"


def test_the_functions_folder_may_come_from_the_environment(tmp_path: Path) -> None:
    write(tmp_path, port=7)
    settings = load_settings(environ={"OPENAPI_SHIM_FUNCTION_DIR": str(tmp_path)})
    assert settings.port == 7


def test_an_empty_variable_is_no_value() -> None:
    assert load_settings(environ={"OPENAPI_SHIM_PORT": ""}).port == 8420


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OPENAPI_SHIM_PORT", "99999"),
        ("OPENAPI_SHIM_TIMEOUT", "soon"),
        ("OPENAPI_SHIM_BASE_URL", "ftp://x"),
        ("OPENAPI_SHIM_IMAGE_URLS", "all"),
    ],
)
def test_a_bad_value_names_its_source(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        load_settings(environ={variable: value})


def test_unknown_variables_have_their_near_names() -> None:
    environ = {"OPENAPI_SHIM_PROT": "1", "OPENAPI_SHIM_XYZZY": "1", "OPENAPI_SHIM_PORT": "1"}
    assert unknown_variables(environ | {"PROT": "1"}) == [
        ("OPENAPI_SHIM_PROT", "OPENAPI_SHIM_PORT"),
        ("OPENAPI_SHIM_XYZZY", ""),
    ]


def test_an_unknown_name_in_a_file_lists_the_known(tmp_path: Path) -> None:
    write(tmp_path, prot=1)
    with pytest.raises(ConfigError, match=r"openapi_shim\.prot is no setting; known are .*port"):
        load_settings(environ={}, function_dir=tmp_path)


def test_a_secret_in_a_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    write(tmp_path, secret="s3cr3t")
    with pytest.raises(ConfigError, match="OPENAPI_SHIM_SECRET") as caught:
        load_settings(environ={}, function_dir=tmp_path)
    assert "s3cr3t" not in str(caught.value)


def test_secrets_are_never_printed() -> None:
    settings = load_settings(environ={"OPENAPI_SHIM_SECRET": "s3cr3t", "OPENAPI_SHIM_APPID": "wx1"})
    assert "s3cr3t" not in repr(settings)
    assert "s3cr3t" not in settings.model_dump_json()


def test_the_platforms_variable_for_its_token() -> None:
    settings = load_settings(environ={"WX_CLOUDBASE_ACCESSTOKEN": "t"})
    assert settings.cloudbase_access_token.get_secret_value() == "t"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]  # the point of the test


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
