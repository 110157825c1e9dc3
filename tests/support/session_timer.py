"""A simulated phone's session timer (RFC 4028), of its own make."""

from collections.abc import Callable

from switch.sip.message import Field, Request, Response
from tests.support.manner import Habits
from tests.support.network import Event, SimulatedNetwork


class PhoneSessionTimer:
    """Proposes, agrees on and counts the session interval of one call."""

    def __init__(
        self,
        network: SimulatedNetwork,
        habits: Habits,
        *,
        refresh: Callable[[], None],
        expire: Callable[[], None],
    ) -> None:
        self.interval: int | None = None
        self._network = network
        self._habits = habits
        self._refresh = refresh
        self._expire = expire
        self._event: Event | None = None

    @property
    def is_supported(self) -> bool:
        """Whether the phone takes part in session timers at all."""
        return self._habits.session_expires is not None

    def proposal(self) -> str:
        """Return the Session-Expires value of a request; inside the call the sender refreshes."""
        if self.interval is not None:
            return f"{self.interval};refresher=uac"
        refresher = f";refresher={self._habits.refresher}" if self._habits.refresher else ""
        return f"{self._habits.session_expires}{refresher}"

    def take(self, response: Response) -> None:
        """Start with what a 2xx to the phone's own request agreed on."""
        value = response.first("session-expires")
        if value is not None and self.is_supported:
            self._arm(_seconds(value), is_refresher="refresher=uac" in value)

    def agree(self, request: Request) -> tuple[Field, ...]:
        """Start with what a request proposes, and return the fields of the 2xx that says so."""
        value = request.first("session-expires")
        if value is None or not self.is_supported:
            return ()
        supported = "timer" in ",".join(request.all("supported"))
        refresher = "uas" if "refresher=uas" in value or not supported else "uac"
        self._arm(_seconds(value), is_refresher=refresher == "uas")
        require: tuple[Field, ...] = (("Require", "timer"),) if refresher == "uac" else ()
        return (("Session-Expires", f"{_seconds(value)};refresher={refresher}"), *require)

    def _arm(self, seconds: int, *, is_refresher: bool) -> None:
        self.interval = seconds
        self.stop()
        if is_refresher and self._habits.refreshes:
            self._event = self._network.after(seconds / 2, self._refresh)
        else:
            self._event = self._network.after(seconds - min(32, seconds / 3), self._expire)

    def stop(self) -> None:
        """Count no more."""
        if self._event is not None:
            self._event.cancel()


def _seconds(value: str) -> int:
    return int(value.partition(";")[0].strip())
