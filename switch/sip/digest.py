"""Digest arithmetic, and digest as a client (RFC 3261 section 22, RFC 7616, RFC 8760, RFC 2617).

The server's side, which also remembers which nonces are used up, is `switch.guard.challenger`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from switch.sip.errors import LocalProtocolError, RemoteProtocolError
from switch.sip.header.digest import DigestChallenge, DigestCredentials, quotable
from switch.value import Value


class Algorithm(StrEnum):
    """A hash algorithm as RFC 7616 names it; of two, the later is the stronger."""

    MD5 = "MD5"
    SHA_256 = "SHA-256"
    SHA_512_256 = "SHA-512-256"


_BY_NAME = {algorithm.value.lower(): algorithm for algorithm in Algorithm}
_STRENGTH = {algorithm: rank for rank, algorithm in enumerate(Algorithm)}
_SEEDS = {
    Algorithm.MD5: hashlib.md5(usedforsecurity=False),
    Algorithm.SHA_256: hashlib.sha256(usedforsecurity=False),
    # Asking the library for it by name each time would cost as much as the hash.
    Algorithm.SHA_512_256: hashlib.new("sha512_256", usedforsecurity=False),
}


def algorithm_named(name: str | None) -> Algorithm | None:
    """Return the algorithm of this name in any case, MD5 for None; None when it is not known."""
    return Algorithm.MD5 if name is None else _BY_NAME.get(name.lower())


def hashed(algorithm: Algorithm, text: str) -> str:
    """Return the hash of text in lower-case hexadecimal digits: the RFC's H()."""
    return _hashed_octets(algorithm, text.encode("utf-8", "surrogateescape"))


def _hashed_octets(algorithm: Algorithm, octets: bytes) -> str:
    state = _SEEDS[algorithm].copy()
    state.update(octets)
    return state.hexdigest()


def ha1(algorithm: Algorithm, username: str, realm: str, password: str) -> str:
    """Return H(username:realm:password), the form in which secrets are kept (RFC 7616 3.4.2)."""
    return hashed(algorithm, f"{username}:{realm}:{password}")


class Password(Value, frozen=True):
    """A secret in clear, which can answer any realm and algorithm."""

    text: str

    def ha1(self, algorithm: Algorithm, username: str, realm: str) -> str | None:
        """Return H(username:realm:password)."""
        return ha1(algorithm, username, realm, self.text)

    def __repr__(self) -> str:
        return "<Password>"


class HashedSecret(Value, frozen=True):
    """A secret kept as HA1 by algorithm: good for one user name in one realm."""

    by_algorithm: Mapping[Algorithm, str]

    def ha1(self, algorithm: Algorithm, username: str, realm: str) -> str | None:  # noqa: ARG002 - the face of Password
        """Return the kept HA1; None for an algorithm that none is kept for."""
        return self.by_algorithm.get(algorithm)

    def __repr__(self) -> str:
        return f"<HashedSecret {' '.join(self.by_algorithm)}>"


Secret = Password | HashedSecret


def response_of(
    algorithm: Algorithm, secret: str, credentials: DigestCredentials, *, method: str, body: bytes
) -> str:
    """Compute the `response` parameter of credentials from HA1.

    RFC 7616 section 3.4.1 with qop; without it RFC 2617 section 3.2.2.1.
    """
    nonce, qop = credentials.nonce, credentials.qop
    covered = f"{method}:{credentials.uri}"
    if qop == "auth-int":
        covered = f"{covered}:{_hashed_octets(algorithm, body)}"
    ha2 = hashed(algorithm, covered)
    if qop is None:
        return hashed(algorithm, f"{secret}:{nonce}:{ha2}")
    count, cnonce = credentials.nonce_count, credentials.cnonce
    return hashed(algorithm, f"{secret}:{nonce}:{count}:{cnonce}:{qop}:{ha2}")


def select_challenge(
    lines: Sequence[str], username: str, secret: Secret, *, realm: str | None = None
) -> DigestChallenge | None:
    """Pick the strongest challenge that can be answered, the topmost of equals.

    Passed over are lines that cannot be read, other schemes, other realms than the wanted one, and
    algorithms and qop values that are not known (RFC 3261 section 22.3, RFC 8760 section 2.4).
    """
    best: DigestChallenge | None = None
    best_strength = -1
    for line in lines:
        try:
            challenge = DigestChallenge.parse(line)
        except RemoteProtocolError:
            continue
        if challenge is None or realm not in {None, challenge.realm}:
            continue
        strength = _strength_of(challenge, username, secret)
        if strength > best_strength:
            best, best_strength = challenge, strength
    return best


