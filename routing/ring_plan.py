"""The ring plan: which devices ring for a number, fixed phones first (R3, R15, R31, R32, R42)."""

from collections.abc import Sequence

import msgspec

from routing.case import Case
from routing.channel import device_claim
from routing.device import Device, DeviceKind
from routing.line import Line
from routing.trace import Finding, Rule


class RingPlan(msgspec.Struct, frozen=True):
    """Who rings, stage after stage; nobody when `stages` is empty."""

    stages: tuple[tuple[Device, ...], ...] = ()
    late: tuple[Device, ...] = ()
    is_busy: bool = False
    """Whether nobody rings because all have as many calls as they may."""


def plan(case: Case, line: Line) -> RingPlan:
    """Decide who rings for a number as things stand; the caller's own device never does."""
    devices = _ringing(case, line)
    free = [device for device in devices if case.has_room(device_claim(device))]
    ready = [device for device in free if case.standing.is_registered(device.username)]
    fixed = tuple(device for device in ready if device.kind is not DeviceKind.APP)
    apps = tuple(device for device in ready if device.kind is DeviceKind.APP)
    if not ready:
        finding = _why_nobody(devices, free)
        found = RingPlan(is_busy=finding is Finding.ALL_BUSY)
    elif not line.is_representative:
        finding, found = Finding.DIRECT, RingPlan((tuple(ready),))
    else:
        finding = _order(fixed, apps, devices)
        stages = tuple(stage for stage in (fixed, apps) if stage)
        found = RingPlan(stages, _late(case, free, stages[0]))
    case.trace.note(
        Rule.RING_PLAN, finding, line.number, names(fixed), names(apps), names(found.late)
    )
    return found


def _ringing(case: Case, line: Line) -> list[Device]:
    """Return whose devices ring for a number, as its IDs have set it."""
    devices = case.directory.devices
    ringing = [
        devices[ringer.username]
        for ringer in line.ringers
        # Its ID always rings for a direct number (R3.1); the switch of R32 is for shared ones.
        if (ringer.rings or not line.is_representative) and not case.is_party(ringer.username)
    ]
    return [device for device in ringing if not _is_silent(case, device)]


def _is_silent(case: Case, device: Device) -> bool:
    """Tell whether a device is not to be disturbed; a direct number has seen to it before."""
    if device.handling.do_not_disturb:
        case.trace.note(Rule.DO_NOT_DISTURB, Finding.SILENT, device.username)
    return device.handling.do_not_disturb


def _why_nobody(devices: list[Device], free: list[Device]) -> Finding:
    if not devices:
        return Finding.NOBODY_RINGS
    # One that is not registered could not have been reached; with one of each it is still busy.
    return Finding.UNREACHABLE if len(free) == len(devices) else Finding.ALL_BUSY


def _order(fixed: Sequence[Device], apps: Sequence[Device], devices: list[Device]) -> Finding:
    if fixed:
        return Finding.FIXED_FIRST if apps else Finding.FIXED_ALONE
    rings_fixed = any(device.kind.is_fixed for device in devices)
    return Finding.APPS_INSTEAD if rings_fixed else Finding.APPS_ALONE


def _late(case: Case, free: list[Device], first: tuple[Device, ...]) -> tuple[Device, ...]:
    """Return who may join when it registers afresh: silent apps, and fixed phones not there."""
    ringing = {device.username for device in first}
    return tuple(
        device
        for device in free
        if device.username not in ringing
        and (not device.kind.is_fixed or not case.standing.is_registered(device.username))
    )


def names(devices: Sequence[Device]) -> str:
    """Name devices as a trace does."""
    return ", ".join(device.username for device in devices)
