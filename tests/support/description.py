"""A small session description of one audio stream (RFC 4566), of the phones' own make."""

from dataclasses import dataclass, replace

_MIRROR = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}

NAMES = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 101: "telephone-event/8000"}


@dataclass(frozen=True, slots=True)
class Description:
    """Where a phone wants its audio, in what, and which way it flows."""

    host: str
    port: int
    payloads: tuple[int, ...] = (0, 8, 101)
    direction: str = "sendrecv"
    session: int = 1
    version: int = 1

    @classmethod
    def parse(cls, body: bytes) -> "Description":
        """Read the first audio stream; raise `ValueError` when there is none."""
        host, port, direction, origin = "", -1, "sendrecv", ["-", "0", "0"]
        payloads: tuple[int, ...] = ()
        for line in body.decode().splitlines():
            kind, _, value = line.partition("=")
            if kind == "o":
                origin = value.split()
            elif kind == "c":
                host = value.split()[2]
            elif kind == "m" and port < 0:
                port = int(value.split()[1])
                payloads = tuple(int(p) for p in value.split()[3:])
            elif kind == "a" and value in _MIRROR:
                direction = value
        if port < 0:
            raise ValueError("the description has no media")
        return cls(host, port, payloads, direction, int(origin[1]), int(origin[2]))

    def octets(self) -> bytes:
        """Write it."""
        family = "IP6" if ":" in self.host else "IP4"
        lines = [
            "v=0",
            f"o=- {self.session} {self.version} IN {family} {self.host}",
            "s=-",
            f"c=IN {family} {self.host}",
            "t=0 0",
            f"m=audio {self.port} RTP/AVP {' '.join(map(str, self.payloads))}",
            *(f"a=rtpmap:{p} {NAMES[p]}" for p in self.payloads if p in NAMES),
            f"a={self.direction}",
        ]
        return "".join(f"{line}\r\n" for line in lines).encode()

    def answer(self, offer: "Description") -> "Description":
        """Return this description as the answer to an offer (RFC 3264 section 6)."""
        common = tuple(p for p in offer.payloads if p in self.payloads)
        wanted = _MIRROR[offer.direction]
        return replace(self, payloads=common, direction=_narrower(wanted, self.direction))


def _narrower(one: str, other: str) -> str:
    """Return the direction that both allow."""
    sends = all(d in {"sendrecv", "sendonly"} for d in (one, other))
    receives = all(d in {"sendrecv", "recvonly"} for d in (one, other))
    return {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}.get(
        (sends, receives), "inactive"
    )
