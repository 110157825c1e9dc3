"""One call on a real SIP stack; the test speaks for both far sides and for the media plane."""

from collections.abc import Sequence

from media.plane import (
    Allocate,
    Allocated,
    Connect,
    Released,
)
from media.plane import Release as ReleaseEndpoint
from switch.b2bua.answering_leg import AnsweringLeg
from switch.b2bua.branch import Branch, Member
from switch.b2bua.call import Call
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import Cause, Fail, Refer
from switch.b2bua.leg import Leg
from switch.b2bua.media_role import MediaSide
from switch.b2bua.originating_leg import OriginatingLeg
from switch.effect import Level
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from tests.support.exchange import UDP, request
from tests.support.leg_bench import (
    ALLOW,
    CONTACT,
    FAR,
    PORTS,
    SDP,
    LegBench,
    invitation,
)


def record(leg: str) -> LegRecord:
    """Make a leg's record."""
    return LegRecord(leg, "in", "contract-1", None, None, "101", "102", 0.0)


class CallBench(LegBench):
    """A call and who owns it; the test speaks for both sides and for the media plane."""

    def __init__(
        self, targets: int = 1, *, body: bytes = FAR, fields: Sequence[Field] = ()
    ) -> None:
        super().__init__()
        self.stories: list[str] = []
        self.is_finished = False
        self.is_free = False
        self.is_served = False
        self.left: list[str] = []
        self.unreachable: set[int] = set()
        self.gives_media = True
        self.call = Call(self, self.stack, "call", record("a"), from_trunk=False, trace="[]")
        described = [SDP] if body else []
        self.invite = request(fields=[CONTACT, ALLOW, *described, *fields], body=body)
        received = parse(self.invite.octets())
        assert isinstance(received, Request)
        received.stamp(UDP.remote.host, UDP.remote.port)
        session = SessionTimer()
        leg = AnsweringLeg(self.stack, self.call, self._side("a"), UDP, session, received)
        self.call.attend(leg)
        self.speak_for(self.call.a, "a")
        self.targets = range(targets)

    # The owner

    def make_branch(self, call: Call, index: int) -> Branch | Fail:
        """Make a B leg."""
        if index in self.unreachable:
            return Fail(480, "Temporarily Unavailable", Cause.UNREACHABLE)
        name = call.branches.next_name()
        wanted, session = invitation(), SessionTimer()
        leg = OriginatingLeg(self.stack, call, self._side(name), UDP, session, wanted)
        return Branch(index, leg, record(name), is_trunk=False)

    def tell(
        self,
        call: Call,  # noqa: ARG002 - there is one
        event: str,
        level: Level,  # noqa: ARG002 - of no interest
        **fields: str | float | None,  # noqa: ARG002 - of no interest
    ) -> None:
        """Note a line of the story."""
        self.stories.append(event)

    def serve(self, _call: Call, _failure: Fail) -> bool:
        """Let nobody or a service take the call."""
        return self.is_served

    def leave(self, _call: Call, member: Member) -> None:
        """Note that a B leg is over."""
        self.left.append(member.record.leg)

    def refer(self, _call: Call, leg: Leg, _event: Refer) -> None:
        """Refuse to lead anybody on."""
        leg.progress(603, "Decline")

    def change(self, _call: Call) -> None:
        """Light no lamp."""

    def free(self, _call: Call) -> None:
        """Note that the channels are free."""
        assert not self.is_free
        self.is_free = True

    def finish(self, call: Call) -> None:
        """Note the end."""
        assert self.is_free
        assert not self.is_finished
        self.is_finished = True
        self.stack.cancel_timer(call, "media")

    def wall(self) -> float:
        """Return the time."""
        return self.stack.now

    def _side(self, name: str) -> MediaSide:
        return MediaSide(endpoint=f"call/{name}", call_id="call", source="192.0.2.7", session_id=5)

    # The far sides

    def speak_for(self, leg: Leg, tag: str) -> None:
        """Let the test speak for this leg's far side."""
        self.leg, self.remote_tag = leg, tag

    def as_caller(self) -> None:
        """Let the test speak for the caller."""
        self.speak_for(self.call.a, "a")

    def as_callee(self, number: int = 0) -> None:
        """Let the test speak for a called phone."""
        self.speak_for(self.call.branches[number].leg, f"far{number}")

    def hunt(self, *groups: Sequence[int], patience: float = 60.0) -> list[Request]:
        """Begin the call and return the INVITEs that went out."""
        self.call.hunt(groups or [tuple(self.targets)], patience)
        return self.requests()

    def sent(self) -> list[Request | Response]:
        """Return what was sent, having let the media plane do what it was asked to."""
        if self.gives_media:
            self.perform_media()
        return super().sent()

    def perform_media(self) -> None:
        """Answer what was asked of the media plane, as often as an answer asks for more."""
        while asked := [each for each in self.stack.out if isinstance(each, Allocate)]:
            self.stack.out = [each for each in self.stack.out if not isinstance(each, Allocate)]
            for each in asked:
                self.call.hear_media(Allocated(each.endpoint, PORTS[: each.streams]))
        given_back = [each for each in self.stack.out if isinstance(each, ReleaseEndpoint)]
        self.stack.out = [each for each in self.stack.out if not isinstance(each, ReleaseEndpoint)]
        for released in given_back:
            self.call.hear_media(Released(released.endpoint, ()))

    def establish(self) -> None:
        """Connect the call."""
        (invite,) = self.hunt()
        self.as_callee()
        self.answer(invite, 200, ALLOW, body=FAR)
        self.sent()
        self.as_caller()
        self.ask("ACK", cseq=1)
        self.sent()

    def joined(self) -> list[tuple[str, str]]:
        """Return who was joined to whom since the last look."""
        return [(each.one, each.other) for each in self.stack.out if isinstance(each, Connect)]

    def expect_clean(self) -> None:
        """Let everything end; nothing may be left."""
        self.sent()
        self.wait(70)
        self.sent()
        assert self.is_finished
        left = len(self.stack.layer), self.stack.usage_count, self.stack.pending_timers
        assert left == (0, 0, 0)
