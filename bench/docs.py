"""Writing measured tables into the documents, between two markers."""

from __future__ import annotations

from pathlib import Path

RECOGNITION = Path(__file__).parent.parent / "docs" / "recognition.md"


def write_between(path: Path, name: str, table: str) -> None:
    """Replaces what stands between ``<!-- name:begin -->`` and ``<!-- name:end -->``."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, rest = path.read_text(encoding="utf-8").split(begin, 1)
    _, after = rest.split(end, 1)
    path.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
