"""A notifier on a real SIP stack, in virtual time; the test speaks for the watching phones."""

from collections.abc import Sequence
from random import Random

from switch.notifier.dialog_event import DialogFact, DialogPackage
from switch.notifier.message_summary import MessageCounts, MessageSummaryPackage
from switch.notifier.notifier import Notifier
from switch.sip.effect import Transmit
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from switch.sip.transaction.hop import echo
from tests.support.exchange import COOKIE, LOCAL, UDP, request

CONTACT: Field = ("Contact", "<sip:watcher@192.0.2.7:5060>")


class Office:
    """What an office's lamps and mailboxes show; the test turns them on and off."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, str], tuple[DialogFact, ...]] = {
            ("c1", "101"): (),
            ("c1", "102"): (),
            ("c1", "*1"): (),
            ("c2", "201"): (),
        }
        self.mail: dict[str, MessageCounts] = {"alice": MessageCounts(0, 0)}

    def dialogs(self, contract: str, name: str) -> Sequence[DialogFact] | None:
        """Return what an extension or slot does."""
        return self.facts.get((contract, name))

    def lamps(self, contract: str, name: str) -> Sequence[str] | None:
        """Return the office's lamps."""
        return (
            [each for owner, each in self.facts if owner == contract] if name == "lamps" else None
        )

    def counts(self, username: str) -> MessageCounts | None:
        """Return what a mailbox has."""
        return self.mail.get(username)


class WatchBench:
    """A stack, the notifier on it, the office it tells of, and what it sent."""

    def __init__(self) -> None:
        tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
        self.stack = Stack([Listener(UDP.transport, LOCAL, LOCAL)], tokens, TimerValues())
        self.office = Office()
        packages = (DialogPackage(self.office, "example.jp"), MessageSummaryPackage(self.office))
        self.notifier = Notifier(self.stack, packages)
        self._branches = 0

    def subscribe(
        self,
        user: str = "102",
        event: str = "dialog",
        *fields: Field,
        device: str = "alice",
        contract: str = "c1",
        expires: str | None = "600",
        call_id: str = "watch-1",
        contact: Field = CONTACT,
    ) -> list[Request | Response]:
        """Let a device subscribe; return what it gets at once."""
        self._branches += 1
        asked = [contact, ("Event", event), *fields]
        if expires is not None:
            asked.append(("Expires", expires))
        uri = f"sip:{user}@example.jp" if user else "sip:example.jp"
        subscribe = request(
            "SUBSCRIBE", uri=uri, to=f"<{uri}>",
            branch=f"{COOKIE}s{self._branches}", call_id=call_id, fields=asked,
        )  # fmt: skip
        self.notifier.receive(subscribe, UDP, device, contract)
        return self.sent()

    def ask(
        self, accepted: Response, method: str, *fields: Field, cseq: int = 2, tag: str = "a"
    ) -> list[Request | Response]:
        """Let the watcher send a request inside its subscription's dialog."""
        self._branches += 1
        inside = request(
            method, to=accepted.first("to") or "", from_=f"<sip:alice@example.jp>;tag={tag}",
            branch=f"{COOKIE}s{self._branches}", call_id=accepted.call_id, cseq=cseq,
            fields=[CONTACT, ("Event", "dialog"), *fields],
        )  # fmt: skip
        usage = self.stack.usage(inside.to_tag)
        assert usage is not None
        usage.receive_request(inside, UDP)
        return self.sent()

    def answer(
        self, notify: Request | Response, status: int = 200, *fields: Field, flow: Flow = UDP
    ) -> list[Request | Response]:
        """Let the watcher answer a NOTIFY."""
        assert isinstance(notify, Request)
        response = Response(status, "Reason", [*echo(notify, None), *fields], b"")
        effects = self.stack.layer.receive_response(parse_response(response), flow, self.stack.now)
        self.stack.perform(effects)
        return self.sent()

    def sent(self) -> list[Request | Response]:
        """Return what was sent since the last look."""
        found = [parse(each.octets) for each in self.stack.out if isinstance(each, Transmit)]
        self.stack.out.clear()
        return found

    def wait(self, seconds: float) -> list[Request | Response]:
        """Let time pass; return what was sent in it."""
        until = self.stack.now + seconds
        while (deadline := self.stack.next_deadline()) is not None and deadline <= until:
            self.stack.now = max(self.stack.now, deadline)
            self.stack.expire()
        self.stack.now = until
        return self.sent()


def parse_response(response: Response) -> Response:
    """Read a response as the wire would bring it."""
    read = parse(response.octets())
    assert isinstance(read, Response)
    return read
