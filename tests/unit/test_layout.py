"""The shape of the sources: each module has its test, none is too long, each state is tested."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = (
    "switch",
    "routing",
    "media",
    "announcement",
    "provisioning",
    "outbox",
    "voicemail",
    "config",
)
GENERATED = "switch/store/migration"
MAX_CODE_LINES = 400
MAX_FUNCTION_LINES = 60

SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__init__.py" and not path.is_relative_to(ROOT / GENERATED)
)


TESTED_ELSEWHERE = {
    "announcement/checking.py": "unit/test_announcement_office.py",
    "announcement/clock.py": "unit/test_announcement_calendar.py",
    "announcement/document.py": "unit/test_announcement_office.py",
    "announcement/draft.py": "unit/test_announcement_office.py",
    "announcement/fault.py": "unit/test_announcement_office.py",
    "announcement/field.py": "unit/test_announcement_office.py",
    "announcement/message.py": "unit/test_announcement_office.py",
    "announcement/reading.py": "unit/test_announcement_office.py",
    "announcement/result.py": "unit/test_announcement_calendar.py",
    "announcement/rule.py": "unit/test_announcement_calendar.py",
    "config/fault.py": "unit/test_config_loader.py",
    "config/model.py": "unit/test_config_loader.py",
    "config/rule.py": "unit/test_config_loader.py",
    "provisioning/breach.py": "unit/test_provisioning_rule.py",
    "provisioning/contract.py": "unit/test_provisioning_rule.py",
    "provisioning/draft.py": "unit/test_provisioning_rule.py",
    "media/loop_path.py": "shell/test_media_relay.py",
    "media/packet_path.py": "shell/test_media_relay.py",
    "media/port_pair.py": "shell/test_media_relay.py",
    "switch/app.py": "shell/test_cli.py",
    "switch/contract_operation.py": "shell/test_contract_cli.py",
    "switch/contract_report.py": "shell/test_contract_cli.py",
    "switch/outbox_operation.py": "shell/test_outbox_cli.py",
    "switch/outbox_cli.py": "shell/test_outbox_cli.py",
    "voicemail/folder.py": "shell/test_voicemail_archive.py",
    "voicemail/message_store.py": "shell/test_voicemail_archive.py",
    "switch/environment.py": "shell/test_cli.py",
    "switch/log_line.py": "unit/test_switch_logs.py",
    "switch/readings.py": "shell/test_http.py",
    "switch/sip/errors.py": "unit/test_sip_parser.py",
    "switch/store/row.py": "shell/test_store.py",
    "switch/terminal.py": "shell/test_cli.py",
    "switch/transport/stream_listener.py": "shell/test_transport_stream.py",
    "switch/transport/stream_pool.py": "shell/test_transport_stream.py",
}
"""Parts of what their neighbour's test drives as a whole."""


@cache
def tree_of(path: str) -> ast.Module:
    """Parse a source file."""
    return ast.parse((ROOT / path).read_bytes())


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions of a file, at any depth."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def does_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether there is more to a function than its docstring."""
    return any(
        not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in function.body
    )


@cache
def named_in_tests() -> frozenset[str]:
    """Return the modules that tests over whole calls or over sockets import, as paths."""
    found = set()
    for folder in ("scenario", "shell"):
        for path in (ROOT / "tests" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.module is not None:
                    found.add(f"{node.module.replace('.', '/')}.py")
                    found.update(
                        f"{node.module.replace('.', '/')}/{each.name}.py" for each in node.names
                    )
    return frozenset(found)


def own_tests(path: str) -> Iterator[Path]:
    """Return where a module's own test may be: `switch/sip/uri.py` has `test_sip_uri.py`."""
    parts = path.removesuffix(".py").split("/")
    names = ["_".join(parts), "_".join(parts[1:])]
    for folder in ("unit", "shell"):
        for name in names:
            yield ROOT / "tests" / folder / f"test_{name}.py"


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_that_does_something_has_a_test_of_its_own_or_is_used_by_the_shells(
    path: str,
) -> None:
    if any(map(does_something, functions(path))):
        elsewhere = ROOT / "tests" / TESTED_ELSEWHERE.get(path, "none")
        own = any(map(Path.exists, own_tests(path)))
        assert own or elsewhere.exists() or path in named_in_tests()


def test_what_is_tested_elsewhere_is_still_there() -> None:
    assert set(TESTED_ELSEWHERE) <= set(SOURCES)


@pytest.mark.parametrize("path", SOURCES)
def test_a_module_is_short(path: str) -> None:
    texts = {
        number
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = (ROOT / path).read_text().splitlines()
    code = [
        line
        for number, line in enumerate(lines, 1)
        if number not in texts and line.strip() and not line.strip().startswith("#")
    ]
    assert len(code) <= MAX_CODE_LINES


@pytest.mark.parametrize("path", SOURCES)
def test_functions_are_short(path: str) -> None:
    too_long = {
        each.name: (each.end_lineno or each.lineno) - each.lineno + 1
        for each in functions(path)
        if (each.end_lineno or each.lineno) - each.lineno >= MAX_FUNCTION_LINES
    }
    assert too_long == {}


@pytest.mark.parametrize("path", SOURCES)
def test_each_machines_states_are_named_in_its_test(path: str) -> None:
    states = [
        node
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and node.name in {"State", "Phase"}
    ]
    for state in states:
        module = path.removesuffix(".py").replace("/", ".")
        wanted = f"from {module} import"
        texts = [each.read_text() for each in (ROOT / "tests").rglob("test_*.py")]
        naming = [text for text in texts if wanted in text]
        members = [
            target.id
            for node in state.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id.isupper()
        ]
        missing = [
            name for name in members if not any(f"{state.name}.{name}" in each for each in naming)
        ]
        assert missing == [], f"states of {path} that no test names"
