"""Event and Subscription-State (RFC 6665 section 8.2)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS, is_token
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom


class Event(Atom, frozen=True, gc=False):
    """An event package (or, of Subscription-State, a state) and its parameters."""

    package: str
    params: Parameters = {}

    @property
    def id(self) -> str | None:
        """The id parameter, which tells subscriptions of one dialog apart."""
        return self.params.get("id")

    @classmethod
    def parse(cls, text: str) -> "Event":
        """Read `dialog;id=7`."""
        package, _, rest = text.partition(";")
        package = package.strip(LWS)
        if not is_token(package):
            raise RemoteProtocolError("Event has no package")
        return cls(package, parse_parameters(rest))

    def __str__(self) -> str:
        return self.package + format_parameters(self.params)
