"""A subscription at the notifier's side: one dialog, its expiry and its NOTIFYs (RFC 6665 4.2).

One NOTIFY is on its way at a time and they keep a distance: what changes meanwhile is told by the
next one, which always carries the latest state. A watcher that does not take a NOTIFY is forgotten.
"""

from enum import Enum
from typing import Protocol

from switch.notifier.document import Document
from switch.sip import uas
from switch.sip.dialog.dialog import Dialog
from switch.sip.effect import ClientKey, FailureCause, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.event import Event
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack

DEFAULT_EXPIRES, MIN_EXPIRES, MAX_EXPIRES = 3600, 30, 3600
"""Seconds; phones of the field ask for 60 to 3600."""

MIN_INTERVAL = 0.5
"""Seconds between two NOTIFYs of one subscription: a lamp need not flicker."""


class State(Enum):
    """The states of a subscription (RFC 6665 section 4.1.2, the notifier's half)."""

    ACTIVE = "active"
    TERMINATED = "terminated"


class Owner(Protocol):
    """Whoever keeps subscriptions and writes their documents."""

    def write(self, subscription: "Subscription", *, is_full: bool) -> Document:
        """Write what the subscription shows now."""

    def forget(self, subscription: "Subscription") -> None:
        """Learn that a subscription is over."""


