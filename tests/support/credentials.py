"""A phone's digest credentials and a carrier's challenge (RFC 2617, RFC 8760)."""

import hashlib
import re
from dataclasses import dataclass, field

from switch.sip.message import Request, Response

_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def pairs(value: str) -> dict[str, str]:
    """Read the parameters of a challenge or of credentials."""
    return {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(value)}


def digest(algorithm: str, *parts: str) -> str:
    """Hash parts joined by colons."""
    text = ":".join(parts).encode("utf-8", "surrogateescape")
    if algorithm == "SHA-256":
        return hashlib.sha256(text).hexdigest()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def expected(password: str, method: str, given: dict[str, str]) -> str:
    """Return the response that credentials with these parameters must carry."""
    algorithm = given.get("algorithm", "MD5")
    secret = digest(algorithm, given["username"], given["realm"], password)
    what = digest(algorithm, method, given["uri"])
    counted = [given["nc"], given["cnonce"], given["qop"]] if "qop" in given else []
    return digest(algorithm, secret, given["nonce"], *counted, what)


@dataclass(slots=True)
class Credentials:
    """A user and a password, and the challenge that is being used."""

    user: str
    password: str
    algorithms: tuple[str, ...] = ("MD5", "SHA-256")
    challenge: dict[str, str] = field(default_factory=dict)
    header: str = "Authorization"
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, response: Response) -> bool:
        """Take the challenge of a 401 or 407; tell whether it can be answered."""
        name = "www-authenticate" if response.status == 401 else "proxy-authenticate"
        offered = [pairs(value) for value in response.all(name)]
        usable = [c for c in offered if c.get("algorithm", "MD5") in self.algorithms]
        if not usable:
            return False
        self.challenge = usable[0]
        self.header = "Authorization" if response.status == 401 else "Proxy-Authorization"
        return True

    @property
    def is_stale(self) -> bool:
        """Whether the challenge says that only the nonce was wrong."""
        return self.challenge.get("stale", "").lower() == "true"

    def forget(self) -> None:
        """Drop the challenge, so that the next request goes without credentials."""
        self.challenge = {}

    def fields(self, method: str, uri: str) -> tuple[tuple[str, str], ...]:
        """Return the header field that answers the challenge; none without a challenge."""
        if not self.challenge:
            return ()
        nonce = self.challenge["nonce"]
        count = self.counts[nonce] = self.counts.get(nonce, 0) + 1
        given = {
            "username": self.user,
            "realm": self.challenge["realm"],
            "nonce": nonce,
            "uri": uri,
        }
        if "algorithm" in self.challenge:
            given["algorithm"] = self.challenge["algorithm"]
        if "opaque" in self.challenge:
            given["opaque"] = self.challenge["opaque"]
        if "auth" in self.challenge.get("qop", "").split(","):
            given |= {"qop": "auth", "nc": f"{count:08x}", "cnonce": f"c{count}"}
        given["response"] = expected(self.password, method, given)
        bare = {"qop", "nc", "algorithm"}
        text = ", ".join(f"{n}={v}" if n in bare else f'{n}="{v}"' for n, v in given.items())
        return ((self.header, f"Digest {text}"),)


def is_authentic(request: Request, password: str, nonce: str) -> bool:
    """Check a request's Authorization, as a carrier's registrar does."""
    values = (request.first("authorization"), request.first("proxy-authorization"))
    given = pairs(next((value for value in values if value), ""))
    complete = {"username", "realm", "nonce", "uri", "response"} <= given.keys()
    return (
        complete
        and given["nonce"] == nonce
        and given["response"] == expected(password, request.method, given)
    )
