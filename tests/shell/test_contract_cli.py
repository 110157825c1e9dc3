"""Contracts on the command line: import, export, decisions, settings; with and without a switch."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from config.loader import load
from provisioning.document import schema_text
from switch.cli import app
from switch.contract_operation import seed, stored_contracts
from tests.support.contract import RICH
from tests.support.daemon import running_daemon

CONFIGURATION = """
[server]
data_dir = "data"
[[listener]]
transport = "udp"
host = "127.0.0.1"
port = 0
[media]
address = "127.0.0.1"
[http]
port = 0
[[contract]]
name = "static"
[[contract.id]]
username = "s1"
password = "secret"
extension = 101
number = "05055550001"
"""

NO_SWITCH = "no switch runs here; its next start takes the change\n"


class Operator:
    """Somebody with a configuration and a file of contracts."""

    def __init__(self, folder: Path) -> None:
        self.configuration = folder / "daihyo.toml"
        self.configuration.write_text(CONFIGURATION)
        self.file = folder / "contracts.json"
        self.write(RICH)

    def write(self, *tables: object) -> None:
        """Write the file of contracts."""
        self.file.write_text(json.dumps({"version": 1, "contract": tables}))

    def run(self, *arguments: object) -> tuple[int, str]:
        """Run a command in this process; return its exit code and all that it said."""
        done = self._invoke(*arguments)
        return done.exit_code, done.output

    def read(self, *arguments: object) -> object:
        """Run a command that prints JSON."""
        done = self._invoke(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def _invoke(self, *arguments: object) -> Result:
        words = [*map(str, arguments), "-c", str(self.configuration)]
        return CliRunner().invoke(app, words, env={"DAIHYO_CONFIG": None})


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def test_an_import_tells_what_it_did_and_a_dry_run_does_nothing(operator: Operator) -> None:
    code, text = operator.run("import", operator.file, "--dry-run")
    assert (code, text.splitlines()[-1]) == (0, "dry run: nothing was changed")
    assert operator.read("import", operator.file, "--dry-run") == {
        "added": ["shop"],
        "changed": [],
        "unchanged": [],
    }
    code, text = operator.run("import", operator.file)
    assert code == 0
    assert text.endswith(NO_SWITCH)
    code, text = operator.run("import", operator.file)
    assert (code, "unchanged  1  shop" in text, NO_SWITCH in text) == (0, True, False)


def test_a_wrong_file_is_told_whole_and_imports_nothing(operator: Operator) -> None:
    operator.write(RICH, {"name": "static", "id": [RICH["id"][0]]})
    code, text = operator.run("import", operator.file)
    assert code == 2
    assert "contract 2: name" in text
    assert "contract 2: id 1: username" in text
    assert text.endswith("daihyo: nothing was imported\n")
    code, text = operator.run("import", operator.file, "--json")
    assert (
        code,
        {"contract[1].name"} <= {each["path"] for each in json.loads(text)["faults"]},
    ) == (
        2,
        True,
    )
    assert operator.read("contract", "list") != []
    operator.file.write_text("{")
    assert operator.run("import", operator.file)[0] == 2
    assert operator.run("import", operator.file, "--json")[0] == 2


@pytest.mark.parametrize("name", ["out.toml", "out.json"])
def test_an_export_imports_again_as_it_is(operator: Operator, tmp_path: Path, name: str) -> None:
    operator.run("import", operator.file)
    output = tmp_path / name
    code, text = operator.run("export", "shop", "-o", output)
    assert (code, text) == (0, f"{output}: 1 contracts\n")
    assert output.stat().st_mode & 0o777 == 0o600
    assert operator.read("import", output) == {"added": [], "changed": [], "unchanged": ["shop"]}
    assert operator.run("export", "shop", *(["--json"] if name.endswith("json") else [])) == (
        0,
        output.read_text(),
    )


def test_what_cannot_be_exported_is_told(operator: Operator, tmp_path: Path) -> None:
    code, text = operator.run("export", "none", "nobody")
    assert (code, len(text.splitlines())) == (1, 2)
    assert operator.run("export", "-o", tmp_path / "no" / "x.toml")[0] == 2


def test_contracts_are_listed_and_shown_with_the_configurations(operator: Operator) -> None:
    operator.run("import", operator.file)
    code, text = operator.run("contract", "list")
    assert code == 0
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["shop", "static"]
    code, text = operator.run("contract", "show", "shop")
    assert "voicemail after 20 s" in text
    assert "fax shared, after hours, port-in 2027-01-31" in text
    assert "port-in without a date" in text
    shown = operator.read("contract", "show", "shop")
    assert isinstance(shown, dict)
    assert shown["name"] == "shop"


def test_only_an_export_has_the_hashes_that_are_as_good_as_passwords(operator: Operator) -> None:
    operator.run("import", operator.file)
    for arguments in (("list",), ("show", "shop"), ("show", "static")):
        text = json.dumps(operator.read("contract", *arguments))
        assert "ha1" not in text
        assert "password" not in text
    assert "ha1" in operator.run("export")[1]


def test_check_counts_the_contracts_of_the_database_too(operator: Operator) -> None:
    assert "good (1 contracts, 1 IDs, " in operator.run("check")[1]
    operator.run("import", operator.file)
    ids = 1 + len(RICH["id"])
    assert f"good (2 contracts, {ids} IDs, " in operator.run("check")[1]
    assert "good (1 contracts, 1 IDs, " in operator.run("check", "--files-only")[1]


def test_setting_nothing_of_an_id_is_told(operator: Operator) -> None:
    operator.run("import", operator.file)
    said = "daihyo: nothing to set of s1; see daihyo id set --help\n"
    assert operator.run("id", "set", "s1") == (2, said)


def test_a_number_is_granted_once_and_a_setting_follows_the_rules(operator: Operator) -> None:
    operator.run("import", operator.file)
    assert operator.run("number", "grant", "03-1234-0002") == (
        0,
        f"granted 0312340002 of shop\n{NO_SWITCH}",
    )
    code, text = operator.run("number", "refuse", "0312340001")
    assert (code, "R13" in text) == (1, True)
    assert operator.run("id", "set", "u1", "--caller-id", "direct", "--rings", "0312340001=on") == (
        0,
        f"set u1 of shop\n{NO_SWITCH}",
    )
    code, text = operator.run("id", "set", "u1", "--caller-id", "0312340002")
    assert (code, "assign the number to the ID first (R16)" in text) == (1, True)
    code, text = operator.run("id", "set", "s1", "--display-name", "x")
    assert (code, "belongs to the configuration's contract static" in text) == (1, True)


@pytest.mark.parametrize("word", ["0312340001", "0312340001=maybe", "x=on"])
def test_a_switch_of_ringing_that_cannot_be_read_is_told(operator: Operator, word: str) -> None:
    assert operator.run("id", "set", "u1", "--rings", word)[0] == 2


def test_a_contract_is_removed(operator: Operator) -> None:
    operator.run("import", operator.file)
    assert operator.run("contract", "remove", "shop", "--dry-run")[0] == 0
    assert operator.run("contract", "remove", "shop") == (0, f"removed shop\n{NO_SWITCH}")
    assert operator.run("contract", "remove", "shop")[0] == 1


def test_a_check_finds_what_configuration_and_database_contradict(operator: Operator) -> None:
    operator.run("import", operator.file)
    assert operator.run("check")[0] == 0
    text = CONFIGURATION.replace("05055550001", "05012340001").replace('"s1"', '"u1"')
    operator.configuration.write_text(text)
    code, text = operator.run("check")
    assert code == 2
    assert "the user name u1 is used 2 times" in text
    assert "the number +815012340001 is used 2 times" in text
    operator.configuration.write_text(CONFIGURATION.replace('"static"', '"shop"'))
    code, text = operator.run("check")
    assert (code, "shop of the database is in the configuration too" in text) == (2, True)


def test_a_database_that_cannot_be_had_is_one_line(operator: Operator) -> None:
    text = CONFIGURATION.replace(
        "data_dir", 'database = "sqlite+aiosqlite:////proc/none/x.db"\ndata_dir'
    )
    operator.configuration.write_text(text)
    for arguments in (("import", operator.file), ("contract", "list"), ("check",)):
        code, told = operator.run(*arguments)
        assert (code, "unable to open database file" in told) == (2, True)


def test_a_demonstration_is_given_its_contracts_once(operator: Operator) -> None:
    settings = load([operator.configuration], {})
    seed(settings, operator.file)
    assert [each.name for each in stored_contracts(settings)] == ["shop"]
    operator.run("contract", "remove", "shop")
    operator.write(RICH | {"name": "first"})
    seed(settings, operator.file)
    operator.write(RICH | {"name": "second"})
    seed(settings, operator.file)
    assert [each.name for each in stored_contracts(settings)] == ["first"]


def test_a_database_of_an_earlier_version_has_no_contracts_yet(operator: Operator) -> None:
    file = operator.configuration.parent / "data" / "daihyo.db"
    file.parent.mkdir()
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE cdr (id INTEGER)")
    database.close()
    code, text = operator.run("contract", "list")
    assert (code, "static" in text) == (0, True)


def test_the_schema_is_printed(operator: Operator) -> None:
    done = CliRunner().invoke(app, ["schema"])
    assert done.output == schema_text()
    assert operator.file.exists()


def test_a_change_is_in_effect_at_once_in_the_switch_that_runs(
    operator: Operator, tmp_path: Path
) -> None:
    with running_daemon(tmp_path, CONFIGURATION) as daemon:
        code, text = operator.run("import", operator.file)
        assert (code, "in effect from the next call" in text) == (0, True)
        assert daemon.wait_for("directory_replaced")["devices"] == 3
        code, text = operator.run("cdr", "--number", "0312340001")
        assert code == 0
        daemon.expect_no_fault()
    with running_daemon(tmp_path, CONFIGURATION) as daemon:
        assert daemon.started["devices"] == 3, "the next start has it too"


def test_an_ids_handling_is_set_and_shown(operator: Operator) -> None:
    operator.run("import", operator.file)
    wanted = (
        *("--forward-always", "102", "--forward-no-answer", "09011112222", "--forward-after", 9),
        *("--do-not-disturb", "--no-call-waiting", "--reject-anonymous"),
        *("--reject", "0311112222=on"),
    )
    code, text = operator.run("id", "set", "u1", *wanted)
    assert (code, text.splitlines()[0]) == (0, "set u1 of shop")
    shown = operator.run("contract", "show", "shop")[1].replace("\n", "")
    assert "do not disturb" in shown
    assert operator.run("id", "set", "u1", "--forward-always", "off")[0] == 0
    table = operator.read("export", "shop")["contract"][0]["id"][0]
    assert table["forward"] == {"no_answer": "+819011112222", "after": 9.0}
    assert (table["call_waiting"], table["rejected"]) == (False, ["+81311112222"])


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--forward-always", "110", "no emergency number"),
        ("--forward-always", "101", "is the ID itself"),
        ("--forward-busy", "*72", "write voicemail, an extension, or a number"),
        ("--forward-after", 0, "choose 1 to 180 seconds"),
        ("--reject", "0311112222", "--reject 0311112222: write NUMBER=on or NUMBER=off"),
    ],
)
def test_a_handling_that_cannot_be_is_refused_in_clear_words(
    operator: Operator, option: str, value: object, reason: str
) -> None:
    operator.run("import", operator.file)
    code, text = operator.run("id", "set", "u1", option, value)
    assert code in {1, 2}
    assert reason in text.replace("\n", " ")
