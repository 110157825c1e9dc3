"""Directories for explanations without a switch: of a configuration, or of a file of contracts."""

import os
from pathlib import Path

from config.contract_file import read_contract_file
from config.fault import ConfigurationError
from config.loader import load
from config.model import Settings
from provisioning.document import ContractError, Terms, read
from provisioning.snapshot import customer_of
from routing.directory import Directory, DirectoryError
from switch import blueprint
from switch.contract_operation import stored_customers
from switch.store.database import StoreError

ANY_TERMS = Terms("", ())
"""What a comparison asks of credentials: nothing, for nobody logs in."""


class SideError(Exception):
    """A directory cannot be made; carries a line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def directory_of(settings: Settings) -> Directory:
    """Make the directory with which a switch would start; raise `SideError`."""
    own = {contract.name for contract in settings.contracts}
    try:
        stored = stored_customers(settings)
        beside = [customer for customer in stored if customer.contract not in own]
        return blueprint.directory(settings, beside)
    except DirectoryError as error:
        raise SideError(list(error.faults)) from None
    except StoreError as error:
        raise SideError([str(error)]) from None


def sides(before: Path, after: Path) -> tuple[Directory, Directory]:
    """Make the directories of two files; contracts alone have the other's carriers.

    Raises `SideError`.
    """
    pair = (_side(before), _side(after))
    (first, has_trunks), (second, has_second) = pair
    if has_trunks == has_second:
        return first, second
    if has_trunks:
        return first, _with_carriers(second, first)
    return _with_carriers(first, second), second


def _side(file: Path) -> tuple[Directory, bool]:
    """Read a file; tell whether it has carriers of its own."""
    try:
        if file.suffix.lower() == ".json" or _is_of_contracts(file):
            return _contracts_of(file), False
        return directory_of(load([file], os.environ)), True
    except ConfigurationError as error:
        raise SideError([str(fault) for fault in error.faults]) from None


def _is_of_contracts(file: Path) -> bool:
    """Tell by its first table: an export begins with its version."""
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                word = line.partition("=")[0].strip()
                if word and not word.startswith("#"):
                    return word == "version"
    except (OSError, UnicodeDecodeError):
        pass  # whoever reads it tells
    return False


def _contracts_of(file: Path) -> Directory:
    text = read_contract_file(file)
    try:
        contracts = read(text.tree, ANY_TERMS)
    except ContractError as error:
        raise ConfigurationError(text.faults(error.breaches)) from None
    try:
        return Directory.build([customer_of(contract) for contract in contracts])
    except DirectoryError as error:
        raise SideError([f"{file}: {fault}" for fault in error.faults]) from None


def _with_carriers(contracts: Directory, other: Directory) -> Directory:
    return contracts.with_trunks(other.trunks, other.carriers.routes)
