"""From the operator's settings to the components' own: what each part is told of the configuration.

Beside `switch.app` the only module that knows both sides.
"""

import secrets
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from config.fraud import ContractFraud, DeviceFraud, Fraud
from config.model import Settings
from config.model import Trunk as TrunkTable
from config.route import Route as RouteTable
from media.relay import RelaySettings
from media.termination import TerminationSettings
from provisioning.snapshot import customer_of
from routing.budget import Allowance, Budget
from routing.carrier import CarrierRoute
from routing.customer import Customer
from routing.destination import Destination
from routing.directory import Directory
from routing.hours import Hours
from routing.number import NumberFormat, NumberKind
from routing.trunk import (
    DidSource,
    IdentityField,
    Trunk,
    TrunkCredential,
    TrunkRegistration,
    Withholding,
)
from switch.b2bua.dispatcher import CallSettings
from switch.core import CoreSettings, SwitchCore
from switch.effect import Level, WriteBinding, WriteBlock
from switch.entropy import EntropyTokens
from switch.guard.admission import Limits
from switch.guard.fraud import FraudSettings
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


def termination_settings(settings: Settings) -> TerminationSettings:
    """Tell the terminating plane; a relay on every interface is reached on the loopback."""
    media = settings.media
    is_everywhere = ip_address(media.address).is_unspecified
    return TerminationSettings(
        host="127.0.0.1" if is_everywhere else media.address,
        prompts=media.prompts,
        max_terminals=media.max_terminated,
    )


def directory(settings: Settings, stored: Iterable[Customer] = ()) -> Directory:
    """Make the snapshot of the configuration's and the store's customers, trunks and routes."""
    return Directory.build(
        (*customers(settings), *stored), trunks(settings), carrier_routes(settings)
    )


def customers(settings: Settings) -> list[Customer]:
    """List the customers whose contracts are in the configuration."""
    return [customer_of(contract) for contract in settings.contracts]


def trunks(settings: Settings) -> list[Trunk]:
    """List the carriers' lines."""
    return [_trunk(table) for table in settings.trunks]


def carrier_routes(settings: Settings) -> list[CarrierRoute]:
    """List which trunk is for which destination."""
    return [_route(table) for table in settings.routes]


def core(
    settings: Settings,
    listeners: Sequence[Listener],
    wall_offset: float,
    bindings: Iterable[WriteBinding],
    blocks: Iterable[WriteBlock] = (),
    stored: Iterable[Customer] = (),
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
        fraud=fraud_settings(settings.fraud),
    )
    return SwitchCore(
        core_settings,
        directory(settings, stored),
        EntropyTokens(),
        wall_offset,
        tuple(bindings),
        tuple(blocks),
    )


def fraud_settings(fraud: Fraud) -> FraudSettings:
    """Tell the budgets; prices become floating point, because they guard and do not bill."""
    return FraudSettings(
        device=_allowance(fraud.device),
        contract=_allowance(fraud.contract),
        rates={NumberKind(kind): float(rate) for kind, rate in fraud.yen_a_minute.items()},
        noteworthy_calls=fraud.noteworthy_calls,
        longest_abroad=fraud.longest_abroad,
        ends_calls=fraud.end_calls,
    )


def _allowance(table: DeviceFraud | ContractFraud) -> Allowance:
    return Allowance(
        *(
            Budget(each.calls_per_hour, each.calls_per_day, each.calls_at_once, each.yen_per_day)
            for each in (table.domestic, table.abroad)
        )
    )


def domain(settings: Settings, listeners: Sequence[Listener]) -> str:
    """Find what stands after the @ of our users' addresses: something a phone can call back."""
    return settings.server.domain or listeners[0].advertised.host


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
        called_format=NumberFormat(table.called_format) if table.called_format else None,
        did_in=DidSource(table.did_in.replace("-", "_")),
        did_prefix=table.did_prefix,
        priority=table.priority,
        max_calls=table.max_calls,
        options_interval=float(table.options_ping) or None,
        credential=credential,
        registration=registration,
        numbers=frozenset(table.numbers),
        trusted=table.trusted,
        identity=IdentityField(table.identity.replace("-", "_")) if table.identity else None,
        withholding=Withholding(table.withhold_by),
        user_phone=table.user_phone,
        tel_uris=table.tel_uris,
        transports=frozenset(map(Transport, table.inbound_transports)),
        ports=frozenset(table.inbound_ports),
    )


def _route(table: RouteTable) -> CarrierRoute:
    return CarrierRoute(
        trunk=table.trunk,
        destination=Destination.parse(table.destination),
        priority=table.priority,
        weight=table.weight,
        hours=Hours.parse(*table.hours),
        rate_per_minute=table.rate_per_minute,
    )


def _own_address(host: str) -> tuple[str, ...]:
    """Accept calls from where ours go, when that is an address and nothing else is said."""
    return (host,) if is_literal(host) else ()


def _shown(address: str, *, is_ipv6: bool) -> str:
    is_every = address in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return outward_host(is_ipv6=is_ipv6) if is_every else address
