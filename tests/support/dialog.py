"""A simulated phone's dialog (RFC 3261 section 12)."""

from dataclasses import dataclass, field

from switch.sip.message import Field, Request, Response


def bare_uri(value: str) -> str:
    """Return the URI of a Contact, Route or From value."""
    return value.split("<", 1)[1].split(">", 1)[0] if "<" in value else value.split(";", 1)[0]


def tag_of(value: str) -> str:
    """Return the tag parameter of a From or To value; empty when there is none."""
    after = value.rpartition(">")[2]
    return next((p.strip()[4:] for p in after.split(";") if p.strip().startswith("tag=")), "")


def split_values(lines: list[str]) -> list[str]:
    """Split Route or Record-Route lines at their commas."""
    return [value.strip() for line in lines for value in line.split(",") if value.strip()]


@dataclass(slots=True)
class Dialog:
    """What both sides of a call agree on; `local` and `remote` are whole From and To values."""

    call_id: str
    local: str
    remote: str
    remote_target: str
    route_set: list[str] = field(default_factory=list)
    local_cseq: int = 0
    remote_cseq: int = 0

    @classmethod
    def of_caller(cls, invite: Request, response: Response) -> "Dialog":
        """Make the dialog that a response with a To tag creates at the caller (12.1.2)."""
        return cls(
            call_id=invite.call_id,
            local=invite.first("from") or "",
            remote=response.first("to") or "",
            remote_target=bare_uri(response.first("contact") or invite.uri),
            route_set=split_values(response.all("record-route"))[::-1],
            local_cseq=invite.cseq.number,
        )

    @classmethod
    def of_callee(cls, invite: Request, tag: str) -> "Dialog":
        """Make the dialog of a called phone (12.1.1)."""
        return cls(
            call_id=invite.call_id,
            local=f"{invite.first('to')};tag={tag}",
            remote=invite.first("from") or "",
            remote_target=bare_uri(invite.first("contact") or ""),
            route_set=split_values(invite.all("record-route")),
            remote_cseq=invite.cseq.number,
        )

    @property
    def remote_tag(self) -> str:
        """The other side's tag."""
        return tag_of(self.remote)

    def fields(self, method: str, cseq: int) -> list[Field]:
        """Return the header fields of a request inside the dialog."""
        return [
            *(("Route", route) for route in self.route_set),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Max-Forwards", "70"),
        ]
