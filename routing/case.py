"""A case: one attempt with everything that may decide about it, and the trace of what did."""

import msgspec

from routing.decision import Attempt
from routing.device import Device
from routing.directory import Directory
from routing.limit import Claim
from routing.standing import Standing
from routing.trace import Trace


class Case(msgspec.Struct, frozen=True):
    """What every rule looks at."""

    attempt: Attempt
    directory: Directory
    standing: Standing
    trace: Trace = msgspec.field(default_factory=Trace)

    @property
    def caller_device(self) -> Device | None:
        """The device that calls; None when a carrier does."""
        origin = self.attempt.origin
        return origin if isinstance(origin, Device) else None

    def has_room(self, claim: Claim | None) -> bool:
        """Tell whether a claim could be met; what is not limited always has room."""
        return claim is None or self.standing.held(claim.key) < claim.limit
