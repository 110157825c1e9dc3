"""The rules of contracts: every limit that fields set to each other, in one place.

The configuration's contracts, an import and a change by command or page are all held to them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioning.breach import Breach, KeyPath
from provisioning.draft import Draft
from provisioning.forwarding import forward_breaches

AUTOMATIC_NUMBERS = 3
"""How many representative numbers are granted without a declared use (R13)."""

HA1_HEX_DIGITS = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
"""How long an HA1 is in hexadecimal digits, by algorithm (RFC 8760)."""

Values = list[tuple[KeyPath, str]]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What contracts elsewhere hold: numbers in E.164 and user names, each with its contract."""

    numbers: Mapping[str, str] = field(default_factory=dict)
    usernames: Mapping[str, str] = field(default_factory=dict)


NOTHING_HELD = Holdings()


def breaches(
    contracts: Sequence[Draft], algorithms: Iterable[object], held: Holdings = NOTHING_HELD
) -> Iterator[Breach]:
    """Check contracts that are to stand beside each other and beside what is held elsewhere."""
    yield from _unique(_texts(contracts, "name"), "contract names are unique")
    yield from _shared(contracts, held)
    offered = tuple(algorithms)
    for contract in contracts:
        yield from _contract(contract)
        for identity in contract.parts("id"):
            yield from _secret(identity, offered)


def _shared(contracts: Sequence[Draft], held: Holdings) -> Iterator[Breach]:
    """Check what is unique over all contracts: user names and numbers (R1)."""
    usernames = _texts([each for one in contracts for each in one.parts("id")], "username")
    numbers = [
        (each.at("number"), number)
        for contract in contracts
        for each in (*contract.parts("id"), *contract.parts("representative"))
        if (number := each.number("number")) is not None
    ]
    yield from _unique(usernames, "usernames are unique")
    yield from _elsewhere(usernames, held.usernames, "usernames are unique")
    yield from _unique(numbers, "a number belongs to one ID")
    yield from _elsewhere(numbers, held.numbers, "a number belongs to one contract")


def _contract(contract: Draft) -> Iterator[Breach]:
    identities = contract.parts("id")
    wanted = _wanted(contract)
    extensions = _texts(identities, "extension")
    yield from _unique(extensions, "extensions are unique within a contract")
    yield from _count(wanted, len(identities))
    yield from _uses(wanted)
    names = {identity.text("username") for identity in identities}
    for number in contract.parts("representative"):
        yield from _assignments(number, names)
    granted = _granted(contract, wanted)
    for identity in identities:
        yield from _presented(identity, contract, granted)
        yield from _flat_plan(identity)
    yield from forward_breaches(identities)


def _wanted(contract: Draft) -> list[Draft]:
    """Return the representative numbers that are held or asked for, without the refused."""
    return [each for each in contract.parts("representative") if each.text("state") != "refused"]


def _count(wanted: Sequence[Draft], ids: int) -> Iterator[Breach]:
    if wanted and ids == 1:
        right = "a representative number needs an additional ID (R17)"
        yield Breach(wanted[0].path, "the contract has its basic ID alone", right)
    elif wanted[ids:] and ids:
        wrong = f"{len(wanted)} representative numbers for {ids} IDs"
        yield Breach(wanted[ids].path, wrong, "have at most as many as IDs (R12)")


def _uses(wanted: Sequence[Draft]) -> Iterator[Breach]:
    for number in wanted[AUTOMATIC_NUMBERS:]:
        if not (number.text("use") or "").strip():
            right = "declare what a fourth number or later one is for: use = … (R13)"
            yield Breach(number.path, "no declared use", right)


def _assignments(number: Draft, names: Iterable[str | None]) -> Iterator[Breach]:
    known = set(names)
    assigned = _texts(number.parts("assigned"), "id")
    yield from _unique(assigned, "an ID is assigned to a number once")
    for path, name in assigned:
        if name not in known:
            yield Breach(path, f'"{name}" is no ID of this contract', "name the user name of one")


def _granted(contract: Draft, wanted: Sequence[Draft]) -> Mapping[str, Draft]:
    """Return the numbers that calls may use: those granted, or not to be decided at all."""
    automatic = wanted[:AUTOMATIC_NUMBERS]
    return {
        number: each
        for each in contract.parts("representative")
        if (number := each.number("number")) is not None
        and (each.text("state") == "granted" or (not each.has("state") and each in automatic))
    }


def _presented(identity: Draft, contract: Draft, granted: Mapping[str, Draft]) -> Iterator[Breach]:
    """Check that an ID presents its direct number, or one that it shares (R24, R25)."""
    number = identity.number("caller_id")
    if number is None or number == identity.number("number"):
        return
    path = identity.at("caller_id")
    own = {each.number("number") for each in contract.parts("representative")}
    if number not in own:
        right = "present the direct number or a representative number of the contract (R25)"
        yield Breach(path, f"{number} is no representative number of this contract", right)
    elif number not in granted:
        yield Breach(path, f"{number} is not granted", "present a granted number (R13)")
    elif identity.text("username") not in _names(granted[number]):
        right = "assign the number to the ID first (R16)"
        yield Breach(path, f"{number} is not assigned to this ID", right)


def _names(number: Draft) -> set[str | None]:
    return {each.text("id") for each in number.parts("assigned")}


def _flat_plan(identity: Draft) -> Iterator[Breach]:
    if identity.flag("flat_plan"):
        device = identity.part("device")
        kind = (device.text("kind") if device is not None else None) or "fixed"
        if kind != "app":
            right = "the flat plan is for apps, not for phones and adapters (R63)"
            yield Breach(identity.at("flat_plan"), f"the device is of kind {kind}", right)


def _secret(identity: Draft, algorithms: Sequence[object]) -> Iterator[Breach]:
    password, hashes = identity.has("password"), identity.has("ha1")
    if password == hashes:
        wrong = "both password and ha1" if password else "neither password nor ha1"
        yield Breach(identity.path, wrong, "an ID has one of them")
    kept = identity.part("ha1")
    if kept is not None:
        yield from _hashes(kept, algorithms)


def _hashes(hashes: Draft, algorithms: Sequence[object]) -> Iterator[Breach]:
    for algorithm in algorithms:
        if algorithm not in hashes.table:
            right = "give one for each of security.algorithms"
            yield Breach(hashes.path, f"no HA1 for {algorithm}", right)
    for algorithm, value in hashes.table.items():
        digits = HA1_HEX_DIGITS.get(algorithm, 0)
        if digits and not _is_hexadecimal(value, digits):
            yield Breach(hashes.at(algorithm), "is no HA1", f"write {digits} hexadecimal digits")


def _is_hexadecimal(value: object, digits: int) -> bool:
    return (
        isinstance(value, str)
        and len(value) == digits
        and set(value.lower()) <= set("0123456789abcdef")
    )


def _texts(drafts: Iterable[Draft], key: str) -> Values:
    return [(each.at(key), text) for each in drafts if (text := each.text(key)) is not None]


def _unique(values: Values, rule: str) -> Iterator[Breach]:
    places: dict[str, list[KeyPath]] = defaultdict(list)
    for path, value in values:
        places[value].append(path)
    for value, (first, *others) in places.items():
        for path in others:
            yield Breach(path, f'"{value}" is taken', rule, first=first)


def _elsewhere(values: Values, owners: Mapping[str, str], rule: str) -> Iterator[Breach]:
    for path, value in values:
        if value in owners:
            yield Breach(path, f'"{value}" is taken by contract {owners[value]}', rule)
