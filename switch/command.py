"""What an operator asks of the running core: values that the driver hands over."""

import msgspec


class Drain(msgspec.Struct, frozen=True, gc=False):
    """Refuse new calls from now on, and let the calls in progress end by themselves."""


class HangUp(msgspec.Struct, frozen=True, gc=False):
    """Release one call, named by the switch's own call identifier; an unknown one is no fault."""

    call_id: str


class HangUpAll(msgspec.Struct, frozen=True, gc=False):
    """Release every call in progress."""


class SetBlock(msgspec.Struct, frozen=True, gc=False):
    """Keep an ID or a contract, named by user name or contract, from calling out."""

    name: str
    reach: str
    """`abroad`, or `all` but emergencies."""
    note: str = ""


class ReleaseBlock(msgspec.Struct, frozen=True, gc=False):
    """Let an ID or a contract call out again, with fresh budgets."""

    name: str


Command = Drain | HangUp | HangUpAll | SetBlock | ReleaseBlock
