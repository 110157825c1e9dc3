"""Reasons on the command line: of a call not made, of one that was, of what a change does."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from switch.call_story import GONE
from switch.cli import app
from switch.effect import WriteCdr
from switch.explain_operation import sides
from switch.explain_report import TOKYO, moment, shown
from switch.store.database import Database, sqlite_url
from tests.support.contract import RICH
from tests.support.daemon import running_daemon
from tests.support.udp_phone import UdpPhone

CONFIGURATION = """
[server]
data_dir = "data"
realm = "example.test"
[[listener]]
transport = "udp"
host = "127.0.0.1"
port = 0
[media]
address = "127.0.0.1"
[http]
port = 0
[[trunk]]
name = "one"
host = "127.0.0.9"
options_ping = 0
[[contract]]
name = "office"
[[contract.id]]
username = "desk"
password = "secret"
extension = 101
number = "05055550001"
[[contract.id]]
username = "app"
password = "secret"
extension = 102
number = "05055550002"
device = {kind = "app"}
[[contract.representative]]
number = "0398765000"
name = "Office"
assigned = [{id = "desk"}, {id = "app"}]
"""

TRACE = json.dumps(
    [
        {"rule": "emergency", "inputs": {"called": "102"}, "outcome": "no"},
        {"rule": "decision", "inputs": {"devices": "102", "seconds": "180"}, "outcome": "ring"},
    ]
)
CALLER = WriteCdr(
    "abcd", "a", "in", "office", "desk", None, "+815055550001", "102",
    100.0, 101.0, 102.0, 160.0, 200, "normal", "caller", "x@h", "[]", TRACE,
)  # fmt: skip

KEYS = {"assumed", "question", "caller", "outcome", "steps", "story", "deciding"}


class Operator:
    """Somebody with a configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "daihyo.toml"
        self.configuration.write_text(CONFIGURATION)

    def run(self, *arguments: object) -> tuple[int, str]:
        """Run a command in this process; return its exit code and all that it said."""
        done = self._invoke(*arguments)
        return done.exit_code, done.output

    def read(self, *arguments: object) -> dict[str, object]:
        """Run a command that prints an object as JSON."""
        done = self._invoke(*arguments, "--json")
        assert done.exit_code == 0, done.output
        read = json.loads(done.stdout)
        assert isinstance(read, dict)
        return read

    def compare(self, before: Path, after: Path) -> list[dict[str, str]]:
        """Compare two files as JSON."""
        done = self._invoke("explain", "--diff", before, after, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def write(self, name: str, text: str) -> Path:
        """Write a file beside the configuration."""
        file = self.folder / name
        file.write_text(text)
        return file

    def contracts(self, name: str, *tables: object) -> Path:
        """Write a file of contracts."""
        return self.write(name, json.dumps({"version": 1, "contract": tables}))

    def _invoke(self, *arguments: object) -> Result:
        words = [*map(str, arguments), "-c", str(self.configuration)]
        return CliRunner().invoke(app, words, env={"DAIHYO_CONFIG": None, "LC_ALL": "C"})


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def test_a_story_is_numbered_in_order_and_marks_the_step_that_decided(operator: Operator) -> None:
    asked = ("--from", "09011112222", "--to", "0398765000", "--at", "2027-01-01T10:00")
    code, text = operator.run("explain", *asked)
    assert code == 0
    head, mode, _, *steps = text.splitlines()
    assert head == "call from 09011112222 by one to 0398765000, 2027-01-01 10:00:00 (Asia/Tokyo)"
    assert mode == "no switch runs here: everybody is taken to be registered and idle"
    numbers = [int(found[1]) for line in steps if (found := re.match(r"[> ] +(\d+) ", line))]
    assert numbers == list(range(1, len(numbers) + 1))
    (marked,) = [line for line in steps if line.startswith(">")]
    rule = "The fixed phones ring alone (desk); the apps (app) only if none of them can answer."
    assert f"{rule}  <- decides" in marked
    assert steps[-1].strip() == "=> So it rings, for up to 180 seconds: desk → app."


def test_json_has_the_steps_and_their_story(operator: Operator) -> None:
    told = operator.read(
        "explain", "--from", "desk", "--to", "110", "--lang", "ja", "--at", "2027-01-01T01:00+00:00"
    )
    assert set(told) == KEYS
    assert told["assumed"] is True
    assert told["outcome"] == "emergency call 110 by one, presenting +815055550001"
    steps, story = told["steps"], told["story"]
    assert isinstance(steps, list)
    assert isinstance(story, list)
    assert len(story) == len(steps)
    assert [set(step) for step in steps] == [{"rule", "inputs", "outcome"}] * len(steps)
    assert story[0] == "110 は緊急通報番号です。以下の規則では一切止められません。"
    assert told["deciding"] == 0
    question = told["question"]
    assert isinstance(question, dict)
    assert moment(question["at"]) == "2027-01-01 10:00:00"


def test_what_is_supposed_is_told_and_counts(operator: Operator) -> None:
    supposed = ("--assume-unregistered", "desk", "--assume-busy", "0398765000=1")
    code, text = operator.run("explain", "--from", "anonymous", "--to", "0398765000", *supposed)
    assert code == 0
    assert "supposed: desk not registered, 1 calls of 0398765000" in text
    assert "1 of 2 are taken" in text
    assert "=> So it rings, for up to 180 seconds: app." in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--from x --to y", 1, "x is no caller; write an ID's user name"),
        ("--from desk", 2, "name both ends of the call"),
        ("--from desk --to 102 --at soon", 2, "--at soon: is no time; write 2027-01-01T10:00"),
        ("--from desk --to 102 --at 0001-01-01", 2, "is no time"),
        ("--from desk --to 102 --assume-busy 4", 2, "write NUMBER=CALLS, such as"),
        ("--from desk --to 102 --assume-busy x=²", 2, "write NUMBER=CALLS"),
        ("--from desk --to 102 --assume-unregistered x", 1, "x is no ID's user name"),
        ("--diff a b --from desk", 2, "--diff compares everything"),
        ("--diff a b", 2, "a: cannot be read"),
    ],
)
def test_bad_arguments_are_one_line_that_names_what_would_be_right(
    operator: Operator, arguments: str, code: int, said: str
) -> None:
    found, text = operator.run("explain", *arguments.split())
    assert (found, said in text, text.count("\n")) == (code, True, 1), text


