"""Changes of a contract that a customer or an operator asks for, one setting at a time.

Each returns the contract as it would be, or refuses with the rule that says so; whoever asks then
holds the whole to `provisioning.rule` again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.breach import Breach, KeyPath
from provisioning.contract import Contract, Identity, NumberState, Representative
from provisioning.document import ContractError
from provisioning.rule import AUTOMATIC_NUMBERS
from routing.handling import HandlingChange

NO_CHANGE = HandlingChange()


@dataclass(frozen=True, slots=True)
class IdSettings:
    """What may be set of an ID; what is None or left out stays as it is."""

    caller_id: str | None = None
    """The representative number in E.164 that it presents (R25, R40)."""
    presents_own: bool = False
    """Whether it presents its direct number again (R24)."""
    rings: Mapping[str, bool] = field(default_factory=dict)
    """By representative number in E.164, whether its device rings for it (R32)."""
    display_name: str | None = None
    handling: HandlingChange = NO_CHANGE
    """Its forwards, do-not-disturb, call waiting and unwanted callers."""


def decided(contract: Contract, number: str, state: NumberState) -> Contract:
    """Grant or refuse a representative number that needs the operator's decision (R13)."""
    position, found = _representative(contract, number)
    asked = [each for each in contract.representatives if each.state is not NumberState.REFUSED]
    path: KeyPath = ("representative", position)
    if found.state is state:
        raise _refusal(path, f"{number} is {state.value} already", "decide on another number (R13)")
    if found.state is NumberState.GRANTED and found in asked[:AUTOMATIC_NUMBERS]:
        right = "remove it from the contract instead (R13)"
        raise _refusal(path, f"{number} is one of the three that need no decision", right)
    return _with_number(contract, position, found.model_copy(update={"state": state}))


def with_id_settings(contract: Contract, username: str, settings: IdSettings) -> Contract:
    """Set what a portal sets of an ID (R25, R32, R40)."""
    for number, rings in settings.rings.items():
        contract = _with_rings(contract, username, number, rings=rings)
    position, identity = _identity(contract, username)
    update: dict[str, str | None] = {}
    if settings.caller_id is not None or settings.presents_own:
        update["caller_id"] = None if settings.presents_own else settings.caller_id
    if settings.display_name is not None:
        update["display_name"] = settings.display_name
    ids = list(contract.ids)
    ids[position] = with_handling(identity.model_copy(update=update), settings.handling)
    return contract.model_copy(update={"ids": ids})


def with_handling(identity: Identity, change: HandlingChange) -> Identity:
    """Set what becomes of an ID's calls; a caller who is listed twice is listed once."""
    forward: dict[str, str | float | None] = {
        condition.value: target for condition, target in change.forwards.items()
    }
    if change.no_answer_delay is not None:
        forward["after"] = change.no_answer_delay
    kept = [each for each in identity.rejected if change.rejected.get(each, True)]
    added = [each for each, listed in change.rejected.items() if listed and each not in kept]
    flags = {
        "do_not_disturb": change.do_not_disturb,
        "call_waiting": change.call_waiting,
        "reject_anonymous": change.rejects_anonymous,
    }
    return identity.model_copy(
        update={
            "forward": identity.forward.model_copy(update=forward),
            "rejected": [*kept, *added],
            **{name: value for name, value in flags.items() if value is not None},
        }
    )


def _with_rings(contract: Contract, username: str, number: str, *, rings: bool) -> Contract:
    position, found = _representative(contract, number)
    if all(each.id != username for each in found.assigned):
        path: KeyPath = ("representative", position, "assigned")
        raise _refusal(path, f"{number} is not assigned to {username}", "assign it first (R16)")
    assigned = [
        each.model_copy(update={"rings": rings}) if each.id == username else each
        for each in found.assigned
    ]
    return _with_number(contract, position, found.model_copy(update={"assigned": assigned}))


def _with_number(contract: Contract, position: int, number: Representative) -> Contract:
    numbers = list(contract.representatives)
    numbers[position] = number
    return contract.model_copy(update={"representatives": numbers})


def _representative(contract: Contract, number: str) -> tuple[int, Representative]:
    for position, each in enumerate(contract.representatives):
        if each.number == number:
            return position, each
    right = "name a representative number: a direct number belongs to its one ID (R3)"
    raise _refusal(
        ("representative",), f"{number} is no representative number of {contract.name}", right
    )


def _identity(contract: Contract, username: str) -> tuple[int, Identity]:
    for position, each in enumerate(contract.ids):
        if each.username == username:
            return position, each
    raise _refusal(("id",), f"{username} is no ID of {contract.name}", "name one of its IDs")


def _refusal(path: KeyPath, wrong: str, right: str) -> ContractError:
    return ContractError([Breach(path, wrong, right)])
