"""The demonstration configuration of a first start: one contract with extensions 101 and 102."""

import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template

PASSWORD_OCTETS = 9
"""72 random bits in 12 characters: short enough to type on a desk phone, beyond any guessing."""

_TEMPLATE = Path(__file__).parent / "default" / "demonstration.toml"


@dataclass(frozen=True, slots=True)
class Account:
    """What a phone needs to register."""

    extension: str
    username: str
    password: str


def write_demonstration(file: Path) -> None:
    """Create the file with fresh passwords, readable by its owner only, unless it exists."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    text = Template(_TEMPLATE.read_text()).substitute(
        password_101=secrets.token_urlsafe(PASSWORD_OCTETS),
        password_102=secrets.token_urlsafe(PASSWORD_OCTETS),
    )
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
