"""What an operator decides about registrations (RFC 3261 section 10.3)."""

import msgspec


class RegistrarSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of a registration's life in seconds, and whose Contacts are taken."""

    min_expires: int = 60
    default_expires: int = 300
    max_expires: int = 3600
    refuse_foreign_contact: bool = True
    """Refuse a Contact at a public address that is not the one the REGISTER came from."""
