"""Via (RFC 3261 section 20.42, RFC 3581)."""

import msgspec

from switch.sip.errors import RemoteProtocolError

MAGIC_COOKIE = "z9hG4bK"


class Via(msgspec.Struct, frozen=True, gc=False):
    """One Via value: where a request was sent from, and the parameters that route its response."""

    transport: str
    host: str
    port: int | None
    params: dict[str, str | None]

    @property
    def branch(self) -> str | None:
        """The branch parameter."""
        return self.params.get("branch")

    @property
    def sent_by(self) -> str:
        """Host and port as they identify the sender."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Read the first Via value of a header line."""
        value = text.split(",")[0]
        head, *params = value.split(";")
        protocol, _, sent_by = head.strip().partition(" ")
        transport = protocol.rpartition("/")[2]
        if not transport or not sent_by:
            raise RemoteProtocolError("Via has no transport or no sent-by")
        host, port = sent_by.strip(), None
        if not host.endswith("]") and ":" in host:
            host, _, digits = host.rpartition(":")
            port = int(digits)
        pairs = (p.strip().partition("=") for p in params)
        return cls(transport.upper(), host, port, {n.lower(): v if s else None for n, s, v in pairs})

    def stamped(self, line: str, host: str, port: int) -> str:
        """Return the header line with `received` and `rport` of the first value set to the source (RFC 3581)."""
        first, comma, rest = line.partition(",")
        kept = [p for p in first.split(";") if p.strip().partition("=")[0] not in {"rport", "received"}]
        literal = f"[{host}]" if ":" in host else host
        rport = [f"rport={port}"] if "rport" in self.params else []
        return ";".join([*kept, *rport, f"received={literal}"]) + comma + rest
