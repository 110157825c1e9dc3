"""The configuration of a first start."""

import re
from pathlib import Path

import config.demonstration
from config import model
from config.contract_file import read_contract_file
from config.demonstration import accounts, write_demonstration
from config.loader import load
from config.model import Settings
from provisioning.document import Terms, read
from provisioning.field import Section

REFERENCE = Path(config.demonstration.__file__).parent / "default" / "reference.toml"

TABLES: dict[str, type[Section]] = {
    "server": model.Server,
    "listener": model.Listener,
    "tls": model.Tls,
    "dns": model.Dns,
    "media": model.Media,
    "registrar": model.Registrar,
    "security": model.Security,
    "timers": model.Timers,
    "log": model.LogSection,
    "http": model.Http,
    "trunk": model.Trunk,
    "trunk.register": model.TrunkRegister,
}


def write(folder: Path) -> tuple[Path, Path]:
    """Make the demonstration's files in a folder."""
    files = folder / "daihyo.toml", folder / "contracts.toml"
    write_demonstration(*files)
    return files


def test_a_first_start_gets_three_phones_that_keep_the_rules(tmp_path: Path) -> None:
    file, contracts = write(tmp_path / "var")
    settings = load([file], {})
    terms = Terms(settings.server.realm, tuple(settings.security.algorithms))
    [contract] = read(read_contract_file(contracts).tree, terms)
    assert [each.extension for each in accounts(contracts)] == ["101", "102", "103"]
    assert [each.number for each in contract.representatives] == ["+81312340100"]
    assert {each.stat().st_mode & 0o777 for each in (file, contracts)} == {0o600}
    assert settings.contracts == []


def test_passwords_are_fresh_each_time(tmp_path: Path) -> None:
    written = [write(tmp_path / name)[1] for name in "ab"]
    assert len({each.password for file in written for each in accounts(file)}) == 6


def test_an_existing_configuration_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "daihyo.toml").write_text("[server]\n")
    file, contracts = write(tmp_path)
    assert file.read_text() == "[server]\n"
    assert accounts(file) == []
    assert not contracts.exists()


def test_an_unreadable_file_has_no_accounts(tmp_path: Path) -> None:
    assert accounts(tmp_path / "none") == []
    (tmp_path / "bad").write_text("[")
    assert accounts(tmp_path / "bad") == []


def named_keys(text: str) -> dict[str, set[str]]:
    """Read the keys of each table, those in comments too."""
    table = ""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        if header := re.match(r"\[+([a-z.]+)\]+", bare):
            table = header[1]
        elif key := re.match(r"([a-z0-9_]+) = ", bare):
            found.setdefault(table, set()).add(key[1])
    return found


def test_the_reference_file_names_every_setting() -> None:
    named = named_keys(REFERENCE.read_text())
    for table, section in TABLES.items():
        wanted = {field.alias or name for name, field in section.model_fields.items()}
        nested = {"id", "register"}
        assert named[table] == wanted - nested, table


def test_the_operators_guide_names_every_setting() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operation.md").read_text()
    for table, keys in named_keys(REFERENCE.read_text()).items():
        section = guide.partition(f"### `[{table}]`")[2].partition("\n### ")[0]
        assert keys - set(re.findall(r"^\| `([a-z0-9_]+)`", section, re.MULTILINE)) == set(), table


def test_the_reference_file_says_the_defaults() -> None:
    loaded = load([REFERENCE], {})
    written = loaded.model_copy(
        update={"server": loaded.server.model_copy(update={"data_dir": Path("data")})}
    )
    assert written == Settings()
