"""Files of contracts as operators write them: what is wrong, in which file and line."""

from pathlib import Path

import pytest

from config.contract_file import read_contract_file
from config.fault import ConfigurationError
from provisioning.document import ContractError, Terms, read

TOML = """version = 1
[[contract]]
name = "shop"
[[contract.id]]
username = "u"
password = "secret"
extension = 110
number = "0312345678"
[[contract.id]]
username = "u"
password = "secret"
extension = "101"
number = "0312345679"
"""


def faults(file: Path) -> list[str]:
    text = read_contract_file(file)
    with pytest.raises(ContractError) as caught:
        read(text.tree, Terms("daihyo", ("MD5",)))
    return [str(each).replace(f"{file.parent}/", "") for each in text.faults(caught.value.breaches)]


def test_faults_of_a_toml_file_name_their_lines(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(TOML)
    assert faults(tmp_path / "x.toml") == [
        (
            "x.toml:7: contract 1: id 1: extension: 110 is wrong; "
            "choose an extension that is no emergency number"
        ),
        (
            'x.toml:10: contract 1: id 2: username: "u" is taken; usernames are unique '
            "(first at contract 1: id 1: username)"
        ),
    ]


def test_faults_of_a_json_file_name_their_path(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"version": 1, "contract": [{"name": "shop", "id": []}]}')
    assert faults(tmp_path / "x.json") == [
        (
            "x.json: contract 1: id: is wrong; "
            "give the contract its basic ID: it has exactly one (R5)"
        )
    ]


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a = '\xff'", "is not UTF-8"),
        (b"a = ", "cannot be read: .*; write the file as TOML"),
        (None, "cannot be read .No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(
    tmp_path: Path, octets: bytes | None, expected: str
) -> None:
    file = tmp_path / "x.toml"
    if octets is not None:
        file.write_bytes(octets)
    with pytest.raises(ConfigurationError, match=expected):
        read_contract_file(file)
