"""Session-Expires (RFC 4028 section 4)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom


class SessionExpires(Atom, frozen=True, gc=False):
    """The session interval in seconds and who refreshes: `uac`, `uas` or not said."""

    interval: int
    refresher: str | None = None
    params: Parameters = {}

    @classmethod
    def parse(cls, text: str) -> "SessionExpires":
        """Read `1800;refresher=uac`."""
        interval, _, rest = text.partition(";")
        params = parse_parameters(rest)
        refresher = params.pop("refresher", None)
        if refresher is not None:
            refresher = refresher.lower()
            if refresher not in {"uac", "uas"}:
                raise RemoteProtocolError("the refresher is neither uac nor uas")
        return cls(parse_delta(interval), refresher, params)

    def __str__(self) -> str:
        refresher = f";refresher={self.refresher}" if self.refresher else ""
        return f"{self.interval}{refresher}{format_parameters(self.params)}"
