"""Compiled modules are used when they are of these very sources, and never else."""

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import msgspec
import pytest

from switch import IS_COMPILED, core, native
from switch.value import Atom, Value


def tree(root: Path) -> Path:
    """Lay out a small source tree and what was compiled of it."""
    for folder in ("sip", "sdp"):
        (root / "switch" / folder).mkdir(parents=True)
        (root / "switch" / folder / "__init__.py").write_text('"""A package."""\n')
    (root / "switch" / "core.py").write_text("CORE = 1\n")
    (root / "switch" / "sip" / "uri.py").write_text("URI = 1\n")
    (root / "switch" / "sip" / "flow.py").write_text("class Flow(msgspec.Struct): ...\n")
    compiled = native.place(root) / "switch" / "sip"
    compiled.mkdir(parents=True)
    (compiled / f"uri{EXTENSION_SUFFIXES[0]}").touch()
    (native.place(root) / "digest").write_text(native.digest(root))
    return root


def test_modules_of_the_hot_packages_are_compiled_except_those_that_define_structs(
    tmp_path: Path,
) -> None:
    assert list(native.sources(tree(tmp_path))) == ["switch/core.py", "switch/sip/uri.py"]


def test_what_was_compiled_from_these_sources_is_current(tmp_path: Path) -> None:
    assert native.is_current(tree(tmp_path))


def test_without_compiled_modules_nothing_is_current(tmp_path: Path) -> None:
    assert not native.is_current(tmp_path)


def test_an_edited_source_is_never_shadowed(tmp_path: Path) -> None:
    source = tree(tmp_path) / "switch" / "sip" / "uri.py"
    source.write_text("URI = 2\n")
    assert not native.is_current(tmp_path)
    assert not native.install(tmp_path)


def test_a_source_more_or_less_makes_what_was_compiled_stale(tmp_path: Path) -> None:
    more = tree(tmp_path) / "switch" / "sip" / "more.py"
    more.write_text("")
    assert not native.is_current(tmp_path)
    more.unlink()
    assert native.is_current(tmp_path)
    (tmp_path / "switch" / "sip" / "uri.py").unlink()
    assert not native.is_current(tmp_path)


@pytest.mark.parametrize("value", ["1", "source"])
def test_the_environment_forbids_compiled_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DAIHYO_PURE", value)
    assert not native.install(tree(tmp_path))


def test_an_installed_finder_comes_before_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAIHYO_PURE", raising=False)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    assert native.install(tree(tmp_path))
    assert isinstance(sys.meta_path[0], native.NativeFinder)


def test_the_finder_knows_compiled_modules_and_no_other(tmp_path: Path) -> None:
    finder = native.NativeFinder(native.place(tree(tmp_path)))
    found = finder.find_spec("switch.sip.uri")
    assert found is not None
    assert found.origin is not None
    assert found.origin.endswith(EXTENSION_SUFFIXES[0])
    for name in ("switch.sip.flow", "switch.sip", "switch.none.uri", "os", "daihyo_sip__mypyc"):
        assert finder.find_spec(name) is None


def test_each_library_has_modules() -> None:
    names = {path.removesuffix(".py").replace("/", ".") for path in native.sources()}
    assert {native.group(name) for name in names} == set(native.GROUPS)
    assert [native.group(name) for name in native.GROUPS] == list(native.GROUPS)


def test_the_core_runs_from_where_it_is_said_to_run() -> None:
    place = native.place() if IS_COMPILED else native.ROOT
    assert Path(core.__file__).parent == place / "switch"


def test_every_value_of_a_compiled_module_is_frozen_and_compares_by_what_it_holds() -> None:
    kinds = [Value, Atom]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) > 30
    for kind in kinds:
        assert kind.__struct_config__.frozen, kind
        assert kind.__eq__ is msgspec.Struct.__eq__, kind
    assert not any(kind.__struct_config__.gc for kind in kinds if issubclass(kind, Atom))