def _strength_of(challenge: DigestChallenge, username: str, secret: Secret) -> int:
    """Rank a challenge by its algorithm; -1 when it cannot be answered."""
    if challenge.qop and {"auth", "auth-int"}.isdisjoint(challenge.qop):
        return -1
    algorithm, _ = _algorithm_of(challenge)
    if algorithm is None or secret.ha1(algorithm, username, challenge.realm) is None:
        return -1
    return _STRENGTH[algorithm]


def _algorithm_of(challenge: DigestChallenge) -> tuple[Algorithm | None, bool]:
    """Return the challenge's algorithm, and whether it is in its `-sess` form (RFC 7616 3.4.2)."""
    if challenge.algorithm is None:
        return Algorithm.MD5, False
    name = challenge.algorithm.lower()
    base = name.removesuffix("-sess")
    return _BY_NAME.get(base), base != name


def answer(  # noqa: PLR0913 - what the digest covers
    challenge: DigestChallenge,
    username: str,
    secret: Secret,
    *,
    method: str,
    uri: str,
    cnonce: str,
    body: bytes = b"",
    count: int = 1,
) -> str:
    """Make the Authorization value that answers a challenge chosen by `select_challenge`."""
    algorithm, is_sess = _algorithm_of(challenge)
    kept = None if algorithm is None else secret.ha1(algorithm, username, challenge.realm)
    if algorithm is None or kept is None:
        raise LocalProtocolError("the challenge cannot be answered with this secret")
    if is_sess:
        kept = hashed(algorithm, f"{kept}:{challenge.nonce}:{cnonce}")
    qop = None
    if challenge.qop:
        # auth before auth-int: whatever touches bodies on the way would break the latter.
        qop = "auth" if "auth" in challenge.qop else "auth-int"
    credentials = DigestCredentials(
        username=quotable(username),
        realm=challenge.realm,
        nonce=challenge.nonce,
        uri=quotable(uri),
        response="",
        algorithm=challenge.algorithm,
        cnonce=cnonce,
        qop=qop,
        nonce_count=f"{count:08x}",
        opaque=challenge.opaque,
    )
    response = response_of(algorithm, kept, credentials, method=method, body=body)
    return str(msgspec.structs.replace(credentials, response=response))


class Responder:
    """Answers the challenges to one user, re-using a nonce with rising counts while it lasts."""

    def __init__(self, username: str, secret: Secret, *, realm: str | None = None) -> None:
        """Answer challenges of this realm only, or of any realm when it is None."""
        self._username = username
        self._secret = secret
        self._realm = realm
        self._challenge: DigestChallenge | None = None
        self._count = 0

    def challenged(self, lines: Sequence[str], *, is_answer_refused: bool = True) -> bool:
        """Take the challenges of a 401 or 407; tell whether another try makes sense.

        It does not when none can be answered, or when the first answer to the last challenge was
        refused although its nonce was not stale: then the secret is wrong (RFC 3261 section 22.2).
        A request that carried no answer of ours refuses none, and counts on where the nonce is the
        one already in use (RFC 7616 section 3.4).
        """
        challenge = select_challenge(lines, self._username, self._secret, realm=self._realm)
        if challenge is None:
            return False
        was_refused = is_answer_refused and self._count == 1
        is_known = self._challenge is not None and self._challenge.nonce == challenge.nonce
        self._challenge = challenge
        if is_answer_refused or not is_known:
            self._count = 0
        return challenge.stale or not was_refused

    def authorize(self, method: str, uri: str, body: bytes, cnonce: str) -> str | None:
        """Make the Authorization value for a request; None before the first challenge."""
        if self._challenge is None:
            return None
        self._count += 1
        return answer(
            self._challenge,
            self._username,
            self._secret,
            method=method,
            uri=uri,
            cnonce=cnonce,
            body=body,
            count=self._count,
        )

    def __repr__(self) -> str:
        return f"<Responder {self._username} count {self._count}>"
