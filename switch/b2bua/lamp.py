"""Lamps: what each extension and slot of a contract does, for those who watch it (RFC 4235)."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from routing.directory import Directory
from switch.b2bua.branch import Member
from switch.b2bua.call import Call
from switch.b2bua.office import SLOT, Office
from switch.b2bua.park import DEFAULT_SLOTS
from switch.b2bua.phase import Phase
from switch.notifier.dialog_event import DialogFact, DialogState

LISTS = frozenset({"lamps", "blf", "blf-list"})
"""The names under which a phone asks for every lamp of its contract at once."""


class Calls(Protocol):
    """Whoever has the calls."""

    directory: Directory
    calls: dict[str, Call]
    office: Office

    def busy(self, username: str) -> list[Call]:
        """Return the calls that a device takes part in, or is rung for."""


class Lamps:
    """The lamps of every contract."""

    def __init__(self, board: Calls) -> None:
        self._board = board

    def lamps(self, contract: str, name: str) -> Sequence[str] | None:
        """Return the extensions and slots of a list of lamps, or None when there is no such."""
        customer = self._board.directory.customer(contract)
        if name not in LISTS or customer is None:
            return None
        extensions = sorted(device.extension for device in customer.devices)
        return [*(SLOT + slot for slot in DEFAULT_SLOTS), *extensions]

    def dialogs(self, contract: str, name: str) -> Sequence[DialogFact] | None:
        """Return the dialogs of an extension or slot; None when the contract has no such one."""
        slot = name.removeprefix(SLOT)
        if name.startswith(SLOT) and slot in DEFAULT_SLOTS:
            return self._slot(contract, slot)
        device = self._board.directory.by_extension(contract, name)
        return None if device is None else tuple(self._of_device(device.username))

    def _slot(self, contract: str, slot: str) -> Sequence[DialogFact]:
        parked = self._board.office.lot.occupant(contract, slot)
        call = self._board.calls.get(parked.call_id) if parked is not None else None
        if call is None:
            return ()
        shown = self._board.office.shown(call, call.near)
        who = None if shown.withheld else shown.number
        fact = DialogFact(
            SLOT + slot, DialogState.CONFIRMED, is_recipient=True, remote=who, is_held=True
        )
        return (fact,)

    def _of_device(self, username: str) -> Iterator[DialogFact]:
        """Yield a device's dialogs, those that ring first."""
        facts = [
            self._fact(call, member)
            for call in self._board.busy(username)
            for member in call.members()
            if member.leg.device == username and not member.is_over
        ]
        return iter(sorted(facts, key=lambda fact: fact.state is not DialogState.EARLY))

    def _fact(self, call: Call, member: Member) -> DialogFact:
        leg = member.leg
        is_up = leg.phase in {Phase.ANSWERED, Phase.CONFIRMED}
        other = call.near if leg is not call.near else call.far
        shown = None if other is None else self._board.office.shown(call, other)
        who = None if shown is None or shown.withheld else shown.number
        if other is None and leg is call.a:
            who = call.called
        return DialogFact(
            id=leg.local_tag,
            state=DialogState.CONFIRMED if is_up else DialogState.EARLY,
            is_recipient=member.record.direction == "out",
            remote=who,
            is_held=call.bridge.holds(leg),
            # The tags are those that the watcher's Replaces has to name: ours is the far side's.
            call_id=leg.sip_call_id,
            local_tag=leg.local_tag,
            remote_tag=leg.far_tag,
        )
