"""Rows of the comparison, and how they are shown: a table for the terminal, Markdown, a picture."""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from rich.table import Table

ROOT = Path(__file__).parent.parent
LATEST = ROOT / "bench" / "latest.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"

BASE = "Daihyo"
"""Whose value every ratio is a ratio to."""

BEGIN = "<!-- bench: begin -->"
END = "<!-- bench: end -->"

CALL, CHALLENGED_CALL = "call", "call, INVITE challenged"
FIRST_REGISTER, REFRESH = "first REGISTER, challenged", "REGISTER again, challenged"
CALL_MEMORY, BINDING_MEMORY = "memory of a call", "memory of a registration"
RELAY, DELAY = "RTP packet relayed", "delay of an RTP packet"


@dataclass(frozen=True)
class Row:
    """One system at one piece of work, at one offered rate."""

    work: str
    system: str
    offered: str
    value: float | None
    unit: str
    note: str = ""

    @property
    def shown(self) -> str:
        """The value as it is printed."""
        if self.value is None:
            return "-"
        digits = 3 if self.value < 10 else 1
        return f"{self.value:.{digits}f} {self.unit}"


def ratio(row: Row, rows: Iterable[Row]) -> str:
    """Return what the row's value is of ours at the same work and rate."""
    for base in rows:
        is_base = (base.work, base.offered, base.unit) == (row.work, row.offered, row.unit)
        if is_base and base.system == BASE and base.value and row.value is not None:
            return f"{row.value / base.value:.2f}"
    return "-"


def machine() -> dict[str, str]:
    """Say what this was measured on."""
    cpu = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    cores = Path("/proc/cpuinfo").read_text(encoding="utf-8").count("processor\t")
    return {
        "cpu": cpu,
        "cores": str(cores),
        "kernel": platform.release(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def document(rows: Sequence[Row], facts: dict[str, str]) -> dict[str, object]:
    """Lay a run out as `bench/latest.json`."""
    return {
        "machine": facts,
        "rows": [{**asdict(row), "ratio": ratio(row, rows)} for row in rows],
    }


def keep(rows: Sequence[Row], facts: dict[str, str]) -> None:
    """Keep a run: as JSON, in the document, as a picture."""
    text = json.dumps(document(rows, facts), indent=2, ensure_ascii=False)
    LATEST.write_text(text + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    PAGE.write_text(replace_between(page, markdown(rows, facts)), encoding="utf-8")
    PICTURE.write_text(picture(rows), encoding="utf-8")


def screen(rows: Sequence[Row]) -> Table:
    """Lay the rows out for a terminal."""
    table = Table("work", "system", "offered", "cost", "ratio", "note")
    for number, row in enumerate(rows):
        is_last = number + 1 == len(rows) or rows[number + 1].work != row.work
        cells = (row.work, row.system, row.offered, row.shown, ratio(row, rows), row.note)
        table.add_row(*cells, end_section=is_last)
    return table


def markdown(rows: Sequence[Row], facts: dict[str, str]) -> str:
    """Lay the rows out for `docs/benchmarks.md`."""
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    lines = [
        f"Measured on: {told}.",
        "",
        "| work | system | offered | cost | ratio to Daihyo | note |",
        "|---|---|---|---:|---:|---|",
    ]
    lines += [
        f"| {row.work} | {row.system} | {row.offered} | {row.shown} | {ratio(row, rows)} "
        f"| {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def replace_between(text: str, table: str) -> str:
    """Put the table between the markers of a document."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return f"{text.rstrip()}\n\n{BEGIN}\n{table}\n{END}\n"
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


_LINE, _LEFT, _WIDE, _END = 20, 330, 360, 110


def picture(rows: Sequence[Row]) -> str:
    """Draw the processor time of calls and registrations as bars, one scale a piece of work."""
    parts: list[str] = []
    y = 0
    for work in (CALL, CHALLENGED_CALL, REFRESH, RELAY):
        shown = [row for row in rows if row.work == work and row.value]
        if not shown:
            continue
        y += _LINE + 8
        parts.append(f'<text x="4" y="{y}" font-weight="bold">{escape(work)}</text>')
        most = max(row.value or 0.0 for row in shown)
        for row in shown:
            y += _LINE
            width = max(1.0, _WIDE * (row.value or 0.0) / most)
            colour = "#2b6cb0" if row.system.startswith(BASE) else "#a0aec0"
            label = f"{row.system}, {row.offered}"
            parts += [
                f'<text x="{_LEFT - 6}" y="{y}" text-anchor="end">{escape(label)}</text>',
                f'<rect x="{_LEFT}" y="{y - 12}" width="{width:.1f}" height="14" fill="{colour}"/>',
                f'<text x="{_LEFT + width + 6:.1f}" y="{y}">{escape(row.shown)}</text>',
            ]
    width = _LEFT + _WIDE + _END
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + _LINE}" '
        'font-family="sans-serif" font-size="12">\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
