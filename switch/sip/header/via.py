"""Via (RFC 3261 section 20.42, RFC 3581)."""

import re

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import (
    LWS,
    MAX_PORT,
    TOKEN,
    format_host_port,
    parse_host_port,
    split,
)
from switch.sip.header.parameters import Parameters, format_parameters, parse_parameters
from switch.value import Atom

MAGIC_COOKIE = "z9hG4bK"
"""A branch that starts so is unique by RFC 3261; any other is an RFC 2543 client's."""

_USUAL = re.compile(
    r"SIP/2\.0/([A-Z]++) ([A-Za-z0-9_][A-Za-z0-9_.\-]*+)"
    r"(?::([1-5][0-9]{4}|[1-9][0-9]{0,3}))?+((?:;[^,\"]++)?+)"
)
_NOT_AT_END = re.compile(r"[\t,\"<]| ;|; |;received", re.IGNORECASE)
"""What a line of one value and two parameters must not hold to be stamped at its end."""

_PROTOCOL = re.compile(
    rf"[ \t]*+SIP[ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+({TOKEN})[ \t]++([^;]*+)(;.*+)?+",
    re.DOTALL | re.IGNORECASE,
)


class Via(Atom, frozen=True, gc=False):
    """One Via value: where a request was sent from, and the parameters that route its response.

    `transport` is in upper case; `host` of an IPv6 literal is without brackets.
    """

    transport: str
    host: str
    port: int | None
    params: Parameters

    @property
    def branch(self) -> str | None:
        """The branch parameter."""
        return self.params.get("branch")

    @property
    def sent_by(self) -> str:
        """Host and port as they identify the sender."""
        return format_host_port(self.host, self.port).lower()

    @property
    def received(self) -> str | None:
        """The address that the next element saw, brackets removed (RFC 5118 section 4.5)."""
        received = self.params.get("received")
        return received.strip("[]") if received else None

    @property
    def rport(self) -> int | None:
        """The source port that the next element saw (RFC 3581); None when there is none."""
        rport = self.params.get("rport") or ""
        if len(rport) > 5 or not (rport.isascii() and rport.isdigit()):
            return None
        return int(rport) if int(rport) <= MAX_PORT else None

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Read the first Via value of a header line."""
        usual = _USUAL.fullmatch(text)
        if usual is not None:
            transport, host, port, params = usual.groups()
            return cls(
                transport,
                host,
                int(port) if port else None,
                parse_parameters(params) if params else {},
            )
        value = split(text, ",")[0] if "," in text else text
        match = _PROTOCOL.fullmatch(value)
        if match is None:
            raise RemoteProtocolError("Via has no transport or no sent-by")
        transport, sent_by, params = match.groups()
        host, port = parse_host_port(sent_by.strip(LWS))
        return cls(transport.upper(), host, port, parse_parameters(params) if params else {})

    @classmethod
    def parse_list(cls, text: str) -> list["Via"]:
        """Read every Via value of a header line."""
        return [cls.parse(value) for value in split(text, ",")]

    def __str__(self) -> str:
        sent_by = format_host_port(self.host, self.port)
        return f"SIP/2.0/{self.transport} {sent_by}{format_parameters(self.params)}"

    def stamped(self, line: str, host: str, port: int) -> str:
        """Return the line, its first value with the source in `received` and `rport` (RFC 3581)."""
        if line.endswith(";rport") and line.count(";") == 2 and _NOT_AT_END.search(line) is None:
            return f"{line}={port};received={host}"  # as phones write it: branch, then rport
        first, *rest = split(line, ",") if "," in line else [line]
        head, *params = split(first, ";")
        kept = [p for p in params if _name(p) not in {"rport", "received"}]
        if "rport" in self.params:
            kept.append(f"rport={port}")
        kept.append(f"received={host}")
        return ", ".join([";".join([head, *kept]), *rest])


def _name(part: str) -> str:
    return part.partition("=")[0].rstrip(LWS).lower()
