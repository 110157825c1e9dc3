"""A shop on a representative number: two fixed phones and two apps, whose contract is imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from switch.transport.trace import Direction
from tests.interop.support.daemon import Daemon
from tests.interop.support.office import Office, number, password
from tests.interop.support.softphone import Softphone

MAIN = "0312340100"
"""The representative number that all four IDs share."""

KINDS = {"101": "fixed", "102": "fixed", "103": "app", "104": "app"}
STACKS = {"101": "baresip", "102": "pjsua", "103": "baresip", "104": "pjsua"}

NEIGHBOURS = range(111, 112)
"""The IDs of another contract at the same switch."""

HEAD = """
version = 1
[[contract]]
name = "shop"
customer = "A Shop"
address = "1-1 Chiyoda, Tokyo"
"""

IDENTITY = """
[[contract.id]]
username = "{user}"
password = "{password}"
extension = "{user}"
number = "{number}"
display_name = "Phone {user}"
device = {{ kind = "{kind}" }}
"""

SHARED = """
[[contract.representative]]
number = "{number}"
name = "Shop"
assigned = [{assigned}]
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """The switch, its four phones, and how they are called."""

    office: Office
    desk: Softphone
    """A fixed phone on baresip."""
    counter: Softphone
    """A fixed phone on pjsua."""
    sato: Softphone
    """An app on baresip."""
    suzuki: Softphone
    """An app on pjsua."""

    @property
    def daemon(self) -> Daemon:
        """The switch's process."""
        return self.office.daemon

    @property
    def phones(self) -> tuple[Softphone, ...]:
        """All four."""
        return (self.desk, self.counter, self.sato, self.suzuki)

    def all_register(self) -> None:
        """Register whoever is not registered."""
        bound = {binding.device for binding in self.daemon.bindings()}
        for phone in self.phones:
            if phone.user not in bound:
                phone.register()

    @contextmanager
    def given(self, user: str, option: str, value: str, after: str) -> Iterator[None]:
        """Set something of an ID by command while the switch runs, and set it back afterwards."""
        self.daemon.ask("id", "set", user, option, value)
        try:
            yield
        finally:
            self.daemon.ask("id", "set", user, option, after)

    def is_silent(self, *phones: Softphone, since: float) -> bool:
        """Tell whether no INVITE was sent to any of these registered phones, nor heard by one."""
        flows = {binding.device: binding.flow for binding in self.daemon.bindings()}
        reached = self.sent("INVITE", since)
        return not any(flows[each.user] in reached or each.has_said("incoming") for each in phones)

    def sent(self, what: str, since: float) -> dict[str, str]:
        """Give the first message of this kind to each flow since a time."""
        found: dict[str, str] = {}
        for message in self.daemon.messages(since):
            if message.what == what and message.direction is Direction.SENT:
                found.setdefault(str(message.flow), message.octets.decode())
        return found

    def flow(self, phone: Softphone) -> str:
        """Tell where a phone is registered."""
        found = {binding.device: binding.flow for binding in self.daemon.bindings()}
        return found[phone.user]


def open_shop(office: Office) -> Shop:
    """Import the contract into the switch that runs, and register its phones."""
    file = Path(office.folder, "shop.toml")
    file.write_text(_contract())
    office.daemon.ask("import", str(file))
    phones = [office.registered(STACKS[user], user) for user in KINDS]
    return Shop(office, *phones)


def _contract() -> str:
    identities = "".join(
        IDENTITY.format(user=user, password=password(user), number=number(user), kind=kind)
        for user, kind in KINDS.items()
    )
    assigned = ", ".join(f'{{ id = "{user}" }}' for user in KINDS)
    return HEAD + identities + SHARED.format(number=MAIN, assigned=assigned)