def test_a_database_that_cannot_be_had_is_told(operator: Operator) -> None:
    operator.configuration.write_text(
        CONFIGURATION.replace("data_dir", 'database = "sqlite+aiosqlite:////proc/none/x.db"\ndata_dir')
    )  # fmt: skip
    code, text = operator.run("explain", "--from", "desk", "--to", "102")
    assert (code, "unable to open database file" in text) == (2, True)


def test_contracts_of_the_database_are_explained_too(operator: Operator) -> None:
    operator.run("import", operator.contracts("contracts.json", RICH))
    told = operator.read("explain", "--from", "u2", "--to", "101")
    assert told["outcome"] == "ring u1 for 180 s"
    operator.configuration.write_text(CONFIGURATION.replace('"desk"', '"u1"'))
    code, text = operator.run("explain", "--from", "app", "--to", "101")
    assert (code, "the user name u1 is used 2 times" in text) == (2, True)


def test_two_files_of_contracts_are_compared(operator: Operator) -> None:
    operator.run("import", operator.contracts("contracts.json", RICH))
    before = operator.folder / "before.toml"
    assert operator.run("export", "shop", "-o", before)[0] == 0
    assert operator.compare(before, before) == []
    assert operator.run("explain", "--diff", before, before) == (0, "every call ends alike\n")
    after = operator.contracts("after.json", {**RICH, "suspended": True})
    found = operator.compare(before, after)
    assert {"u1", "u2", "+815012340001", "+815012340002"} <= {each["subject"] for each in found}
    assert {each["contract"] for each in found} == {"shop"}
    code, text = operator.run("explain", "--diff", before, after)
    assert code == 0
    assert f"{len(found)} calls end otherwise" in text
    assert re.search(r"shop +u1 +to_mobile +call \S+ .* refuse with 403", text)


def test_a_configuration_lends_its_carriers_to_contracts(operator: Operator) -> None:
    table = CONFIGURATION.partition("[[contract]]")[2]
    contracts = operator.write("contracts.toml", f"version = 1\n[[contract]]{table}")
    assert operator.compare(operator.configuration, contracts) == []
    assert operator.compare(contracts, operator.configuration) == []
    before, _ = sides(contracts, operator.configuration)
    assert [trunk.name for trunk in before.trunks] == ["one"]


def test_two_configurations_are_compared_with_their_carriers(operator: Operator) -> None:
    other = operator.write("other.toml", CONFIGURATION.replace('"one"', '"two"'))
    found = operator.compare(operator.configuration, other)
    assert {each["probe"] for each in found} == {"to_fixed", "to_mobile", "to_0570", "to_emergency"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 1\n[[contract]]\nname = 4\n", "contract 1"),
        ("# nothing\n\n[server]\nrealm = 4\n", "server: realm"),
    ],
)
def test_a_file_with_faults_is_not_compared(operator: Operator, text: str, said: str) -> None:
    wrong = operator.write("wrong.toml", text)
    code, told = operator.run("explain", "--diff", wrong, operator.configuration)
    assert (code, said in told) == (2, True), told


