"""The witness: it notices each kind of fault, and nothing else."""

from tests.support.passage import Fate, Passage
from tests.support.witness import Witness


def request(
    method: str, cseq: int, branch: str, *, call_id: str = "c", tags: tuple[str, str] = ("f", "")
) -> bytes:
    to = f";tag={tags[1]}" if tags[1] else ""
    number = f"{cseq} {method}"
    return (
        f"{method} sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch={branch}\r\n"
        f"From: <sip:a>;tag={tags[0]}\r\nTo: <sip:b>{to}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: {number}\r\n\r\n"
    ).encode()


def response(status: int, branch: str, tag: str = "t", method: str = "INVITE") -> bytes:
    return (
        f"SIP/2.0 {status} X\r\nv: SIP/2.0/UDP h;branch={branch}\r\nf: <sip:a>;tag=f\r\n"
        f"t: <sip:b>;tag={tag}\r\ni: c\r\nCSeq: 1 {method}\r\n\r\n"
    ).encode()


def sent(witness: Witness, octets: bytes) -> None:
    witness.see(Passage(0.0, "switch", "bob", octets, Fate.DELIVERED))


def received(witness: Witness, octets: bytes, fate: Fate = Fate.DELIVERED) -> None:
    witness.see(Passage(0.0, "bob", "switch", octets, fate))


def test_an_invite_needs_one_final_response() -> None:
    witness = Witness()
    received(witness, request("INVITE", 1, "b1"))
    received(witness, request("INVITE", 1, "lost"), Fate.LOST)
    sent(witness, response(180, "b1"))
    assert witness.unanswered() == [("bob", b"b1")]
    sent(witness, response(200, "b1"))
    sent(witness, response(200, "b1"))
    assert (witness.unanswered(), witness.violations) == ([], [])


def test_an_excused_host_need_not_be_answered() -> None:
    witness = Witness()
    received(witness, request("INVITE", 1, "b1"))
    witness.excused.add("bob")
    assert witness.unanswered() == []


def test_two_final_responses_are_a_fault() -> None:
    witness = Witness()
    received(witness, request("INVITE", 1, "b1"))
    sent(witness, response(487, "b1"))
    sent(witness, response(200, "b1"))
    sent(witness, response(200, "b1"))
    assert len(witness.violations) == 1
    sent(witness, response(200, "b2", "one"))
    sent(witness, response(200, "b2", "other"))
    assert len(witness.violations) == 2


def test_a_final_response_to_another_method_is_no_matter() -> None:
    witness = Witness()
    sent(witness, response(200, "b1", method="BYE"))
    sent(witness, response(481, "b1", method="BYE"))
    assert witness.violations == []


def test_cseq_must_grow_in_each_dialog() -> None:
    witness = Witness()
    sent(witness, request("INVITE", 5, "b1"))
    sent(witness, request("INVITE", 5, "b1"))
    sent(witness, request("PRACK", 6, "b2", tags=("f", "t")))
    sent(witness, request("BYE", 6, "b3", tags=("f", "fork")))
    sent(witness, request("BYE", 7, "b4", tags=("f", "t")))
    assert witness.violations == []
    sent(witness, request("INFO", 7, "b5", tags=("f", "t")))
    assert witness.violations == ["CSeq of b'c' went from 7 to 7"]


def test_ack_and_cancel_carry_the_number_of_their_invite() -> None:
    witness = Witness()
    sent(witness, request("INVITE", 5, "b1"))
    sent(witness, request("CANCEL", 5, "b1"))
    sent(witness, request("ACK", 5, "b2"))
    assert witness.violations == []
    sent(witness, request("ACK", 6, "b3"))
    assert witness.violations == ["b'ACK' 6 of b'c' has no INVITE"]


def test_whoever_sends_nonsense_is_not_watched() -> None:
    witness = Witness()
    witness.see(Passage(0.0, "garbler", "switch", b"INVITE nonsense", Fate.DELIVERED))
    assert witness.unanswered() == []
