"""An office: fixed phones, a phone behind an ATA, and apps that share a representative number.

Beside it in the same switch: a contract of one phone, `neighbour`, for whom nothing here may ring.
"""

from collections.abc import Iterable, Mapping

from routing.customer import Customer
from routing.device import CalledDisplay, Device, DeviceKind
from routing.directory import Directory
from routing.line import Line, LineKind, Ringer, WhenFull
from routing.trunk import Trunk
from tests.support.network import Link
from tests.support.switch import Place, World, credentials, trunks

CONTRACT = "office"
HEAD = "+81398765000"
"""The representative number, called 本社."""
SALES = "+81398765001"
"""Another one, called 営業."""
HEAD_DIALLED, SALES_DIALLED = "0398765000", "0398765001"

STAFF: Mapping[str, Place] = {
    "desk": (CONTRACT, "201", "+81312340201", "192.0.2.21"),
    "lobby": (CONTRACT, "202", "+81312340202", "192.0.2.22"),
    "hana": (CONTRACT, "203", "+81312340203", "192.0.2.23"),
    "taro": (CONTRACT, "204", "+81312340204", "192.0.2.24"),
    "neighbour": ("next-door", "201", "+81312340901", "192.0.2.91"),
}
KINDS = {"desk": DeviceKind.FIXED, "lobby": DeviceKind.ATA, "neighbour": DeviceKind.FIXED}
"""The others are apps."""


def staff(
    name: str,
    *,
    caller_id: str | None = None,
    display: CalledDisplay = CalledDisplay.DISPLAY_NAME,
    max_calls: int | None = None,
) -> Device:
    """Make the directory's entry of a member of the staff."""
    contract, extension, number, _ = STAFF[name]
    kind = KINDS.get(name, DeviceKind.APP)
    return Device(
        name, contract, extension, number, name.title(), kind, credentials(name),
        caller_id=caller_id, called_display=display, max_calls=max_calls,
    )  # fmt: skip


def shared(
    number: str,
    *ringers: str,
    silent: Iterable[str] = (),
    when_full: WhenFull = WhenFull.BUSY,
    voicemail_delay: float | None = None,
) -> Line:
    """Make a representative number that rings some and may be presented by the silent ones too."""
    assigned = (*map(Ringer, ringers), *(Ringer(name, rings=False) for name in silent))
    name = "本社" if number == HEAD else "営業"
    return Line(
        number, CONTRACT, LineKind.REPRESENTATIVE, assigned, name,
        when_full=when_full, voicemail_delay=voicemail_delay,
    )  # fmt: skip


def office(*lines: Line, devices: Iterable[Device] | None = None) -> Customer:
    """Make the contract: one ID a device, and its representative numbers."""
    names = (name for name, place in STAFF.items() if place[0] == CONTRACT)
    return Customer(CONTRACT, tuple(devices or map(staff, names)), lines)


def small_office(*names: str, ringers: Iterable[str] | None = None) -> Customer:
    """Make a contract of these devices, some or all of which ring for the representative number."""
    line = shared(HEAD, *(names if ringers is None else ringers))
    return office(line, devices=[staff(name) for name in names])


def directory_of(customer: Customer, carriers: Iterable[Trunk] | None = None) -> Directory:
    """Make the directory of the office and its neighbour."""
    neighbour = Customer("next-door", (staff("neighbour"),))
    return Directory.build((customer, neighbour), trunks() if carriers is None else carriers)


def office_world(
    customer: Customer,
    *registered: str,
    seed: str | int = 1,
    link: Link | None = None,
    carriers: Iterable[Trunk] | None = None,
) -> World:
    """Set the stage of an office and let some of its phones register."""
    world = World(seed, link, directory=directory_of(customer, carriers), places=STAFF)
    if registered:
        world.register(*registered)
    return world
