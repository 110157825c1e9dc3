"""Digest as a server: challenges, and credentials judged (RFC 3261 22.4, RFC 7616, RFC 8760).

Whoever sends credentials learns nothing from how they fail: an unknown user costs the same work and
ends in the same verdict as a wrong password, and the comparison takes constant time.
"""

from collections.abc import Callable, Sequence
from hmac import compare_digest

from switch.guard.nonce import Nonces
from switch.sip.digest import Algorithm, algorithm_named, response_of
from switch.sip.errors import LocalProtocolError
from switch.sip.header.digest import DigestChallenge, DigestCredentials, quotable
from switch.value import Atom

DEFAULT_ALGORITHMS = (Algorithm.SHA_256, Algorithm.MD5)
"""Strongest first (RFC 8760 section 2.3); MD5 for the phones that speak nothing else."""

_SLOT = "\x00"
"""Where the nonce goes in a prepared challenge: no realm can hold it."""

_DECOY = "0" * 64
"""The HA1 of users who do not exist."""

Lookup = Callable[[str, Algorithm], str | None]
"""From a user name and an algorithm to HA1; None when there is none."""


class Verified(Atom, frozen=True, gc=False):
    """The credentials are right and fresh."""

    username: str
    algorithm: Algorithm


class Stale(Atom, frozen=True, gc=False):
    """The credentials are right; the nonce is too old, of another run, or its count is used up."""

    username: str


class Wrong(Atom, frozen=True, gc=False):
    """The credentials are not right; the reason is for the log and never for the sender."""

    username: str
    reason: str


Verdict = Verified | Stale | Wrong


class Subject(Atom, frozen=True, gc=False):
    """What a digest covers of a request."""

    method: str
    uri: str
    body: bytes = b""


class Challenger:
    """Makes the challenges of one realm and judges the credentials that answer them."""

    def __init__(
        self,
        realm: str,
        nonces: Nonces,
        *,
        algorithms: Sequence[Algorithm] = DEFAULT_ALGORITHMS,
        qop: tuple[str, ...] = ("auth",),
    ) -> None:
        """Offer `algorithms` in this order; a client takes the first that it understands."""
        if not algorithms:
            raise LocalProtocolError("a challenge needs an algorithm")
        self.realm = quotable(realm)
        self._nonces = nonces
        self._offered = frozenset(algorithms)
        self._templates = [
            (
                str(DigestChallenge(realm, _SLOT, algorithm, qop)).split(_SLOT),
                str(DigestChallenge(realm, _SLOT, algorithm, qop, stale=True)).split(_SLOT),
            )
            for algorithm in algorithms
        ]

    def challenge(self, now: float, *, stale: bool = False) -> list[str]:
        """Make the values of one challenge, a header line each algorithm (RFC 8760 section 2.3)."""
        nonce = self._nonces.new(now)
        return [nonce.join(template[stale]) for template in self._templates]

    def select(self, lines: Sequence[str]) -> DigestCredentials | None:
        """Pick the credentials for this realm among header lines; None when there are none.

        Raises `RemoteProtocolError` for a line that cannot be read.
        """
        for line in lines:
            credentials = DigestCredentials.parse(line)
            if credentials is not None and credentials.realm == self.realm:
                return credentials
        return None

    def verify(
        self, credentials: DigestCredentials, subject: Subject, lookup: Lookup, now: float
    ) -> Verdict:
        """Judge credentials of this realm."""
        username = credentials.username
        algorithm = algorithm_named(credentials.algorithm)
        if algorithm not in self._offered:
            return Wrong(username, "algorithm was not offered")
        count = _count_of(credentials)
        if count is None:
            return Wrong(username, "qop or nonce count is malformed")
        known = lookup(username, algorithm)
        expected = response_of(
            algorithm,
            known or _DECOY,
            credentials,
            method=subject.method,
            body=subject.body,
        )
        given = credentials.response.encode("utf-8", "surrogateescape").lower()
        is_right = compare_digest(expected.encode(), given)
        is_fresh = self._nonces.is_fresh(credentials.nonce, now)
        if known is None or not is_right:
            return Wrong(username, "unknown user" if known is None else "wrong password")
        if not _agree(credentials.uri, subject.uri):
            return Wrong(username, "digest is for another address")
        if is_fresh and self._nonces.spend(credentials.nonce, count, now):
            return Verified(username, algorithm)
        return Stale(username)


def _count_of(credentials: DigestCredentials) -> int | None:
    """Return the nonce count; None if malformed; 1 without qop: such a nonce serves once."""
    if credentials.qop is None:
        return 1
    digits = credentials.nonce_count or ""
    if credentials.qop not in {"auth", "auth-int"} or credentials.cnonce is None:
        return None
    if len(digits) != 8:
        return None
    try:
        return int(digits, 16)
    except ValueError:
        return None


def _agree(digest_uri: str, request_uri: str) -> bool:
    """Tell whether the digest was made for the address called (RFC 7616 section 3.4.6).

    Phones and application gateways differ in how they write host, port and parameters, so only the
    user part, the number called, must be the same.
    """
    return digest_uri == request_uri or _user_of(digest_uri) == _user_of(request_uri)


def _user_of(uri: str) -> str:
    return uri.partition(":")[2].rpartition("@")[0]
