"""Files of contracts: what is written is read back as it was."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from provisioning.document import (
    ContractError,
    Form,
    Terms,
    Tree,
    parse,
    read,
    schema_text,
    text_of,
    tree_of,
)
from switch.sip.digest import Algorithm, ha1
from tests.support.contract import RICH, contract_tables

ROOT = Path(__file__).parents[2]
TERMS = Terms("daihyo", ("SHA-256", "MD5"))


@pytest.mark.parametrize("form", Form)
@given(tables=contract_tables())
def test_import_of_an_export_gives_the_same_contracts(form: Form, tables: list[Tree]) -> None:
    contracts = read({"version": 1, "contract": tables}, TERMS)
    text = text_of(contracts, form)
    again = read(parse(text, form), TERMS)
    assert again == contracts
    assert text_of(again, form) == text


@pytest.mark.parametrize("form", Form)
def test_a_contract_with_everything_survives_the_round_trip(form: Form) -> None:
    contracts = read({"version": 1, "contract": [RICH]}, TERMS)
    assert read(parse(text_of(contracts, form), form), TERMS) == contracts


def test_a_password_is_accepted_once_and_never_written() -> None:
    identity: Tree = {"username": "u", "extension": 11, "number": "0312345678"}
    identity |= {"password": "top secret"}
    contracts = read({"version": 1, "contract": [{"name": "s", "id": [identity]}]}, TERMS)
    written = text_of(contracts, Form.JSON)
    assert "top secret" not in written + repr(contracts)
    hashes = json.loads(written)["contract"][0]["id"][0]["ha1"]
    assert hashes == {each.value: ha1(each, "u", "daihyo", "top secret") for each in Algorithm}


def test_a_file_names_its_version() -> None:
    with pytest.raises(ContractError, match="version is missing; add version = 1"):
        read({"contract": []}, TERMS)
    with pytest.raises(ContractError, match="version: 2 is wrong"):
        read({"version": 2}, TERMS)
    assert read({"version": 1}, TERMS) == ()


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("{", Form.JSON, "cannot be read: .*; write the file as JSON"),
        ("[1]", Form.JSON, "is no table; write an object"),
        ("a = ", Form.TOML, "cannot be read: .*; write the file as TOML"),
    ],
)
def test_a_text_of_another_form_is_one_fault(text: str, form: Form, expected: str) -> None:
    with pytest.raises(ContractError, match=expected):
        parse(text, form)


def test_what_is_as_the_default_is_not_written() -> None:
    contracts = read({"version": 1, "contract": [RICH]}, TERMS)
    [table] = tree_of(contracts)["contract"]
    assert "suspended" not in table
    assert "flat_plan" not in table["id"][0]
    assert table["representative"][0]["state"] == "granted"


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "docs" / "contract.schema.json").read_text("utf-8")
    assert published == schema_text(), "daihyo schema > docs/contract.schema.json"
