"""A small office for softphones: the switch's configuration, and phones that belong to it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.interop.support.daemon import Daemon
from tests.interop.support.order import Settings
from tests.interop.support.softphone import Softphone
from tests.support.certificates import Authority

FIRST_PORT = 4_000
PORTS = 400
"""Each run's own range for RTP, below that of a switch or a bench on the same machine; a port that
was given back rests for a while, so it takes more than the calls at once need."""

IDS = range(101, 110)

HEAD = """
[server]
data_dir = "data"
drain_seconds = 10.0
[timers]
t1 = 0.1
[security]
algorithms = [{algorithms}]
[http]
port = 0
[media]
address = "127.0.0.1"
ipv6 = "::1"
first_port = {first_port}
last_port = {last_port}
[[listener]]
transport = "udp"
host = "127.0.0.1"
port = 0
[[listener]]
transport = "tcp"
host = "127.0.0.1"
port = 0
[[listener]]
transport = "tls"
host = "127.0.0.1"
port = 0
certificate = "switch.pem"
key = "switch.key"
[[listener]]
transport = "udp"
host = "::1"
port = 0
[[listener]]
transport = "tcp"
host = "::1"
port = 0
[[contract]]
name = "office"
"""

IDENTITY = """
[[contract.id]]
username = "{user}"
password = "{password}"
extension = "{user}"
number = "{number}"
display_name = "Phone {user}"
"""

TRUNK = """
[[trunk]]
name = "{name}"
host = "{host}"
port = {port}
inbound = ["{host}"]
options_ping = {ping}
priority = {priority}
number_format = "national"
"""


def password(user: str) -> str:
    """Give an ID's password."""
    return f"secret-of-{user}"


def number(user: str) -> str:
    """Give an ID's direct number."""
    return f"05012340{user}"


def trunk(name: str, host: str, port: int, *, priority: int = 0, ping: int = 0) -> str:
    """Write a carrier's table."""
    return TRUNK.format(name=name, host=host, port=port, priority=priority, ping=ping)


class Office:
    """The switch, and the phones that were taken into use in it."""

    def __init__(
        self,
        folder: Path,
        *,
        trunks: str = "",
        algorithms: tuple[str, ...] = ("SHA-256", "MD5"),
        users: Iterable[int] = IDS,
    ) -> None:
        self.folder = folder
        authority = Authority(folder)
        self.authority = authority.ca
        authority.issue("switch", "127.0.0.1", "::1", "daihyo")
        identities = "".join(
            IDENTITY.format(user=user, password=password(str(user)), number=number(str(user)))
            for user in users
        )
        quoted = ", ".join(f'"{name}"' for name in algorithms)
        first = FIRST_PORT + os.getpid() % 20 * PORTS
        head = HEAD.format(algorithms=quoted, first_port=first, last_port=first + PORTS)
        self.daemon = Daemon(folder, head + identities + trunks)
        self.phones: list[Softphone] = []

    def start(self) -> "Office":
        """Run the switch."""
        self.daemon.start()
        return self

    def settings(
        self, user: str, transport: str = "udp", *, ipv6: bool = False, secret: str | None = None
    ) -> Settings:
        """Write down how a phone of this user reaches the switch."""
        host, port = self.daemon.addresses[transport + ("6" if ipv6 else "")]
        return Settings(
            user=user,
            password=password(user) if secret is None else secret,
            host=host,
            port=port,
            transport=transport,
            local="::1" if ipv6 else "127.0.0.1",
            authority=str(self.authority) if transport == "tls" else "",
        )

    def phone(self, kind: str, settings: Settings) -> Softphone:
        """Take a phone into use; it is not registered yet."""
        phone = Softphone(kind, settings)
        self.phones.append(phone)
        return phone.ready()

    def registered(self, kind: str, user: str, transport: str = "udp") -> Softphone:
        """Take a phone into use, and register it."""
        return self.phone(kind, self.settings(user, transport)).register()

    @contextmanager
    def guests(self) -> Iterator[None]:
        """Put away every phone that is taken into use meanwhile."""
        before = len(self.phones)
        try:
            yield
        finally:
            while len(self.phones) > before:
                self.phones.pop().close()

    def close(self) -> None:
        """Put away the phones, and end the switch."""
        while self.phones:
            self.phones.pop().close()
        self.daemon.close()
