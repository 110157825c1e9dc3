"""From the operator's settings to the components' own: what each part is told of the configuration.

Beside `switch.app` the only module that knows both sides.
"""

import secrets
from collections.abc import Iterable, Sequence

from config.model import Contract, Identity, Settings
from config.model import Trunk as TrunkTable
from media.relay import RelaySettings
from routing.customer import plain_customers
from routing.device import DEFAULT_BARRED, Device, DeviceKind
from routing.directory import Directory
from routing.number import NumberFormat, NumberKind
from routing.trunk import DidSource, Trunk, TrunkCredential, TrunkRegistration
from switch.b2bua.dispatcher import CallSettings
from switch.core import CoreSettings, SwitchCore
from switch.effect import Level, WriteBinding
from switch.entropy import EntropyTokens
from switch.guard.admission import Limits
from switch.logs import LogSettings
from switch.registrar.settings import RegistrarSettings
from switch.sip.digest import Algorithm
from switch.sip.flow import Transport
from switch.sip.stack import Listener as StackListener
from switch.sip.timer import TimerValues
from switch.transport.address import Listener, ListenerSettings, is_literal
from switch.transport.layer import TransportSettings
from switch.transport.resolver import ResolverSettings
from switch.transport.tls import TlsClientSettings
from switch.transport.udp import outward_host

SECRET_OCTETS = 32
"""The key of the nonces: drawn at every start, so that earlier ones are merely stale."""


def log_settings(settings: Settings) -> LogSettings:
    """Tell the logs."""
    log = settings.log
    return LogSettings(log.format, Level[log.level.upper()], log.mask_numbers)


def transport_settings(settings: Settings) -> TransportSettings:
    """Tell the transports."""
    return TransportSettings(
        tuple(
            ListenerSettings(
                Transport(listener.transport),
                listener.host,
                listener.port,
                listener.advertise,
                certificate=listener.certificate,
                key=listener.key,
                ca=listener.ca,
            )
            for listener in settings.listeners
        ),
        tls_client=TlsClientSettings(
            settings.tls.ca, settings.tls.certificate, settings.tls.key, settings.tls.verify
        ),
    )


def resolver_settings(settings: Settings) -> ResolverSettings:
    """Tell the resolver."""
    dns = settings.dns
    return ResolverSettings(tuple(dns.servers), dns.port, dns.timeout)


def relay_settings(settings: Settings) -> RelaySettings:
    """Tell the media relay; an address on every interface is shown as the one that reaches out."""
    media = settings.media
    return RelaySettings(
        port_low=media.first_port,
        port_high=media.last_port,
        address_v4=media.address,
        advertise_v4=media.advertise or _shown(media.address, is_ipv6=False),
        address_v6=media.ipv6,
        advertise_v6=media.advertise_ipv6
        or (_shown(media.ipv6, is_ipv6=True) if media.ipv6 else None),
    )


def directory(settings: Settings) -> Directory:
    """Make the snapshot of contracts and trunks."""
    customers = plain_customers(_devices(settings.contracts))
    return Directory.build(customers, [_trunk(table) for table in settings.trunks])


def core(
    settings: Settings,
    listeners: Sequence[Listener],
    wall_offset: float,
    bindings: Iterable[WriteBinding],
) -> SwitchCore:
    """Make the switch itself."""
    timers, registrar, security = settings.timers, settings.registrar, settings.security
    core_settings = CoreSettings(
        listeners=tuple(
            StackListener(each.transport, each.local, each.advertised) for each in listeners
        ),
        domain=domain(settings, listeners),
        realm=settings.server.realm,
        nonce_secret=secrets.token_bytes(SECRET_OCTETS),
        nonce_lifetime=security.nonce_lifetime,
        algorithms=tuple(Algorithm(name) for name in security.algorithms),
        timers=TimerValues(timers.t1, timers.t2, timers.t4),
        calls=CallSettings(
            max_calls=settings.server.max_calls,
            session_interval=timers.session_expires,
            session_minimum=timers.min_session_expires,
        ),
        registrar=RegistrarSettings(
            min_expires=registrar.min_expires,
            default_expires=registrar.default_expires,
            max_expires=registrar.max_expires,
        ),
        limits=Limits(
            requests_per_second=security.requests_per_second,
            request_burst=security.request_burst,
            failures_before_ban=security.failures_before_ban,
            ban_seconds=security.ban_seconds,
        ),
    )
    return SwitchCore(
        core_settings, directory(settings), EntropyTokens(), wall_offset, tuple(bindings)
    )


def domain(settings: Settings, listeners: Sequence[Listener]) -> str:
    """Find what stands after the @ of our users' addresses: something a phone can call back."""
    return settings.server.domain or listeners[0].advertised.host


def _devices(contracts: Iterable[Contract]) -> list[Device]:
    return [_device(contract, identity) for contract in contracts for identity in contract.ids]


def _device(contract: Contract, identity: Identity) -> Device:
    return Device(
        username=identity.username,
        contract=contract.name,
        extension=identity.extension,
        number=identity.number,
        display_name=identity.display_name,
        kind=DeviceKind(identity.kind),
        ha1={str(name): value for name, value in identity.ha1.items()},
        barred=DEFAULT_BARRED - ({NumberKind.INTERNATIONAL} if identity.international else set()),
    )


def _trunk(table: TrunkTable) -> Trunk:
    register = table.register_with
    credential = registration = None
    if register is not None:
        credential = TrunkCredential(register.username, register.password, register.realm)
        registration = TrunkRegistration(
            register.user or register.username,
            register.domain or table.host,
            register.expires,
            register.contact_user,
        )
    return Trunk(
        name=table.name,
        host=table.host,
        port=table.port,
        transport=Transport(table.transport) if table.transport else None,
        addresses=tuple(table.inbound) or _own_address(table.host),
        number_format=NumberFormat(table.number_format),
        did_in=DidSource(table.did_in.replace("-", "_")),
        priority=table.priority,
        max_calls=table.max_calls,
        options_interval=float(table.options_ping) or None,
        credential=credential,
        registration=registration,
        numbers=frozenset(table.numbers),
    )


def _own_address(host: str) -> tuple[str, ...]:
    """Accept calls from where ours go, when that is an address and nothing else is said."""
    return (host,) if is_literal(host) else ()


def _shown(address: str, *, is_ipv6: bool) -> str:
    is_every = address in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return outward_host(is_ipv6=is_ipv6) if is_every else address
