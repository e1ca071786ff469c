"""A reading for people, as a table, and for programs, as one object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from openapi_shim.ocr.details import rounded

if TYPE_CHECKING:
    from rich.console import RenderableType

    from openapi_shim.ocr import Details, Reading

LABELS = {
    "id_num": "证号",
    "name": "姓名",
    "sex": "性别",
    "nationality": "国籍",
    "address": "住址",
    "birth_date": "出生日期",
    "issue_date": "初次领证日期",
    "car_class": "准驾车型",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "official_seal": "印章",
}
"""What each field is called on the card."""

EXTRA_LABELS = {
    "second_page_id_num": "副页证号",
    "second_page_name": "副页姓名",
    "archive_number": "档案编号",
    "record": "记录",
    "state": "状态",
    "penalty_points": "累积记分",
    "generated_at": "生成时间",
    "current_time": "当前时间",
}
"""What each extra is called on the second page or the electronic licence."""

CHECK_WORDS = {True: "✓", False: "✗", None: "–"}
LOW = 0.7
"""Confidence under which a value is shown as doubtful."""


def two_digits(confidence: float) -> str:
    """A confidence for people, rounded down: nothing is sure."""
    return f"{int(100 * confidence) / 100:.2f}"


def as_object(file: Path, reading: Reading) -> dict[str, Any]:
    """The line of JSON for one photo; with details only where they were asked for."""
    line: dict[str, Any] = {
        "file": str(file),
        "fields": reading.values(),
        "confidence": {name: item.confidence for name, item in reading},
    }
    if reading.details is not None:
        line["quads"] = {name: rounded(item.quad) for name, item in reading}
        line["text"] = {name: item.text for name, item in reading}
        line["details"] = reading.details.to_dict()
    return line


def as_tables(file: Path, reading: Reading) -> Iterator[RenderableType]:
    """The table of the fields, then what the details say, where they were asked for."""
    table = Table(title=Text(str(file)), title_justify="left")
    table.add_column("Field", no_wrap=True)
    table.add_column("字段", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("Confidence", justify="right", no_wrap=True)
    for name, item in reading:
        _add_row(table, name, LABELS[name], item.value, item.confidence)
    if reading.details is None:
        yield table
        return
    if reading.details.extras:
        table.add_section()
    for name, item in reading.details.extras.items():
        _add_row(table, name, EXTRA_LABELS[name], item.value, item.confidence)
    yield table
    yield from _notes(reading.details)


def _add_row(table: Table, name: str, label: str, value: str, confidence: float) -> None:
    if value:
        style = "yellow" if confidence < LOW else ""
        table.add_row(name, label, Text(value), Text(two_digits(confidence), style=style))
    else:
        table.add_row(name, label, Text("not read", style="yellow"), Text("–"))


def _notes(details: Details) -> Iterator[RenderableType]:
    for one in details.warnings:
        yield f"[yellow]![/] {escape(one.name)}: {escape(one.message)}"
    for check in details.checks:
        style = {True: "green", False: "red", None: "dim"}[check.holds]
        word = {True: "", False: " – does not hold", None: " – cannot be said"}[check.holds]
        yield f"[{style}]{CHECK_WORDS[check.holds]}[/] {check.name}: {check.message}{word}"
