"""The settings of a simulated switch's core: every listener, short and fixed secrets."""

from switch.core import CoreSettings
from switch.sip.flow import Address, Transport
from switch.sip.stack import Listener

HOSTS = ("198.51.100.1", "2001:db8::1")


def core_settings(domain: str) -> CoreSettings:
    """Make the settings."""
    listeners = tuple(
        Listener(transport, Address(host, 5060), Address(host, 5060))
        for host in HOSTS
        for transport in (Transport.UDP, Transport.TCP)
    )
    return CoreSettings(
        listeners=listeners, domain=domain, nonce_secret=b"a secret of the simulation"
    )
