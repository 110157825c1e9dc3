"""What the called side is shown."""

import pytest

from switch.b2bua.invitation import called_fields, named_before, national, one_hop_less
from switch.sip.message import Request
from tests.support.office import HEAD, shared

LINE = shared(HEAD, "desk")


def test_a_line_is_written_as_its_users_know_it() -> None:
    assert national(LINE) == "0398765000"


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("<sip:0398761234@h>", '"本社 0398761234" <sip:0398761234@h>'),
        ('"Taro \\"T\\"" <sip:0398761234@h>', '"本社 Taro \\"T\\"" <sip:0398761234@h>'),
        ('"Anonymous" <sip:anonymous@x.invalid>', '"本社 Anonymous" <sip:anonymous@x.invalid>'),
    ],
)
def test_the_called_name_goes_before_the_callers(caller: str, shown: str) -> None:
    assert named_before(caller, LINE) == shown


def test_a_line_without_a_name_is_shown_by_its_number() -> None:
    nameless = type(LINE)(LINE.number, LINE.contract, LINE.kind, LINE.ringers)
    assert named_before("<sip:1@h>", nameless) == '"0398765000 1" <sip:1@h>'
    assert called_fields(nameless, "h")[0] == ("P-Called-Party-ID", "<sip:0398765000@h>")


def test_a_name_is_not_shown_twice_to_who_is_called_by_a_colleague_of_that_number() -> None:
    caller = f'"{LINE.name}" <sip:0398765000@h>'
    assert named_before(caller, LINE) == f'"{LINE.name} 0398765000" <sip:0398765000@h>'


def test_header_fields_tell_the_called_number_and_a_ring_tone() -> None:
    assert called_fields(LINE, "h") == [
        ("P-Called-Party-ID", '"本社" <sip:0398765000@h>'),
        ("Alert-Info", "<http://127.0.0.1>;info=0398765000"),
    ]


@pytest.mark.parametrize(
    ("had", "left"), [("70", 69), ("1", 0), ("0", 0), (None, 69), ("many", 69)]
)
def test_every_call_has_one_hop_less(had: str | None, left: int) -> None:
    fields = [] if had is None else [("Max-Forwards", had)]
    assert one_hop_less(Request("INVITE", "sip:1@h", fields)) == left
