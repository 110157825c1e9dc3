"""The location service: where each device is reached (RFC 3261 section 10, RFC 5626 section 6).

A device (an ID) has one binding. It is reached over the flow on which it registered, never at the
address in its Contact, which behind a NAT means nothing to us. When a stream flow closes, its
bindings stay but cannot be reached until the device registers again.
"""

from collections.abc import Iterator

import msgspec

from switch.effect import WriteBinding
from switch.sip.flow import Flow
from switch.sip.timer import Deadlines
from switch.value import Atom


class Binding(Atom, frozen=True, gc=False):
    """Where one device is reached, and the registration that said so."""

    device: str
    contact: str
    """The Contact URI: the Request-URI of what is sent to the device."""
    path: tuple[str, ...]
    """The Path values (RFC 3327): the Route of what is sent to the device, in order."""
    flow: Flow
    call_id: str
    cseq: int
    expires_at: float
    """Monotonic seconds."""
    instance: str | None
    """The `+sip.instance` (RFC 5626) without quotes: the same physical device over restarts."""
    user_agent: str | None
    registered_at: float
    """When this device first came with this registration, in Unix seconds."""
    kept_until: float = 0.0
    """The expiry of the row that is kept for a restart, in Unix seconds."""
    granted: int = 0
    """The seconds granted last."""
    fingerprint: int = 0
    """The hash of what the last registration said, to know an unchanged refresh when one comes."""
    is_outbound: bool = False
    """Whether it is a registration of RFC 5626 that we honour."""
    is_reachable: bool = True
    """False once the stream flow has closed."""

    def remaining(self, now: float) -> int:
        """How many whole seconds the binding still lasts."""
        return max(0, int(self.expires_at - now + 0.5))

    def row(self) -> WriteBinding:
        """Return what is kept over a restart."""
        return WriteBinding(
            self.device, self.contact, self.path, self.flow, self.call_id, self.cseq,
            self.kept_until, self.instance, self.user_agent, self.registered_at,
        )  # fmt: skip


class LocationService:
    """Every binding, in memory: one a device, with its expiry and its flow."""

    def __init__(self) -> None:
        self._bindings: dict[str, Binding] = {}
        self._connections: dict[int, frozenset[str]] = {}
        self._flows: dict[Flow, int] = {}
        """How many bindings there are on each flow: an ATA has several on one socket."""
        self._deadlines: Deadlines[str] = Deadlines()

    def __len__(self) -> int:
        return len(self._bindings)

    def __iter__(self) -> Iterator[Binding]:
        return iter(list(self._bindings.values()))

    def lookup(self, device: str) -> Binding | None:
        """Find the device's binding, whether or not its flow still stands."""
        return self._bindings.get(device)

    def reach(self, device: str) -> Binding | None:
        """Find the device's binding when a request can be sent to it now."""
        binding = self._bindings.get(device)
        return binding if binding is not None and binding.is_reachable else None

    def on_flow(self, flow: Flow) -> list[Binding]:
        """Find the bindings of a stream connection."""
        devices = self._connections.get(flow.connection, frozenset())
        return [self._bindings[device] for device in sorted(devices)]

    def is_bound(self, flow: Flow) -> bool:
        """Tell whether a device is registered on exactly this flow."""
        return flow in self._flows

    def put(self, binding: Binding) -> Binding | None:
        """Bind the device, and return the binding that this replaces."""
        device = binding.device
        earlier = self._bindings.get(device)
        self._bindings[device] = binding
        if earlier is None:
            self._deadlines.set(device, binding.expires_at)
            self._attach(binding)
            return None
        # A refresh only moves the expiry forward: the deadline that is armed falls early, and
        # `expire` then arms the true one. So a refresh costs no work on the heap.
        if binding.expires_at < earlier.expires_at:
            self._deadlines.set(device, binding.expires_at)
        if binding.flow != earlier.flow:
            self._detach(earlier)
            self._attach(binding)
        return earlier

    def remove(self, device: str) -> Binding | None:
        """Forget the device's binding, and return it."""
        binding = self._bindings.pop(device, None)
        if binding is not None:
            self._deadlines.cancel(device)
            self._detach(binding)
        return binding

    def lose_flow(self, flow: Flow) -> list[Binding]:
        """Mark the bindings of a closed stream connection as out of reach, and return them."""
        if flow.connection == 0:
            # A datagram that could not be sent says nothing of the next one.
            return []
        lost = self.on_flow(flow)
        for binding in lost:
            self._bindings[binding.device] = msgspec.structs.replace(binding, is_reachable=False)
        return lost

    def restore(self, row: WriteBinding, now: float, wall: float) -> Binding | None:
        """Take up a row kept before a restart; None when it has expired meanwhile.

        A stream connection does not outlive the process: its binding waits, out of reach, for the
        device to register again.
        """
        left = row.expires_at - wall
        if left <= 0:
            return None
        reachable = not row.flow.transport.is_reliable
        flow = row.flow if reachable else msgspec.structs.replace(row.flow, connection=0)
        binding = Binding(
            row.device, row.contact, row.path, flow, row.call_id, row.cseq, now + left,
            row.instance, row.user_agent, row.registered_at, kept_until=row.expires_at,
            is_reachable=reachable,
        )  # fmt: skip
        self.put(binding)
        return binding

    def next_deadline(self) -> float | None:
        """When `expire` is to be called next."""
        return self._deadlines.next()

    def expire(self, now: float) -> list[Binding]:
        """Forget the bindings whose time is over, and return them."""
        expired = []
        while (device := self._deadlines.pop_due(now)) is not None:
            binding = self._bindings[device]
            if binding.expires_at > now:
                self._deadlines.set(device, binding.expires_at)
                continue
            self.remove(device)
            expired.append(binding)
        return expired

    def _attach(self, binding: Binding) -> None:
        self._flows[binding.flow] = self._flows.get(binding.flow, 0) + 1
        connection = binding.flow.connection
        if connection:
            known = self._connections.get(connection, frozenset())
            self._connections[connection] = known | {binding.device}

    def _detach(self, binding: Binding) -> None:
        others = self._flows.pop(binding.flow) - 1
        if others:
            self._flows[binding.flow] = others
        connection = binding.flow.connection
        left = self._connections.get(connection, frozenset()) - {binding.device}
        if left:
            self._connections[connection] = left
        else:
            self._connections.pop(connection, None)
