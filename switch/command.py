"""What an operator asks of the running core: values that the driver hands over."""

import msgspec


class Drain(msgspec.Struct, frozen=True, gc=False):
    """Refuse new calls from now on, and let the calls in progress end by themselves."""


class HangUp(msgspec.Struct, frozen=True, gc=False):
    """Release one call, named by the switch's own call identifier; an unknown one is no fault."""

    call_id: str


class HangUpAll(msgspec.Struct, frozen=True, gc=False):
    """Release every call in progress."""


Command = Drain | HangUp | HangUpAll
