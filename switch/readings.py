"""What is read from the running parts at each scrape, under the names that Prometheus sees."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from media.relay import SocketRelay
from media.termination import Termination
from routing.budget import Reach
from routing.limit import LimitKey, LimitKind
from switch.core import SwitchCore
from switch.driver import DriverCounters
from switch.log_limit import LogLimit
from switch.logs import Logs
from switch.metrics import Reading
from switch.store.writer import StoreWriter
from switch.transport.layer import TransportLayer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the numbers are."""

    core: SwitchCore
    transports: TransportLayer
    driver: DriverCounters
    relay: SocketRelay
    media: Termination
    writer: StoreWriter
    logs: Logs
    limit: LogLimit


def readings(parts: Parts) -> list[Reading]:
    """List every number that a part keeps."""
    return [*_signalling(parts), *_media(parts.relay, parts.media), *_records(parts)]


def _signalling(parts: Parts) -> list[Reading]:
    core, transports = parts.core, parts.transports
    return [
        _gauge("calls", "Calls in progress.", lambda: len(core.dispatcher.calls)),
        _gauge("registrations", "Bindings.", lambda: len(core.locations)),
        _gauge("transactions", "Live SIP transactions.", lambda: len(core.stack.layer)),
        _gauge("connections", "TCP and TLS connections.", lambda: len(transports.streams)),
        _labelled(
            "trunk_up", "1 for a trunk that takes calls now.", "trunk", lambda: _trunks(core)
        ),
        _labelled(
            "blocked",
            "IDs and contracts that may not call out, by what is stopped.",
            "reach",
            lambda: _blocked(core),
        ),
        _labelled("trunk_calls", "Calls on a trunk.", "trunk", lambda: _trunk_calls(core)),
        _fields("sip", "SIP messages and faults.", lambda: [parts.driver]),
        _fields("edge", "What arrived that was no message.", lambda: [transports.counters]),
        _fields("datagrams", "Datagrams on the SIP ports.", transports.datagrams.values),
        _fields(
            "streams", "TCP and TLS connections' events.", lambda: [transports.streams.counters]
        ),
    ]


def _media(relay: SocketRelay, media: Termination) -> list[Reading]:
    return [
        _gauge("media_endpoints", "Legs that have media ports.", lambda: len(relay)),
        _gauge("media_terminated", "Legs that the switch speaks with.", lambda: len(media)),
        _count("media_ticks_skipped", "Ticks given up.", lambda: media.ticks_skipped),
        _labelled("media_port_pairs_free", "RTP port pairs free.", "family", relay.free_pairs),
        _fields("media_packets", "RTP packets, live ones included.", lambda: [relay.traffic()]),
    ]


def _records(parts: Parts) -> list[Reading]:
    writer, logs, limit = parts.writer, parts.logs, parts.limit
    return [
        _gauge("store_queue", "Rows that wait for the database.", lambda: len(writer)),
        _count("store_rows", "Rows in the database since the start.", lambda: writer.written),
        _count("store_dropped", "Rows lost.", lambda: writer.dropped),
        _count("log_lines", "Log lines.", lambda: logs.written),
        _count("log_dropped", "Log lines lost to a stalled reader.", lambda: logs.dropped),
        _count("log_suppressed", "Warnings said too often to repeat.", lambda: limit.suppressed),
    ]


def _blocked(core: SwitchCore) -> dict[str, float]:
    blocks = core.budgets.blocks.in_force(core.dispatcher.wall())
    counts = Counter(block.reach for block in blocks)
    return {reach: counts[reach] for reach in Reach}


def _trunks(core: SwitchCore) -> dict[str, float]:
    healthy = core.trunks.healthy()
    return {trunk.name: float(trunk.name in healthy) for trunk in core.directory.trunks}


def _trunk_calls(core: SwitchCore) -> dict[str, float]:
    held = core.dispatcher.leases.held
    return {
        trunk.name: held(LimitKey(LimitKind.TRUNK, trunk.name)) for trunk in core.directory.trunks
    }


def _gauge(name: str, text: str, read: Callable[[], float]) -> Reading:
    return Reading(f"daihyo_{name}", text, lambda: {"": read()})


def _count(name: str, text: str, read: Callable[[], float]) -> Reading:
    return Reading(f"daihyo_{name}", text, lambda: {"": read()}, is_counter=True)


def _labelled(name: str, text: str, label: str, read: Callable[[], dict[str, float]]) -> Reading:
    return Reading(f"daihyo_{name}", text, read, label=label)


def _fields(name: str, text: str, read: Callable[[], "Iterable[DataclassInstance]"]) -> Reading:
    """Read every number of some counters, by its name; counters of one kind are summed up."""

    def sums() -> dict[str, float]:
        found: dict[str, float] = {}
        for counters in read():
            for field in fields(counters):
                value = getattr(counters, field.name)
                found[field.name] = found.get(field.name, 0) + value
        return found

    return Reading(f"daihyo_{name}", text, sums, label="kind", is_counter=True)