class Subscription:
    """One watcher's subscription to one resource or list."""

    def __init__(  # noqa: PLR0913 - what a SUBSCRIBE says
        self,
        stack: Stack,
        owner: Owner,
        request: Request,
        flow: Flow,
        event: Event,
        *,
        device: str,
        contract: str,
        resource: str,
    ) -> None:
        self.state = State.ACTIVE
        self.stack = stack
        self.flow = flow
        self.event = event
        self.device = device
        self.contract = contract
        self.resource = resource
        self.entity = request.uri.partition(";")[0]
        """How the watcher calls the resource."""
        self.version = -1
        """Of the last document; the first is 0 (RFC 4235 section 4.1.1)."""
        self.watches: tuple[str, ...] = (resource,)
        """The resources whose changes it is told of; a list has several."""
        self.changed: set[str] = set()
        """The members of a list that changed since the last NOTIFY."""
        self._owner = owner
        self._dialog = Dialog.answering(request, stack.tokens.tag(), stack.tokens.first_cseq())
        self._expires_at = 0.0
        self._sent_at = -MIN_INTERVAL
        self._underway: ClientKey | None = None
        self._is_due = False
        self._is_full = True
        self._reason = ""
        stack.keep_usage(self._dialog.local_tag, self)

    def begin(self, request: Request, flow: Flow, expires: int) -> None:
        """Accept the SUBSCRIBE and tell the state at once (section 4.2.1.2)."""
        self._accept(self.stack.accept(request, flow, self), request, expires)

    def change(self, member: str) -> None:
        """Tell the watcher, soon, that a resource it watches has changed."""
        if self.state is State.ACTIVE:
            self.changed.add(member)
            self._notify_soon()

    def end(self, reason: str) -> None:
        """Terminate the subscription of our own accord (section 4.1.3's reason)."""
        if self.state is State.ACTIVE:
            self._terminate(reason)

    # What the watcher says

    def receive_request(self, request: Request, flow: Flow) -> None:
        """Take a request inside the dialog: a refresh, or the end (section 4.2.1.4)."""
        if request.method == "ACK":
            return
        if self.state is State.TERMINATED or request.from_tag != self._dialog.remote_tag:
            self.stack.refuse(request, flow, 481)
        elif not self._dialog.accept(request):
            self.stack.refuse(request, flow, 500, [("Retry-After", "0")])
        elif request.method != "SUBSCRIBE":
            self.stack.refuse(request, flow, 405, [("Allow", "SUBSCRIBE")])
        else:
            self._refresh(request, flow)

    def _refresh(self, request: Request, flow: Flow) -> None:
        expires = wanted_expiry(request)
        if isinstance(expires, uas.Refusal):
            self.stack.refuse(request, flow, expires.status, expires.fields)
            return
        self.flow = flow
        self._dialog.refresh_target(request)
        self._is_full = True
        self._accept(self.stack.accept(request, flow, self), request, expires)

    def _accept(self, key: ServerKey, request: Request, expires: int) -> None:
        fields: list[Field] = [
            ("Expires", str(expires)),
            ("Contact", self.stack.contact(self.flow)),
        ]
        tag = self._dialog.local_tag
        self.stack.respond(key, uas.respond(request, 200, to_tag=tag, fields=fields))
        if expires == 0:
            self._terminate("timeout")
            return
        self._expires_at = self.stack.now + expires
        self.stack.set_timer(self, "expiry", expires)
        self._notify_soon(at_once=True)

    # What we say

    def _notify_soon(self, *, at_once: bool = False) -> None:
        """Send a NOTIFY now if none is on its way and the last is old enough, else when it may."""
        self._is_due = True
        wait = self._sent_at + MIN_INTERVAL - self.stack.now
        if self._underway is not None:
            return
        if at_once or wait <= 0 or self.state is State.TERMINATED:
            self._notify()
        else:
            self.stack.set_timer(self, "throttle", wait)

    def _notify(self) -> None:
        self.stack.cancel_timer(self, "throttle")
        self._is_due = False
        self.version += 1
        document = self._owner.write(self, is_full=self._is_full)
        self._is_full = False
        self.changed.clear()
        fields: list[Field] = [
            ("Contact", self.stack.contact(self.flow)),
            ("Event", str(self.event)),
            ("Subscription-State", self._told_state()),
            ("Content-Type", document.content_type),
        ]
        if document.content_type.startswith("multipart/"):
            fields.append(("Require", "eventlist"))
        via = self.stack.via(self.flow)
        notify = self._dialog.request("NOTIFY", via, fields=fields, body=document.body)
        self._sent_at = self.stack.now
        self._underway = self.stack.request(notify, self.flow, self)

    def _told_state(self) -> str:
        if self.state is State.TERMINATED:
            return f"terminated;reason={self._reason}"
        return f"active;expires={max(0, round(self._expires_at - self.stack.now))}"

    def _terminate(self, reason: str) -> None:
        self.state, self._reason = State.TERMINATED, reason
        self._is_full = True
        self.stack.cancel_timer(self, "expiry")
        self._notify_soon(at_once=True)

    # What became of a NOTIFY

    def receive_response(self, _key: ClientKey, response: Response, _flow: Flow) -> None:
        """Take the answer to a NOTIFY; a refusal ends the subscription (section 4.2.2)."""
        if response.status < 200:
            return
        self._underway = None
        if response.status >= 300 and not self._may_try_again(response):
            self._forget()
        elif self._is_due:
            self._notify_soon()
        elif self.state is State.TERMINATED:
            self._forget()

    def _may_try_again(self, response: Response) -> bool:
        """Tell whether the watcher is there but could not take this one; it gets the next."""
        return self.state is State.ACTIVE and response.first("retry-after") is not None

    def fail_request(self, _key: ClientKey, _request: Request, _cause: FailureCause, /) -> None:
        """Take that the watcher did not answer a NOTIFY: it is gone."""
        self._underway = None
        self._forget()

    def fail_response(self, _key: ServerKey, _cause: FailureCause, /) -> None:
        """Take that an answer to a SUBSCRIBE could not be sent; the watcher will ask again."""

    def receive_cancel(self, _key: ServerKey, _cancel: Request, /) -> None:
        """Take a CANCEL, which a SUBSCRIBE does not have."""

    def expire(self, timer: str) -> None:
        """Take a timer: the subscription's end, or the time for a NOTIFY that waits."""
        if timer == "expiry":
            self._terminate("timeout")
        else:
            self._notify()

    def _forget(self) -> None:
        self.state = State.TERMINATED
        for timer in ("expiry", "throttle"):
            self.stack.cancel_timer(self, timer)
        self.stack.forget_usage(self._dialog.local_tag)
        self._owner.forget(self)

    def __repr__(self) -> str:
        return (
            f"<Subscription {self.device} {self.event.package} {self.resource} {self.state.name}>"
        )


def wanted_expiry(request: Request) -> int | uas.Refusal:
    """Read how long a SUBSCRIBE wants to last, in seconds; a refusal when that is too short."""
    line = request.first("expires")
    try:
        wanted = DEFAULT_EXPIRES if line is None else parse_delta(line)
    except RemoteProtocolError:
        return uas.Refusal(400, uas.reason_phrase(400))
    if 0 < wanted < MIN_EXPIRES:
        fields = (("Min-Expires", str(MIN_EXPIRES)),)
        return uas.Refusal(423, uas.reason_phrase(423), fields)
    return min(wanted, MAX_EXPIRES)
