"""Help of options that are settings: it comes from the settings' own descriptions."""

from __future__ import annotations

from enum import Enum
from typing import Any

from typer.core import TyperCommand, TyperOption


class SettingsCommand(TyperCommand):
    """A command whose options without a help text are settings of the same names."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the descriptions and defaults of the settings."""
        from openapi_shim.settings import Settings  # only this help needs it

        for option in self.params:
            field = Settings.model_fields.get(option.name or "")
            if isinstance(option, TyperOption) and field is not None and not option.help:
                option.help = f"{field.description}{_default(field.default)}"
        super().format_help(ctx, formatter)


def _default(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return f" Default: {'on' if value else 'off'}."
    shown = value.value if isinstance(value, Enum) else value
    return f" Default: {f'{shown:g}' if isinstance(shown, float) else shown}."