def test_contracts_that_collide_are_not_compared(operator: Operator, tmp_path: Path) -> None:
    octets = tmp_path / "octets.toml"
    octets.write_bytes(b"\xff\xfe")
    assert operator.run("explain", "--diff", octets, octets)[0] == 2
    twice = operator.contracts("twice.json", RICH, RICH)
    assert operator.run("explain", "--diff", twice, twice)[0] == 2


def keep(operator: Operator, *records: WriteCdr) -> None:
    """Write records as a switch that has ended left them."""

    async def write() -> None:
        folder = operator.folder / "data"
        folder.mkdir()
        database = await Database.open(sqlite_url(folder / "daihyo.db"), migrate=True)
        await database.write(list(records))
        await database.close()

    asyncio.run(write())


def test_a_call_that_was_is_explained_from_its_record(operator: Operator) -> None:
    keep(operator, CALLER)
    code, text = operator.run("call", "why", "abcd")
    assert code == 0
    assert GONE in text
    assert re.search(r"> +1 102 is no emergency number\.  <- decides", text)
    assert "=> So it rings, for up to 180 seconds: 102." in text
    assert "Answered after 2.0 s; ended by the caller after 0:00:58: normal." in text
    told = operator.read("call", "why", "abcd", "--lang", "ja")
    assert set(told) == {"call_id", "steps", "story", "deciding", "afterwards"}


def test_a_call_whose_decision_was_not_kept_says_so(operator: Operator) -> None:
    keep(operator, WriteCdr(*(*list(vars_of(CALLER))[:-1], "")))
    code, text = operator.run("call", "why", "abcd")
    assert (code, "no decision was kept for this call" in text) == (0, True)


def vars_of(record: WriteCdr) -> list[object]:
    return [getattr(record, name) for name in record.__struct_fields__]


def test_a_call_that_nobody_knows_is_refused(operator: Operator) -> None:
    assert operator.run("call", "why", "none")[0] == 1


def test_a_number_is_shown_as_it_is_dialled_and_anything_else_as_it_is() -> None:
    assert [shown(each) for each in ("+81398765000", "desk", "+x")] == ["0398765000", "desk", "+x"]
    assert TOKYO.utcoffset(None) is not None


def test_the_switch_that_runs_answers_as_it_stands(operator: Operator, tmp_path: Path) -> None:
    asked = ("explain", "--from", "09011112222", "--to", "0398765000")
    with running_daemon(tmp_path, CONFIGURATION) as daemon:
        told = operator.read(*asked)
        assert told["assumed"] is False
        assert str(told["outcome"]).startswith("refuse with 480")
        with UdpPhone(daemon.address("udp")) as desk, UdpPhone(daemon.address("udp")) as app_phone:
            desk.register("desk", "secret", "example.test")
            app_phone.register("app", "secret", "example.test")
            live = operator.read(*asked)
        code, text = operator.run(*asked)
        assert (code, "as things stand in the switch that runs" in text) == (0, True)
        assert operator.run("explain", "--from", "x", "--to", "y")[0] == 1
        code, text = operator.run("call", "why", "none")
        assert (code, text) == (1, "daihyo: no call none\n")
        daemon.expect_no_fault()
    assumed = operator.read(*asked)
    assert (live["assumed"], assumed["assumed"]) == (False, True)
    for part in ("outcome", "steps", "story", "deciding"):
        assert live[part] == assumed[part], "everybody is registered, nobody calls"


def test_a_call_in_progress_tells_why_and_whom_it_rings(operator: Operator, tmp_path: Path) -> None:
    text = CONFIGURATION.replace('"127.0.0.9"', '"127.0.0.1"')
    with running_daemon(tmp_path, text) as daemon, UdpPhone(daemon.address("udp")) as phone:
        phone.register("desk", "secret", "example.test")
        with UdpPhone(daemon.address("udp")) as carrier:
            carrier.invite("0398765000", "call-1")
            phone.answer(phone.read("INVITE "), "180 Ringing")
            carrier.read("SIP/2.0 180 ")
            (call,) = json.loads(operator.run("calls", "--json")[1])
            code, said = operator.run("call", "why", call["call_id"][:6])
            assert code == 0
            assert "=> So it rings, for up to 180 seconds: desk." in said
            assert "Called: desk (rang)." in said
            shown_call = operator.run("call", "show", call["call_id"])[1]
            assert "ring_plan" in shown_call
        daemon.expect_no_fault()
