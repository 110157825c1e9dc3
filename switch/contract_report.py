"""Contracts as tables for the terminal."""

from rich.console import Console
from rich.table import Table

from provisioning.contract import Contract, Identity, NumberOptions
from provisioning.office import Taken
from routing.number import Number


def contracts(found: list[Contract], console: Console) -> None:
    """List contracts, a line each."""
    table = _table("contract", "customer", "main number", "IDs", "representative", "state")
    for contract in found:
        table.add_row(
            contract.name,
            contract.customer,
            national(contract.ids[0].number),
            str(len(contract.ids)),
            ", ".join(national(each.number) for each in contract.representatives),
            "suspended" if contract.suspended else "",
        )
    console.print(table)


def contract(found: Contract, console: Console) -> None:
    """Show one contract: its IDs, and its numbers with who rings for them."""
    console.print(f"contract {found.name}", markup=False)
    for line in (found.customer, found.address):
        if line:
            console.print(line, markup=False)
    console.print("\n[bold]IDs[/bold]")
    ids = _table("user", "ID", "extension", "direct number", "device", "presents", "options")
    for position, identity in enumerate(found.ids):
        ids.add_row(
            identity.username,
            "additional" if position else "basic",
            identity.extension,
            national(identity.number),
            _device(identity),
            national(identity.caller_id or identity.number),
            ", ".join((*_options(identity), *_plans(identity), *_handling(identity))),
        )
    console.print(ids)
    if found.representatives:
        console.print("\n[bold]representative numbers[/bold]")
        numbers = _table("number", "name", "state", "rings", "silent", "options")
        for number in found.representatives:
            numbers.add_row(
                national(number.number),
                number.name,
                number.state.value if number.state else "",
                ", ".join(each.id for each in number.assigned if each.rings),
                ", ".join(each.id for each in number.assigned if not each.rings),
                ", ".join(_options(number)),
            )
        console.print(numbers)


def taken(done: Taken, console: Console) -> None:
    """Tell what an import did."""
    table = _table("contracts", "", "")
    for what, names in (
        ("added", done.added),
        ("changed", done.changed),
        ("unchanged", done.unchanged),
    ):
        table.add_row(what, str(len(names)), _shortened(names))
    console.print(table)


def national(number: str) -> str:
    """Write a number as it is dialled in Japan."""
    return Number.parse(number).national


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")


def _device(identity: Identity) -> str:
    device = identity.device
    if device is None:
        return ""
    return " ".join(filter(None, (device.kind.value, device.model, device.mac)))


def _options(number: NumberOptions) -> list[str]:
    found = []
    if number.voicemail is not None:
        found.append(f"voicemail after {number.voicemail.delay:g} s")
    if number.fax is not None:
        found.append(f"fax {number.fax.mode.value}")
    if number.after_hours:
        found.append("after hours")
    if number.port_in is not None:
        start = number.port_in.in_service_from
        found.append(f"port-in {start:%Y-%m-%d}" if start else "port-in without a date")
    return found


def _plans(identity: Identity) -> list[str]:
    plans = (("flat plan", identity.flat_plan), ("phonebook", identity.phonebook))
    return [name for name, has in plans if has]


def _handling(identity: Identity) -> list[str]:
    forward = identity.forward
    after = f"unanswered after {forward.after:g} s"
    forwards = (
        ("", forward.always),
        ("busy ", forward.busy),
        (f"{after} ", forward.no_answer),
        ("unreachable ", forward.unreachable),
    )
    settings = (
        ("do not disturb", identity.do_not_disturb),
        ("no call waiting", not identity.call_waiting),
        ("rejects anonymous", identity.reject_anonymous),
        (f"rejects {len(identity.rejected)}", bool(identity.rejected)),
    )
    return [
        *(f"{when}to {_target(target)}" for when, target in forwards if target is not None),
        *(name for name, is_set in settings if is_set),
    ]


def _target(target: str) -> str:
    return national(target) if target.startswith("+") else target


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table
