"""A case: one attempt with everything that may decide about it, and the trace of what did."""

import msgspec
from msgspec.structs import replace

from routing.decision import Attempt, Diversion, Forward
from routing.device import Device
from routing.directory import Directory
from routing.limit import Claim, LimitKey
from routing.standing import Standing
from routing.trace import Trace


class Case(msgspec.Struct, frozen=True):
    """What every rule looks at."""

    attempt: Attempt
    directory: Directory
    standing: Standing
    trace: Trace = msgspec.field(default_factory=Trace)
    forward: Forward | None = None
    """The forward that is being followed; None while the caller's own call is weighed."""

    @property
    def caller_device(self) -> Device | None:
        """The device that calls; None when a carrier does."""
        origin = self.attempt.origin
        return origin if isinstance(origin, Device) else None

    @property
    def diverted_by(self) -> tuple[Diversion, ...]:
        """The forwards that have been followed."""
        return () if self.forward is None else self.forward.diverted_by

    @property
    def asked(self) -> str | None:
        """The number that the caller asks to present; a forward asks for none."""
        return self.attempt.presented if self.forward is None else None

    def forwarded(self, forward: Forward) -> "Case":
        """Return the case of the call as it is sent on; the trace goes on."""
        return replace(self, forward=forward)

    def is_party(self, username: str) -> bool:
        """Whether a device calls, or has forwarded the call: it does not ring for it."""
        own = self.caller_device
        return (own is not None and own.username == username) or any(
            each.device.username == username for each in self.diverted_by
        )

    def holds(self, key: LimitKey) -> bool:
        """Whether the call has claimed a channel of this before it was forwarded."""
        return self.forward is not None and any(each.key == key for each in self.forward.claims)

    def has_room(self, claim: Claim | None) -> bool:
        """Tell whether a claim could be met; what is not limited always has room."""
        return claim is None or self.holds(claim.key) or self.standing.held(claim.key) < claim.limit
