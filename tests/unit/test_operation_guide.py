"""The operators' guide names every event of the log and every metric, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operation.md").read_text()

WRITERS = {
    "Log",
    "tell",
    "_log",
    "_tell",
    "_tell_of",
    "_report",
    "ended",
    "note",
    "write",
    "_write_fault",
    "_opening",
}
"""The functions that are given an event's name."""

NAME = re.compile(r"[a-z]{2,}(_[a-z]+)*")


def sources() -> Iterator[ast.Module]:
    for package in ("switch", "outbox", "voicemail"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(file.read_text())


def written_events() -> set[str]:
    """Find the names given to whoever writes lines, and those kept in a variable `event`."""
    found: set[str] = set()
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in WRITERS:
                found.update(name for each in node.args[:3] for name in _names(each))
            elif isinstance(node, ast.Assign) and _is_event(node.targets[0]):
                found.update(_names(node.value))
    return found


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _is_event(target: ast.expr) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "event" for each in ast.walk(target))


def _names(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Call | ast.Compare | ast.Dict):
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        if NAME.fullmatch(value.value):
            yield value.value
        return
    test = value.test if isinstance(value, ast.IfExp) else None
    for part in ast.iter_child_nodes(value):
        if isinstance(part, ast.expr) and part is not test:
            yield from _names(part)


def first_cells(title: str) -> set[str]:
    section = GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)", section, re.MULTILINE))


def test_every_event_is_in_the_guide() -> None:
    told = first_cells("Events")
    missing = {
        event for event in written_events() if event not in told and f"trunk_{event}" not in told
    }
    assert missing == set()


def test_the_guide_names_no_event_that_is_never_written() -> None:
    written = written_events()
    known = written | {f"trunk_{event}" for event in written}
    assert first_cells("Events") - known == set()


def test_every_metric_is_in_the_guide() -> None:
    names = ("metrics.py", "readings.py", "services.py")
    text = "".join((ROOT / "switch" / name).read_text() for name in names)
    full = set(re.findall(r'"(daihyo_[a-z_]+)"', text))
    short = re.findall(r'_(gauge|count|labelled|fields)\(\s*"([a-z_]+)"', text)
    full |= {f"daihyo_{name}" for _, name in short}
    told = {name.removesuffix("_total") for name in first_cells("Metrics")}
    assert full - told == set()
    assert {name for name in told if name.startswith("daihyo_")} - full == set()
