"""The configuration of a first start."""

from pathlib import Path

import config.demonstration
from config.demonstration import accounts, write_demonstration
from config.loader import load
from config.model import Settings


def test_a_first_start_gets_two_phones_that_load(tmp_path: Path) -> None:
    file = tmp_path / "var" / "daihyo.toml"
    write_demonstration(file)
    assert [account.extension for account in accounts(file)] == ["101", "102"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(load([file], {}).contracts[0].ids) == 2


def test_passwords_are_fresh_each_time(tmp_path: Path) -> None:
    write_demonstration(tmp_path / "a.toml")
    write_demonstration(tmp_path / "b.toml")
    passwords = {a.password for name in "ab" for a in accounts(tmp_path / f"{name}.toml")}
    assert len(passwords) == 4


def test_an_existing_file_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "daihyo.toml"
    file.write_text("[server]\n")
    write_demonstration(file)
    assert file.read_text() == "[server]\n"
    assert accounts(file) == []


def test_an_unreadable_file_has_no_accounts(tmp_path: Path) -> None:
    assert accounts(tmp_path / "none") == []
    (tmp_path / "bad").write_text("[")
    assert accounts(tmp_path / "bad") == []


def test_the_reference_file_says_the_defaults() -> None:
    loaded = load([Path(config.demonstration.__file__).parent / "default" / "reference.toml"], {})
    written = loaded.model_copy(
        update={"server": loaded.server.model_copy(update={"data_dir": Path("data")})}
    )
    assert written == Settings()
