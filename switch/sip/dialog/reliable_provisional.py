"""Reliable provisional responses, at either side (RFC 3262).

`ReliableProvisionals` numbers and repeats what a UAS sends until it is acknowledged;
`ProvisionalOrder` tells a UAC which responses count and how to acknowledge them. Neither knows the
time: after each call on the first, `repeat_after` says in how many seconds `expire` is due.
"""

from collections import deque

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.rack import RAck, parse_rseq
from switch.sip.message import Request, Response
from switch.sip.timer import TimerValues

MAX_WAITING = 8
"""Provisionals that wait for the one before: more mean a far side that acknowledges nothing."""

MAX_RSEQ = 2**32 - 1


class ReliableProvisionals:
    """What a UAS says before its final response, one at a time, until its PRACK (section 3)."""

    __slots__ = (
        "_after",
        "_elapsed",
        "_rseq",
        "_stopped",
        "_unacknowledged",
        "_values",
        "_waiting",
    )

    def __init__(self, values: TimerValues, first_rseq: int) -> None:
        self._values = values
        self._rseq = first_rseq
        self._after = values.t1
        self._elapsed = 0.0
        self._stopped = False
        self._unacknowledged: Response | None = None
        self._waiting: deque[Response] = deque()

    @property
    def is_pending(self) -> bool:
        """Whether a response has not been acknowledged yet."""
        return self._unacknowledged is not None

    @property
    def has_body(self) -> bool:
        """Whether what is not acknowledged has a body, so that the 2xx must wait for its PRACK."""
        outstanding = self._unacknowledged
        if outstanding is None:
            return False
        return bool(outstanding.body) or any(each.body for each in self._waiting)

    @property
    def repeat_after(self) -> float | None:
        """In how many seconds `expire` is due; None while nothing is repeated."""
        if self._unacknowledged is None or self._stopped:
            return None
        return min(self._after, self._values.transaction_timeout - self._elapsed)

    def send(self, response: Response) -> Response | None:
        """Return the response numbered, to be sent now; None when it waits for the one before.

        Its fields get Require and RSeq. 100 is never reliable, nothing follows a final response.
        """
        if self._stopped or len(self._waiting) >= MAX_WAITING:
            return None
        if self._unacknowledged is None:
            return self._number(response)
        self._waiting.append(response)
        return None

    def expire(self) -> Response | None:
        """Return the response that is repeated now; None when nobody acknowledged it within 64*T1.

        The INVITE is then to be refused with a 5xx.
        """
        if self._unacknowledged is None or self._stopped:
            return None
        self._elapsed += self._after
        if self._elapsed >= self._values.transaction_timeout:
            return None
        self._after *= 2
        return self._unacknowledged

    def acknowledge(self, prack: Request) -> bool:
        """Take a PRACK: True answers it with 200, False with 481.

        Raise `RemoteProtocolError` when it doesn't tell what it acknowledges.
        """
        text = prack.first("rack")
        if text is None:
            raise RemoteProtocolError("RAck is missing")
        rack = RAck.parse(text)
        awaited = self._unacknowledged
        if awaited is None or rack != RAck(self._rseq, awaited.cseq.number, "INVITE"):
            return False
        self._unacknowledged = None
        self._rseq += 1
        return True

    def next(self) -> Response | None:
        """Return the next response, numbered, once the one before it is acknowledged."""
        if self._unacknowledged is not None or not self._waiting:
            return None
        return self._number(self._waiting.popleft())

    def stop(self) -> None:
        """Repeat nothing any more: the final response leaves. A late PRACK still counts."""
        self._stopped = True
        self._waiting.clear()

    def _number(self, response: Response) -> Response:
        numbered = [*response.fields, ("Require", "100rel"), ("RSeq", str(self._rseq))]
        response = Response(response.status, response.reason, numbered, response.body)
        self._unacknowledged = response
        self._after = self._values.t1
        self._elapsed = 0.0
        return response


class ProvisionalOrder:
    """The reliable provisionals of one early dialog, as a UAC receives them (section 4)."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: int | None = None

    def receive(self, response: Response) -> RAck | None:
        """Return what the PRACK says; None for a response that is repeated, or that came too early.

        Neither is acknowledged or handed on: the PRACK of the first is repeated by its transaction,
        and the second will come again after the one that is missing.
        """
        try:
            rseq = parse_rseq(response.first("rseq") or "")
        except RemoteProtocolError:
            return None
        if self._last is not None and rseq != self._last + 1:
            return None
        self._last = rseq
        return RAck(rseq, response.cseq.number, response.cseq.method)
