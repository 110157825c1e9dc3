"""The standing of the live switch: what routing asks about the moment of a call."""

from routing.limit import LimitKey, LimitKind, LimitStore
from switch.b2bua.spending import Spending
from switch.registrar.location import LocationService
from switch.trunk.service import TrunkService


class LiveStanding:
    """The `Standing` that registrar, leases, trunks and budgets give together."""

    def __init__(
        self,
        locations: LocationService,
        trunks: TrunkService,
        leases: LimitStore,
        spending: Spending,
    ) -> None:
        self._locations = locations
        self._trunks = trunks
        self._leases = leases
        self._spending = spending

    def is_registered(self, username: str) -> bool:
        """Tell whether a device has a binding over which it can be reached."""
        return self._locations.reach(username) is not None

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel."""
        return self._leases.held(key)

    def is_healthy(self, trunk: str) -> bool:
        """Tell whether a trunk works and has room for a call."""
        limit = self._trunks.limit(trunk)
        has_room = limit is None or self.held(LimitKey(LimitKind.TRUNK, trunk)) < limit
        return has_room and self._trunks.is_up(trunk)

    def is_open(self, line: str, at: float) -> bool:  # noqa: ARG002 - no calendar yet
        """Tell whether a number's business hours hold at a Unix time (R44)."""
        return True

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:
        """Return why an ID may not call out now, or None."""
        return self._spending.refusal(contract, username, abroad=abroad)
