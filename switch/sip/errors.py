"""What can be wrong with SIP: one root, the peer's faults and our own.

* `SipError`
    * `RemoteProtocolError`: what arrived breaks a rule; it carries the status that answers it
    * `LocalProtocolError`: our own code asked for something the protocol does not allow
"""


class SipError(Exception):
    """The root of every error of the SIP stack."""


class RemoteProtocolError(SipError):
    """A message from the network breaks a rule.

    `status` is the response that the RFC names for it; 0 means that no response may be sent (the
    message was a response or an ACK, or carries too little to be answered).
    """

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class LocalProtocolError(SipError):
    """Our own code asked for what the protocol does not allow."""
