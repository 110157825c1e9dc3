"""The standing of the live switch: what routing asks about the moment of a call."""

from routing.limit import LimitKey, LimitStore
from switch.registrar.location import LocationService
from switch.trunk.service import TrunkService


class LiveStanding:
    """The `Standing` that the registrar, the leases and the trunks give together."""

    def __init__(
        self, locations: LocationService, trunks: TrunkService, leases: LimitStore
    ) -> None:
        self._locations = locations
        self._trunks = trunks
        self._leases = leases

    def is_registered(self, username: str) -> bool:
        """Tell whether a device has a binding."""
        return self._locations.reach(username) is not None

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel."""
        return self._leases.held(key)

    def is_healthy(self, trunk: str) -> bool:
        """Tell whether a trunk takes calls now."""
        return trunk in self._trunks.healthy()

    def is_open(self, line: str, at: float) -> bool:  # noqa: ARG002 - no calendar yet
        """Tell whether a number's business hours hold at a Unix time (R44)."""
        return True

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:  # noqa: ARG002
        """Return why an ID may not call out now, or None."""
        return None
