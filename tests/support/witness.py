"""A witness of everything that passes: it checks what must hold in every call.

* each INVITE that reaches the switch gets exactly one final response (RFC 3261 section 17.2.1)
* the CSeq of what the switch sends grows strictly in each dialog and direction (12.2.1.1); ACK and
  CANCEL carry the number of an INVITE that was sent
"""

import re
from dataclasses import dataclass, field

from tests.support.passage import Passage

_FIELD = re.compile(
    rb"\r\n(Via|v|From|f|Call-ID|i|CSeq|To|t)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE
)
_BRANCH = re.compile(rb"branch=([^;,\s]+)", re.IGNORECASE)
_TAG = re.compile(rb";[ \t]*tag=([^;,\s]+)", re.IGNORECASE)
_LONG = {b"v": b"via", b"f": b"from", b"i": b"call-id", b"t": b"to"}


@dataclass(frozen=True, slots=True)
class Glance:
    """What a witness sees of a message."""

    method: bytes
    """The CSeq's for a response, the request's own else."""
    status: int
    """0 for a request."""
    branch: bytes
    call_id: bytes
    from_tag: bytes
    to_tag: bytes
    cseq: int

    @classmethod
    def at(cls, octets: bytes) -> "Glance":
        """Read the fields that matter."""
        head = octets.partition(b"\r\n\r\n")[0]
        found: dict[bytes, bytes] = {}
        for name, value in _FIELD.findall(head):
            key = name.lower()
            found.setdefault(_LONG.get(key, key), value)
        first, second = head.split(b" ", 2)[:2]
        number, _, method = found[b"cseq"].partition(b" ")
        is_response = first == b"SIP/2.0"
        branch = _BRANCH.search(found[b"via"])
        return cls(
            method=method.strip() if is_response else first,
            status=int(second) if is_response else 0,
            branch=branch[1] if branch else b"",
            call_id=found[b"call-id"],
            from_tag=_tag(found[b"from"]),
            to_tag=_tag(found[b"to"]),
            cseq=int(number),
        )


def _tag(value: bytes) -> bytes:
    found = _TAG.search(value)
    return found[1] if found else b""


@dataclass(slots=True)
class Witness:
    """Watches one switch."""

    switch: str = "switch"
    violations: list[str] = field(default_factory=list)
    excused: set[str] = field(default_factory=set)
    """Hosts that need not be answered: their connections were closed."""
    _invites: dict[tuple[str, bytes], set[tuple[int, bytes]]] = field(default_factory=dict)
    _cseqs: dict[tuple[bytes, bytes, bytes], int] = field(default_factory=dict)
    _branches: set[tuple[bytes, bytes]] = field(default_factory=set)
    _sent_invites: set[tuple[bytes, int]] = field(default_factory=set)

    def see(self, passage: Passage) -> None:
        """Take one passage."""
        if "garbler" in {passage.source, passage.destination}:
            return  # whoever sends nonsense may get nonsense
        if passage.destination == self.switch:
            self._see_received(passage)
        elif passage.source == self.switch:
            self._see_sent(passage)

    def _see_received(self, passage: Passage) -> None:
        if passage.octets.startswith(b"INVITE ") and passage.fate.value != "lost":
            self._invites.setdefault((passage.source, Glance.at(passage.octets).branch), set())

    def _see_sent(self, passage: Passage) -> None:
        glance = Glance.at(passage.octets)
        if glance.status:
            self._see_response(passage, glance)
        else:
            self._see_request(glance)

    def _see_response(self, passage: Passage, glance: Glance) -> None:
        if glance.method != b"INVITE" or glance.status < 200:
            return
        finals = self._invites.setdefault((passage.destination, glance.branch), set())
        finals.add((glance.status, glance.to_tag))
        if len(finals) > 1:
            self._blame(f"INVITE {glance.call_id!r} got final responses {sorted(finals)}")

    def _see_request(self, glance: Glance) -> None:
        if glance.method == b"INVITE":
            self._sent_invites.add((glance.call_id, glance.cseq))
        if glance.method in {b"ACK", b"CANCEL"}:
            if (glance.call_id, glance.cseq) not in self._sent_invites:
                self._blame(f"{glance.method!r} {glance.cseq} of {glance.call_id!r} has no INVITE")
            return
        if (glance.branch, glance.method) in self._branches:
            return  # a repetition
        self._branches.add((glance.branch, glance.method))
        # Forks share the INVITE's number and count on from it, each dialog for itself.
        dialog = (glance.call_id, glance.from_tag, glance.to_tag)
        number = self._cseqs.get(dialog, self._cseqs.get((*dialog[:2], b""), -1))
        if glance.cseq <= number:
            self._blame(f"CSeq of {glance.call_id!r} went from {number} to {glance.cseq}")
        self._cseqs[dialog] = glance.cseq

    def _blame(self, violation: str) -> None:
        if violation not in self.violations:
            self.violations.append(violation)

    def unanswered(self) -> list[tuple[str, bytes]]:
        """Return the INVITEs that reached the switch and have no final response."""
        return [
            key
            for key, finals in self._invites.items()
            if not finals and key[0] not in self.excused
        ]
