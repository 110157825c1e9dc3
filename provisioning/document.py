"""Contracts as text: read from JSON or TOML with all their faults, and written back exactly.

What is written is settled: passwords are hashes, numbers in E.164, each representative number has
its state. Reading what was written gives the same contracts.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import tomli_w
from pydantic import ValidationError

from provisioning.breach import Breach, field_breaches
from provisioning.contract import Contract, ContractFile, Identity, NumberState, Representative
from provisioning.draft import Draft
from provisioning.rule import AUTOMATIC_NUMBERS, NOTHING_HELD, Holdings, breaches
from switch.sip.digest import Algorithm, ha1

Tree = dict[str, Any]

SCHEMA_NAME = "https://json-schema.org/draft/2020-12/schema"


class Form(Enum):
    """How a file of contracts is written; the value is its name's end."""

    TOML = "toml"
    JSON = "json"


class ContractError(Exception):
    """Contracts cannot be taken; carries every fault that was found."""

    def __init__(self, found: Sequence[Breach]) -> None:
        super().__init__("\n".join(map(str, found)))
        self.breaches = tuple(found)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the switch asks of credentials."""

    realm: str
    algorithms: tuple[str, ...]
    """Of digest challenges: each ID has an HA1 for every one."""


def parse(text: str, form: Form) -> Tree:
    """Read a text's tables; raise `ContractError` for what is no JSON or TOML."""
    try:
        tree = json.loads(text) if form is Form.JSON else tomllib.loads(text)
    except ValueError as error:
        right = f"write the file as {form.value.upper()}"
        raise ContractError([Breach((), f"cannot be read: {error}", right)]) from None
    if not isinstance(tree, dict):
        right = 'write an object: {"version": 1, "contract": […]}'
        raise ContractError([Breach((), "is no table", right)])
    return tree


def read(
    tree: Mapping[str, object], terms: Terms, held: Holdings = NOTHING_HELD
) -> tuple[Contract, ...]:
    """Make contracts of a file's tables; raise `ContractError` with every fault of all of them."""
    found: list[Breach] = []
    file = None
    if "version" not in tree:
        found.append(Breach((), "version is missing", "add version = 1"))
    try:
        file = ContractFile.model_validate(tree, by_alias=True)
    except ValidationError as error:
        found += field_breaches(error, ContractFile)
    found += breaches(Draft((), tree).parts("contract"), terms.algorithms, held)
    if file is None or found:
        raise ContractError(found)
    return settled(file.contracts, terms.realm)


def settled(contracts: Iterable[Contract], realm: str) -> tuple[Contract, ...]:
    """Bring contracts that keep every rule to the form in which they are stored and written."""
    return tuple(_settled(contract, realm) for contract in contracts)


def tree_of(contracts: Iterable[Contract]) -> Tree:
    """Lay contracts out as a file's tables, without what is as the default."""
    return {"version": 1, "contract": [contract_tree(contract) for contract in contracts]}


def contract_tree(contract: Contract) -> Tree:
    """Lay one contract out as its table; times stay times."""
    dumped = contract.model_dump(by_alias=True, exclude_defaults=True)
    tree: Tree = _plain(dumped)
    return tree


def text_of(contracts: Iterable[Contract], form: Form) -> str:
    """Write contracts as a file."""
    tree = tree_of(contracts)
    if form is Form.TOML:
        return tomli_w.dumps(tree, multiline_strings=False)
    return json.dumps(tree, indent=2, ensure_ascii=False, default=datetime.isoformat) + "\n"


def schema_text() -> str:
    """Write the JSON Schema of a file of contracts."""
    schema = {
        "$schema": SCHEMA_NAME,
        **ContractFile.model_json_schema(by_alias=True),
        "title": "Contracts of Daihyo",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _settled(contract: Contract, realm: str) -> Contract:
    asked = 0
    numbers: list[Representative] = []
    for number in contract.representatives:
        asked += number.state is not NumberState.REFUSED
        state = NumberState.GRANTED if asked <= AUTOMATIC_NUMBERS else NumberState.PENDING
        numbers.append(number.model_copy(update={"state": number.state or state}))
    ids = [_settled_id(identity, realm) for identity in contract.ids]
    return contract.model_copy(update={"ids": ids, "representatives": numbers})


def _settled_id(identity: Identity, realm: str) -> Identity:
    name, password = identity.username, identity.password
    hashes: dict[str, str] = {each: value.lower() for each, value in identity.ha1.items()}
    if password is not None:
        hashes = {each.value: ha1(each, name, realm, password) for each in Algorithm}
    caller_id = None if identity.caller_id == identity.number else identity.caller_id
    update = {"ha1": hashes, "password": None, "caller_id": caller_id}
    return identity.model_copy(update=update)


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a table may hold
    """Write members of enumerations as their values, and leave out what is not there."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value
