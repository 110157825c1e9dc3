"""The watch over silence: says which side of a connected pair is not heard, and why.

Two streams are a *pair*. A stream is *expected* to speak when its far side has an address and has
not been told to be silent (hold). One that is expected and silent while the other side speaks is a
fault after `one_way_after` seconds; both silent after having been heard is one after
`SILENT_AFTER`.
"""

from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from media.latch import Source
from media.plane import OneWay, Restored

ONE_WAY_AFTER = 5.0
"""A side that is heard no packet of for this long while the other speaks is a fault."""
SILENT_AFTER = 30.0
"""Both sides silent for this long is a fault: no pause of discontinuous transmission lasts it."""

StreamKey = tuple[str, int]
"""An endpoint and the number of its stream."""


class Side(msgspec.Struct, frozen=True, gc=False):
    """One stream of a pair as the watch sees it."""

    endpoint: str
    call_id: str
    stream: int
    expected: bool
    """Whether the far side should be sending."""
    since: float
    """When it was last negotiated or connected: silence counts from then."""
    last_heard: float
    """When it was last heard, 0 for never."""
    signalled: Source | None
    locked: Source | None = None
    refused: Source | None = None
    """The last source that the latching rule refused."""
    behind_nat: bool = False
    """Whether the signalling comes from another host than the signalled address."""

    @property
    def key(self) -> StreamKey:
        """The stream's identity."""
        return (self.endpoint, self.stream)

    def silence(self, now: float) -> float:
        """Measure how long nothing has been heard."""
        return now - max(self.last_heard, self.since)


class Watch:
    """Find the streams that fall silent and those that return."""

    def __init__(self, *, one_way_after: float = ONE_WAY_AFTER) -> None:
        self._one_way_after = one_way_after
        self._faulty: set[StreamKey] = set()

    def __contains__(self, key: StreamKey) -> bool:
        """Say whether a fault of the stream has been reported and stands."""
        return key in self._faulty

    def forget(self, key: StreamKey) -> None:
        """Drop a released or re-negotiated stream's state, so that a new fault is told anew."""
        self._faulty.discard(key)

    def observe(self, pairs: Iterable[tuple[Side, Side]], now: float) -> list[OneWay | Restored]:
        """Judge each pair; a fault is told once."""
        reports: list[OneWay | Restored] = []
        for one, other in pairs:
            for side, opposite in ((one, other), (other, one)):
                report = self._judge(side, opposite, now)
                if report is not None:
                    reports.append(report)
        return reports

    def _judge(self, side: Side, opposite: Side, now: float) -> OneWay | Restored | None:
        if side.key in self._faulty:
            if side.expected and side.silence(now) >= self._one_way_after:
                return None
            self._faulty.discard(side.key)
            return Restored(side.endpoint, side.call_id, side.stream)
        reason = self._fault(side, opposite, now)
        if reason is None:
            return None
        self._faulty.add(side.key)
        return OneWay(side.endpoint, side.call_id, side.stream, reason)

    def _fault(self, side: Side, opposite: Side, now: float) -> str | None:
        silence = side.silence(now)
        if not side.expected or silence < self._one_way_after:
            return None
        heard = opposite.last_heard > 0 and now - opposite.last_heard < self._one_way_after
        if heard:
            return explain(side, silence)
        if (
            opposite.expected
            and side.last_heard > 0
            and opposite.last_heard > 0
            and min(silence, opposite.silence(now)) >= SILENT_AFTER
        ):
            return f"both sides fell silent: {explain(side, silence)}"
        return None


def explain(side: Side, silence: float) -> str:
    """Say in words an operator can act on why a far side is not heard."""
    for_long = f"for {silence:.0f} s"
    if side.refused is not None:
        if side.locked is not None:
            return (
                f"packets arrive from {spell(side.refused)} "
                f"but the stream is locked to {spell(side.locked)}, silent {for_long}"
            )
        return (
            f"packets arrive from {spell(side.refused)} but are refused: "
            f"the signalled address is {spell(side.signalled)}"
        )
    if side.locked is not None:
        return f"nothing from {spell(side.locked)} {for_long} (it was heard before)"
    return f"nothing from {spell(side.signalled)} {for_long}{_guess(side)}"


def spell(source: Source | None) -> str:
    """Write an address as operators read it."""
    if source is None:
        return "an unknown address"
    host, port = source
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _guess(side: Side) -> str:
    """Guess the cause of a far side that was never heard."""
    if side.signalled is None:
        return " (no address was signalled)"
    if ip_address(side.signalled[0]).is_private:
        if side.behind_nat:
            return " (signalled address is private: NAT?)"
        return " (signalled address is private: a route or firewall between here and there?)"
    return " (firewall on the way, or a muted device that sends nothing?)"
