"""The parking lot: which call waits in which slot of which contract (R29, RFC 5359 section 2.16).

A slot belongs to a contract and holds one call. It is taken while the call is on its way into it,
so that two parkers never get the same one, and it is free the moment the call is gone from it,
whatever way that happens.
"""

from collections.abc import Iterator

from switch.value import Value

DEFAULT_SLOTS = tuple(str(number) for number in range(1, 10))
"""保留1 to 保留9: one lamp key each."""


class Parked(Value, frozen=True):
    """A call in a slot."""

    contract: str
    slot: str
    call_id: str
    parker: str
    """The user name of the device that parked it, which is rung back when nobody fetches it."""
    since: float
    """Monotonic seconds."""


class ParkingLot:
    """Every parked call of the switch."""

    def __init__(self) -> None:
        self._of_slot: dict[tuple[str, str], Parked] = {}
        self._of_call: dict[str, Parked] = {}

    def __len__(self) -> int:
        return len(self._of_call)

    def __iter__(self) -> Iterator[Parked]:
        return iter(tuple(self._of_call.values()))

    def park(self, parked: Parked) -> bool:
        """Put a call into a slot; False when another call is in it.

        A call that is parked elsewhere moves.
        """
        key = parked.contract, parked.slot
        occupant = self._of_slot.get(key)
        if occupant is not None and occupant.call_id != parked.call_id:
            return False
        self.leave(parked.call_id)
        self._of_slot[key] = self._of_call[parked.call_id] = parked
        return True

    def free_slot(self, contract: str, slots: tuple[str, ...] = DEFAULT_SLOTS) -> str | None:
        """Find the first slot without a call; None when the lot is full."""
        return next((slot for slot in slots if (contract, slot) not in self._of_slot), None)

    def occupant(self, contract: str, slot: str) -> Parked | None:
        """Return the call in a slot."""
        return self._of_slot.get((contract, slot))

    def of_call(self, call_id: str) -> Parked | None:
        """Return where a call is parked."""
        return self._of_call.get(call_id)

    def leave(self, call_id: str) -> Parked | None:
        """Free the slot of a call that is fetched, gone or rung back; return where it was."""
        parked = self._of_call.pop(call_id, None)
        if parked is not None:
            del self._of_slot[parked.contract, parked.slot]
        return parked

    def __repr__(self) -> str:
        return f"<ParkingLot {len(self)} parked>"
