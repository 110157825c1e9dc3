"""Which of our digests may be given to whom (RFC 3261 section 22, RFC 7616 section 5.8).

Credentials belong to one trunk: they answer challenges that come from that trunk's addresses, in
the realm that was agreed if one was. Any other challenge, such as one that a phone sends in answer
to a call of ours, gets nothing: its nonce could be one that a carrier gave to whoever sends it.
"""

from collections.abc import Iterable

import msgspec

from switch.guard.admission import Networks
from switch.sip.digest import Secret, answer, select_challenge
from switch.sip.flow import Flow
from switch.sip.header.digest import DigestCredentials
from switch.sip.message import Field, Request, Response
from switch.sip.token import Tokens

_FIELDS = {
    401: ("www-authenticate", "Authorization"),
    407: ("proxy-authenticate", "Proxy-Authorization"),
}


class Credentials(msgspec.Struct, frozen=True):
    """What answers one trunk's challenges."""

    username: str
    secret: Secret
    peers: tuple[str, ...]
    """The addresses and networks that may be answered."""
    realm: str | None = None
    """The one realm to answer in; None for any that those addresses name."""


class Keyring:
    """All credentials of ours, and the one door to them."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._held: dict[str, tuple[Credentials, Networks]] = {}

    def hold(self, trunk: str, credentials: Credentials) -> None:
        """Hold a trunk's credentials, in place of those held for it before."""
        self._held[trunk] = credentials, Networks(credentials.peers)

    def drop(self, trunk: str) -> None:
        """Forget a trunk's credentials; a trunk without any is no fault."""
        self._held.pop(trunk, None)

    def for_challenge(self, flow: Flow, realm: str) -> Credentials | None:
        """Return the credentials that may answer a challenge of this realm on this flow."""
        for credentials, peers in self._held.values():
            if credentials.realm in {None, realm} and flow.remote.host in peers:
                return credentials
        return None

    def authorize(self, request: Request, response: Response, flow: Flow) -> Field | None:
        """Return the header field that answers a 401 or 407 to a request of ours.

        None when this peer gets no answer, when there is none, or when the challenge refuses one
        that the request carried already (section 22.2: the same credentials are not tried again).
        """
        names = _FIELDS.get(response.status)
        if names is None:
            return None
        challenged, answering = names
        lines = response.all(challenged)
        for credentials, peers in self._held.values():
            if flow.remote.host not in peers:
                continue
            challenge = select_challenge(
                lines, credentials.username, credentials.secret, realm=credentials.realm
            )
            if challenge is None:
                continue
            if not challenge.stale and challenge.realm in _realms(request.all(answering.lower())):
                return None
            value = answer(
                challenge,
                credentials.username,
                credentials.secret,
                method=request.method,
                uri=request.uri,
                cnonce=self._tokens.cnonce(),
                body=request.body,
            )
            return answering, value
        return None


def _realms(lines: Iterable[str]) -> set[str]:
    """Return the realms that a request of ours already answered."""
    answered = (DigestCredentials.parse(line) for line in lines)
    return {credentials.realm for credentials in answered if credentials is not None}
