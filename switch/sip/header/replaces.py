"""Replaces: the dialog whose place a new one takes (RFC 3891 section 6.1)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom


class Replaces(Atom, frozen=True, gc=False):
    """A dialog as its receiver knows it: `to_tag` is the receiver's own tag."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False
    params: Parameters = {}

    @classmethod
    def parse(cls, text: str) -> "Replaces":
        """Read `callid;to-tag=a;from-tag=b[;early-only]`."""
        call_id, _, rest = text.partition(";")
        params = parse_parameters(rest)
        early_only = "early-only" in params
        params.pop("early-only", None)
        to_tag = params.pop("to-tag", None)
        from_tag = params.pop("from-tag", None)
        call_id = call_id.strip(LWS)
        if not call_id or "," in text or to_tag is None or from_tag is None:
            raise RemoteProtocolError("Replaces does not name one dialog")
        return cls(call_id, to_tag, from_tag, early_only, params)

    def __str__(self) -> str:
        early = ";early-only" if self.early_only else ""
        tags = f";to-tag={self.to_tag};from-tag={self.from_tag}"
        return f"{self.call_id}{tags}{early}{format_parameters(self.params)}"
