"""The user-space media relay: endpoints on port pairs, carried by a thread or the event loop.

`NativeRelay` and `UvloopRelay` differ in the packet path only; both are a `media.plane.MediaRelay`.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from media.address import canonical_host, far_side
from media.descriptors import claim_descriptors
from media.endpoint import Endpoint, Stream
from media.loop_path import LoopPath
from media.packet_path import Course, PacketPath, Place
from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Connect,
    Direct,
    Latched,
    MediaAddress,
    MediaCommand,
    MediaReport,
    Release,
    Released,
    StreamCounters,
)
from media.port_pair import NoPortsError, PortPairs
from media.port_pool import QUARANTINE, PortPool
from media.traffic import Traffic
from media.watch import ONE_WAY_AFTER, Side, Watch

MAX_STREAMS = 8
"""Streams an endpoint may have: an offer may carry many media lines, each costs two sockets."""
EXPEDITED_FORWARDING = 0xB8
"""The octet of DSCP EF (RFC 3246), by which networks know voice."""
FRESH = 2.0
"""A pair that both sides spoke in for this long, in seconds, needs no closer look of the watch."""


@dataclass(frozen=True, kw_only=True)
class RelaySettings:
    """Where the relay listens and what it tells far sides."""

    port_low: int
    port_high: int
    """The last port of the range; RTCP may use it."""
    address_v4: str = "0.0.0.0"  # noqa: S104 - phones come from everywhere
    advertise_v4: str = "127.0.0.1"
    address_v6: str | None = None
    """None: there is no IPv6."""
    advertise_v6: str | None = None
    tos: int = EXPEDITED_FORWARDING
    quarantine: float = QUARANTINE
    """How long a freed port rests."""
    one_way_after: float = ONE_WAY_AFTER
    """When a silent side is a fault."""
    watch_interval: float = 1.0
    """How often silence is looked for."""

    @property
    def pairs(self) -> int:
        """Count the pairs of ports of one address family, the uneven rest included."""
        return (self.port_high - self.port_low) // 2 + 1


class SocketRelay:
    """A relay over a packet path."""

    is_native = False
    """Whether packets are carried without the interpreter."""

    def __init__(self, settings: RelaySettings, make_path: Callable[[], PacketPath]) -> None:
        self._settings = settings
        self._make_path = make_path
        self._path: PacketPath | None = None
        self._families = {False: self._pairs(settings.address_v4)}
        if settings.address_v6 is not None:
            self._families[True] = self._pairs(settings.address_v6)
        self._endpoints: dict[str, Endpoint] = {}
        self._slots: dict[int, tuple[Endpoint, int]] = {}
        self._watch = Watch(one_way_after=settings.one_way_after)
        self._timer: asyncio.TimerHandle | None = None
        self._report: Callable[[MediaReport], None] = lambda _report: None
        self._waiting: list[MediaReport] = []
        self._ended = Traffic()
        """What endpoints carried that are gone."""

    def __repr__(self) -> str:
        name = self._path.name if self._path else "stopped"
        return f"<{type(self).__name__} {name}, {len(self._endpoints)} endpoints>"

    def __len__(self) -> int:
        """Count the endpoints."""
        return len(self._endpoints)

    def start(self, report: Callable[[MediaReport], None]) -> None:
        """Begin on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._report = report
        claim_descriptors(2 * self._settings.pairs * len(self._families))
        self._path = self._make_path()
        self._path.start(self._tell_locked)
        self._timer = self._loop.call_later(self._settings.watch_interval, self._look)

    def perform(self, command: MediaCommand) -> None:
        """Carry out a command; what answers it is reported before this returns."""
        match command:
            case Allocate():
                self._allocate(command)
            case Direct():
                self._direct(command)
            case Connect():
                self._connect(command)
            case Release():
                self._release(command)

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Read the endpoint's counters as they stand."""
        known = self._endpoints.get(endpoint)
        if known is None:
            return ()
        return tuple(self._running.read(stream.slot).counters for stream in known.streams)

    def traffic(self) -> Traffic:
        """Sum up every packet since the start, those of endpoints in use included."""
        total = replace(self._ended)
        for name in self._endpoints:
            total.add(self.counters(name))
        return total

    def free_pairs(self) -> dict[str, float]:
        """Count the free port pairs of each address family."""
        return {
            "ipv6" if is_ipv6 else "ipv4": float(len(pairs))
            for is_ipv6, pairs in self._families.items()
        }

    async def close(self) -> None:
        """Release every port and stop; nothing is reported any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._path is not None:
            self._path.stop()
            self._path = None
        self._endpoints.clear()
        self._slots.clear()
        self._waiting.clear()

    @property
    def _running(self) -> PacketPath:
        if self._path is None:
            raise RuntimeError("the relay is not started")
        return self._path

    def _pairs(self, host: str) -> PortPairs:
        settings = self._settings
        pool = PortPool(settings.port_low, settings.port_high, quarantine=settings.quarantine)
        return PortPairs(Place(host, settings.tos), pool)

    def _allocate(self, command: Allocate) -> None:
        endpoint = self._endpoints.get(command.endpoint)
        had = endpoint.streams if endpoint else []
        try:
            fresh = self._open(command, command.streams - len(had))
        except NoPortsError as error:
            self._report(AllocationFailed(command.endpoint, str(error)))
            return
        if endpoint is None:
            endpoint = self._endpoints[command.endpoint] = Endpoint(
                command.endpoint, command.call_id
            )
        for stream in fresh:
            self._slots[stream.slot] = (endpoint, len(endpoint.streams))
            endpoint.streams.append(stream)
        if endpoint.partner is not None:
            self._join(endpoint, endpoint.partner)
        self._report(Allocated(endpoint.name, tuple(stream.local for stream in endpoint.streams)))

    def _open(self, command: Allocate, count: int) -> list[Stream]:
        """Open streams, all or none."""
        path = self._running
        if command.streams > MAX_STREAMS:
            raise NoPortsError(f"{command.streams} streams are more than {MAX_STREAMS}")
        pairs = self._families.get(command.ipv6)
        if pairs is None:
            raise NoPortsError("no IPv6 address is configured for media")
        host = self._settings.advertise_v6 if command.ipv6 else self._settings.advertise_v4
        host = host or self._settings.address_v6 or ""
        fresh: list[Stream] = []
        try:
            for _ in range(count):
                port, slot = pairs.open(path)
                fresh.append(
                    Stream(
                        slot=slot,
                        port=port,
                        ipv6=command.ipv6,
                        local=MediaAddress(host, port, port + 1),
                    )
                )
        except NoPortsError:
            for stream in fresh:
                self._close(stream)
            raise
        return fresh

    def _direct(self, command: Direct) -> None:
        endpoint = self._endpoints.get(command.endpoint)
        if endpoint is None or not 0 <= command.stream < len(endpoint.streams):
            return
        stream = endpoint.streams[command.stream]
        remote = command.remote
        rtp = rtcp = None
        if remote is not None:
            rtp = far_side(remote.host, remote.port, ipv6=stream.ipv6)
            rtcp = far_side(remote.host, remote.rtcp_port, ipv6=stream.ipv6)
        stream.course = Course(
            rtp,
            rtcp,
            canonical_host(command.source) if command.source else None,
            send=command.send and rtp is not None,
            receive=command.receive,
        )
        stream.since = time.monotonic()
        self._watch.forget((endpoint.name, command.stream))
        self._running.direct(stream.slot, stream.course)

    def _connect(self, command: Connect) -> None:
        one = self._endpoints.get(command.one)
        other = self._endpoints.get(command.other)
        if one is None or other is None or one is other:
            return
        self._part(one)
        self._part(other)
        one.partner, other.partner = other, one
        self._join(one, other)

    def _join(self, one: Endpoint, other: Endpoint) -> None:
        now = time.monotonic()
        for mine, theirs in zip(one.streams, other.streams, strict=False):
            self._running.join(mine.slot, theirs.slot)
            mine.since = theirs.since = now

    def _part(self, endpoint: Endpoint) -> None:
        if endpoint.partner is None:
            return
        for stream in endpoint.streams:
            self._running.part(stream.slot)
        endpoint.partner.partner = None
        endpoint.partner = None

    def _release(self, command: Release) -> None:
        endpoint = self._endpoints.pop(command.endpoint, None)
        if endpoint is None:
            self._report(Released(command.endpoint, ()))
            return
        self._part(endpoint)
        for index, stream in enumerate(endpoint.streams):
            del self._slots[stream.slot]
            self._watch.forget((endpoint.name, index))
        counters = tuple(self._close(stream) for stream in endpoint.streams)
        self._ended.add(counters)
        self._report(Released(endpoint.name, counters))

    def _close(self, stream: Stream) -> StreamCounters:
        state = self._running.close(stream.slot)
        self._families[stream.ipv6].free(stream.port)
        return state.counters

    def _tell(self, report: MediaReport) -> None:
        """Report in the loop's next turn, so that no path is called from within what it tells."""
        if not self._waiting:
            self._loop.call_soon(self._deliver)
        self._waiting.append(report)

    def _deliver(self) -> None:
        waiting, self._waiting = self._waiting, []
        for report in waiting:
            self._report(report)

    def _tell_locked(self, slot: int) -> None:
        if slot not in self._slots:
            return
        endpoint, index = self._slots[slot]
        state = self._running.read(slot)
        if state.locked is not None:
            host, port = state.locked
            self._tell(
                Latched(endpoint.name, endpoint.call_id, index, host, port, state.is_signalled)
            )

    def _look(self) -> None:
        """Look for silence, and again after a while."""
        now = time.monotonic()
        for report in self._watch.observe(self._suspects(now), now):
            self._tell(report)
        self._timer = self._loop.call_later(self._settings.watch_interval, self._look)

    def _suspects(self, now: float) -> Iterator[tuple[Side, Side]]:
        """Pick the pairs to look at closer, which in a healthy moment are few."""
        for one in self._endpoints.values():
            other = one.partner
            if other is None or one.name > other.name:
                continue
            for index, (mine, theirs) in enumerate(zip(one.streams, other.streams, strict=False)):
                if (
                    self._is_suspect(mine, now)
                    or self._is_suspect(theirs, now)
                    or (one.name, index) in self._watch
                    or (other.name, index) in self._watch
                ):
                    yield self._side(one, index), self._side(other, index)

    def _is_suspect(self, stream: Stream, now: float) -> bool:
        """Say whether a stream that should speak has not for some moments."""
        fresh = now - min(FRESH, self._settings.one_way_after)
        return stream.is_expected and self._running.last_heard(stream.slot) < fresh

    def _side(self, endpoint: Endpoint, index: int) -> Side:
        stream = endpoint.streams[index]
        state = self._running.read(stream.slot)
        course = stream.course
        return Side(
            endpoint=endpoint.name,
            call_id=endpoint.call_id,
            stream=index,
            expected=stream.is_expected,
            since=stream.since,
            last_heard=state.last_heard,
            signalled=course.rtp,
            locked=state.locked,
            refused=state.refused,
            behind_nat=bool(course.rtp and course.host and course.host != course.rtp[0]),
        )


class UvloopRelay(SocketRelay):
    """The relay on the event loop: no native part; asyncio's own loop does as well, slower."""

    def __init__(self, settings: RelaySettings) -> None:
        super().__init__(settings, LoopPath)


class NativeRelay(SocketRelay):
    """The relay on a native thread that never takes the interpreter's lock."""

    is_native = True

    def __init__(self, settings: RelaySettings) -> None:
        """Raise ImportError where the native part is not built."""
        from media._relay import NativePath  # noqa: PLC0415 - it may not be built

        families = 1 if settings.address_v6 is None else 2
        super().__init__(settings, lambda: NativePath(families * settings.pairs))


def relay(settings: RelaySettings, *, pure: bool = False) -> SocketRelay:
    """Make the native relay; where it is not built, or `pure` or DAIHYO_PURE=1 ask, the other.

    Which one it is the composition root reads from `is_native` and says once.
    """
    if pure or os.environ.get("DAIHYO_PURE") == "1":
        return UvloopRelay(settings)
    try:
        return NativeRelay(settings)
    except ImportError:
        return UvloopRelay(settings)
