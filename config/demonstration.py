"""The demonstration of a first start: a configuration, and a contract with three IDs to import."""

import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

PASSWORD_OCTETS = 9
"""72 random bits in 12 characters: short enough to type on a desk phone, beyond any guessing."""

EXTENSIONS = ("101", "102", "103")

_CONFIGURATION = Path(__file__).parent / "default" / "demonstration.toml"
_CONTRACTS = Path(__file__).parent / "default" / "contracts.toml"


@dataclass(frozen=True, slots=True)
class Account:
    """What a phone needs to register."""

    extension: str
    username: str
    password: str


def write_demonstration(file: Path, contracts: Path) -> None:
    """Create configuration and contracts with fresh passwords, for their owner's eyes only.

    A configuration that exists is left alone, and so are the contracts beside it.
    """
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    passwords = {f"password_{each}": secrets.token_urlsafe(PASSWORD_OCTETS) for each in EXTENSIONS}
    _write(contracts, Template(_CONTRACTS.read_text()).substitute(passwords))
    _write(file, _CONFIGURATION.read_text())


def _write(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)


def accounts(file: Path) -> list[Account]:
    """Read the phones' credentials back, to show them; IDs without a password are left out."""
    try:
        tree = tomllib.loads(file.read_text())
    except (OSError, ValueError):
        return []
    return [
        Account(str(identity.get("extension", "")), identity["username"], identity["password"])
        for contract in tree.get("contract", [])
        for identity in contract.get("id", [])
        if "username" in identity and "password" in identity
    ]
