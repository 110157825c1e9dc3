"""A contract as calls see it: the `Customer` that the directory takes."""

from math import inf

from provisioning import contract as written
from provisioning.contract import Contract, Identity, NumberOptions, NumberState, Representative
from routing.budget import Allowance, Budget
from routing.customer import Customer
from routing.device import DEFAULT_BARRED, CalledDisplay, Device
from routing.handling import PLAIN, CallHandling, Condition
from routing.line import Line, LineKind, Ringer
from routing.number import NumberKind

BARS = {
    "international": NumberKind.INTERNATIONAL,
    "premium": NumberKind.SERVICE,
    "carrier_selection": NumberKind.CARRIER_SELECTION,
    "navi": NumberKind.NAVI,
    "mobile": NumberKind.MOBILE,
    "services": NumberKind.SHORT_CODE,
}
"""Which kind of number each bar is about."""


def customer_of(contract: Contract) -> Customer:
    """Make the customer of a contract; numbers that are not granted are not in it (R13)."""
    granted = [number for number in contract.representatives if number.state is NumberState.GRANTED]
    direct = [_direct(contract, each) for each in contract.ids if _has_options(each)]
    return Customer(
        contract=contract.name,
        devices=tuple(_device(contract, identity) for identity in contract.ids),
        lines=(*direct, *(_shared(contract, number) for number in granted)),
        max_calls=contract.max_calls,
        rejected=frozenset(contract.rejected),
        rejects_anonymous=contract.reject_anonymous,
        budget=_allowance(contract.budget),
        is_suspended=contract.suspended,
    )


def barred(contract: written.Barring, identity: written.Barring) -> frozenset[NumberKind]:
    """Add up what a contract and an ID bar; what neither mentions is as the default."""
    if not contract.model_fields_set | identity.model_fields_set:
        return DEFAULT_BARRED  # one set for the many who say nothing
    found = set(DEFAULT_BARRED)
    for name, kind in BARS.items():
        said = {getattr(contract, name), getattr(identity, name)} - {None}
        if True in said:
            found.add(kind)
        elif said:
            found.discard(kind)
    return frozenset(found)


def _device(contract: Contract, identity: Identity) -> Device:
    device = identity.device
    return Device(
        username=identity.username,
        contract=contract.name,
        extension=identity.extension,
        number=identity.number,
        display_name=identity.display_name,
        kind=identity.kind,
        ha1={str(name): value for name, value in identity.ha1.items()},
        barred=barred(contract.barring, identity.barring),
        countries=_countries(contract.barring.countries, identity.barring.countries),
        caller_id=identity.caller_id,
        called_display=CalledDisplay.DISPLAY_NAME if device is None else device.called_display,
        max_calls=identity.max_calls,
        budget=_allowance(identity.budget),
        handling=_handling(identity),
    )


def _handling(identity: Identity) -> CallHandling:
    """Make what an ID has set of its calls; one value for the many who set nothing."""
    targets = {each: getattr(identity.forward, each.value) for each in Condition}
    handling = CallHandling(
        forwards={condition: target for condition, target in targets.items() if target},
        no_answer_delay=float(identity.forward.after),
        do_not_disturb=identity.do_not_disturb,
        call_waiting=identity.call_waiting,
        rejected=frozenset(identity.rejected),
        rejects_anonymous=identity.reject_anonymous,
    )
    return PLAIN if handling == PLAIN else handling


def _countries(contract: list[str] | None, identity: list[str] | None) -> frozenset[str] | None:
    """Allow what both lists allow; a list that is not there allows any country."""
    lists = [set(each) for each in (contract, identity) if each is not None]
    return frozenset(set.intersection(*lists)) if lists else None


def _has_options(number: NumberOptions) -> bool:
    """Whether a direct number is more than the directory assumes of one."""
    return number.after_hours or any((number.voicemail, number.fax, number.port_in))


def _direct(contract: Contract, identity: Identity) -> Line:
    ringers = (Ringer(identity.username),)
    return Line(
        identity.number,
        contract.name,
        LineKind.DIRECT,
        ringers,
        in_service_from=_start(identity),
        fax=identity.fax.mode if identity.fax is not None else None,
        after_hours=identity.after_hours,
        voicemail_delay=_delay(identity),
    )


def _shared(contract: Contract, number: Representative) -> Line:
    return Line(
        number.number,
        contract.name,
        LineKind.REPRESENTATIVE,
        tuple(Ringer(each.id, each.rings) for each in number.assigned),
        name=number.name,
        in_service_from=_start(number),
        when_full=number.when_full,
        fax=number.fax.mode if number.fax is not None else None,
        after_hours=number.after_hours,
        voicemail_delay=_delay(number),
    )


def _start(number: NumberOptions) -> float:
    """Tell from when a number is in service, in Unix seconds (R73, R78)."""
    if number.port_in is None:
        return -inf
    moment = number.port_in.in_service_from
    return inf if moment is None else moment.timestamp()


def _delay(number: NumberOptions) -> float | None:
    return None if number.voicemail is None else float(number.voicemail.delay)


def _allowance(allowance: written.Allowance | None) -> Allowance | None:
    if allowance is None:
        return None
    return Allowance(_budget(allowance.domestic), _budget(allowance.abroad))


def _budget(budget: written.Budget | None) -> Budget | None:
    return None if budget is None else Budget(**budget.model_dump())
