"""The offer/answer machine of one leg (RFC 3264, RFC 3261 section 13.2.1, RFC 6337).

One leg has at most one offer on its way. The descriptions are kept as octets: who acts on them
parses them. What an answer means for the streams is told by `directions` and `is_hold`.
"""

from enum import Enum

from switch.sdp.description import Direction, SdpError, SessionDescription
from switch.sip.errors import LocalProtocolError, RemoteProtocolError


class State(Enum):
    """Whose offer is open."""

    STABLE = "stable"
    OFFER_SENT = "offer sent"
    OFFER_RECEIVED = "offer received"


class OfferAnswer:
    """The descriptions that hold on a leg, and the offer that would change them."""

    def __init__(self) -> None:
        self.state = State.STABLE
        self.local: bytes | None = None
        """Our description as last agreed."""
        self.remote: bytes | None = None
        """The far side's description as last agreed."""
        self.offer: bytes | None = None
        """The open offer, whosever it is."""

    def send_offer(self, offer: bytes) -> None:
        """Note that our offer goes out."""
        if self.state is not State.STABLE:
            raise LocalProtocolError(f"an offer cannot be sent: {self.state.value}")
        self.state = State.OFFER_SENT
        self.offer = offer

    def receive_offer(self, offer: bytes) -> bool:
        """Take the far side's offer; tell whether it changes anything.

        It does not when it repeats the far side's current description, as session refreshes do
        (RFC 4028 section 7.4, RFC 3264 section 8: the same version must be the same description). A
        phone that changes its description and forgets the version is taken at its word.
        """
        if self.state is State.OFFER_SENT:
            raise RemoteProtocolError("offers cross each other", status=491)
        if self.state is State.OFFER_RECEIVED:
            raise RemoteProtocolError("the earlier offer is not answered yet", status=500)
        self.state = State.OFFER_RECEIVED
        self.offer = offer
        return offer != self.remote

    def send_answer(self, answer: bytes) -> None:
        """Note that our answer goes out: both descriptions hold from now on."""
        if self.state is not State.OFFER_RECEIVED:
            raise LocalProtocolError(f"an answer cannot be sent: {self.state.value}")
        self._agree(local=answer, remote=self.offer)

    def receive_answer(self, answer: bytes) -> None:
        """Take the far side's answer: both descriptions hold from now on.

        An answer without streams for the last of our m= lines refuses those; one with more is no
        answer to our offer (RFC 3264 section 6).
        """
        if self.state is not State.OFFER_SENT or self.offer is None:
            raise RemoteProtocolError("there is no offer to answer", status=0)
        if media_lines(answer) > media_lines(self.offer):
            raise SdpError("the answer has more streams than the offer", status=488)
        self._agree(local=self.offer, remote=answer)

    def cancel_offer(self) -> None:
        """Drop the open offer, refused or withdrawn: what was agreed before holds on.

        In the stable state there is nothing to drop: the offer was answered before its request
        failed.
        """
        self.state = State.STABLE
        self.offer = None

    def _agree(self, *, local: bytes | None, remote: bytes | None) -> None:
        self.state = State.STABLE
        self.local, self.remote, self.offer = local, remote, None

    def __repr__(self) -> str:
        return f"<OfferAnswer {self.state.name}>"


def media_lines(body: bytes) -> int:
    """Count a description's m= lines."""
    return body.count(b"\nm=")


def directions(offer: SessionDescription, answer: SessionDescription) -> list[Direction]:
    """Return for each stream of the offer how media flows now, as the offerer sees it.

    A stream that either side has with port 0, or that the answer lacks, is inactive.
    """
    flows = []
    for number, offered in enumerate(offer.media):
        answered = answer.media[number] if number < len(answer.media) else None
        if answered is None or not offered.port or not answered.port:
            flows.append(Direction.INACTIVE)
            continue
        mine, theirs = offer.direction_of(offered), answer.direction_of(answered)
        flows.append(
            Direction.of(
                sends=mine.sends and theirs.receives, receives=mine.receives and theirs.sends
            )
        )
    return flows


def is_hold(description: SessionDescription) -> bool:
    """Tell whether its writer holds the call: streams are in use, and none of them receives."""
    used = [media for media in description.media if media.port]
    return bool(used) and not any(description.direction_of(media).receives for media in used)
