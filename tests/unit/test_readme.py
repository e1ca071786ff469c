"""The README in both languages tells of every setting and command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from openapi_shim.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).parents[2]
LANGUAGES = ["README.md", "README.zh-CN.md"]


def default_of(name: str) -> str:
    default = Settings.model_fields[name].default
    assert default is not PydanticUndefined
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or default == "":
        return ""
    value = getattr(default, "value", default)
    text = str(value).rstrip("/") if name.endswith("_url") else str(value)
    return f"`{text.lower() if isinstance(value, bool) else text}`"


def table() -> str:
    """The settings table as the English README has it."""
    rows = [
        f"| `{ENV_PREFIX}{name.upper()}` | {default_of(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(rows)


def test_the_settings_table_is_the_settings() -> None:
    assert table() in (ROOT / "README.md").read_text("utf-8"), f"it should be:\n{table()}"


def test_the_chinese_readme_has_the_same_settings_and_defaults() -> None:
    text = (ROOT / "README.zh-CN.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"| `{ENV_PREFIX}{name.upper()}` | {default_of(name)} |" in text


def blocks(name: str) -> list[str]:
    return re.findall(r"^```.*?^```", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_both_have_the_same_examples() -> None:
    english, chinese = ([re.sub(r"#.*", "", block) for block in blocks(name)] for name in LANGUAGES)
    assert english == chinese


def test_both_have_the_same_headings() -> None:
    english, chinese = (
        [
            len(line.split(" ")[0])
            for line in (ROOT / name).read_text("utf-8").splitlines()
            if re.match(r"#+ ", line)
        ]
        for name in LANGUAGES
    )
    assert english == chinese


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text("utf-8")):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
