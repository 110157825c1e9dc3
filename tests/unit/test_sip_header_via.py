"""Via values: reading, writing, stamping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import quote
from switch.sip.header.via import Via

tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~", min_size=1, max_size=8)
parameters = st.dictionaries(tokens, st.none() | tokens | st.text().map(quote), max_size=4)
vias = st.builds(
    Via,
    st.sampled_from(["UDP", "TCP", "TLS", "X-1"]),
    st.sampled_from(["example.jp", "192.0.2.1", "2001:db8::1"]),
    st.none() | st.integers(0, 65535),
    parameters,
)


@given(vias)
def test_a_via_survives_being_written_and_read(via: Via) -> None:
    assert Via.parse(str(via)) == via
    assert Via.parse_list(f"{via}, {via}") == [via, via]


def test_the_first_of_several_values_is_read() -> None:
    via = Via.parse('SIP / 2.0 / udp  H.x : 5062 ;branch=z9hG4bK1;x="a,b" , SIP/2.0/TCP b')
    assert (via.transport, via.host, via.port) == ("UDP", "H.x", 5062)
    assert via.branch == "z9hG4bK1"
    assert via.sent_by == "h.x:5062"


def test_received_and_rport_tell_where_a_response_goes() -> None:
    via = Via.parse("SIP/2.0/UDP a;received=[2001:db8::9];rport=40000")
    assert (via.received, via.rport) == ("2001:db8::9", 40000)
    for value in ("", "x", "65536", "9" * 9, "٣"):
        assert Via("UDP", "a", None, {"rport": value}).rport is None
    assert Via.parse("SIP/2.0/UDP a;rport").rport is None
    assert Via.parse("SIP/2.0/UDP a").received is None


@pytest.mark.parametrize(
    ("line", "stamped"),
    [
        ("SIP/2.0/UDP a", "SIP/2.0/UDP a;received=192.0.2.9"),
        ("SIP/2.0/UDP a;rport;x=1", "SIP/2.0/UDP a;x=1;rport=7;received=192.0.2.9"),
        ("SIP/2.0/UDP a; RPORT =1;received=b", "SIP/2.0/UDP a;rport=7;received=192.0.2.9"),
        ('SIP/2.0/UDP a;x="b,;", Z', 'SIP/2.0/UDP a;x="b,;";received=192.0.2.9, Z'),
    ],
)
def test_the_source_is_stamped_on_the_first_value(line: str, stamped: str) -> None:
    assert Via.parse(line).stamped(line, "192.0.2.9", 7) == stamped


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0/ a",
        "SIP/3.0/UDP a",
        "UDP a",
        "SIP/2.0/UDP ;branch=1",
        "SIP/2.0/UDP a;",
        "SIP/2.0/UDP a:0x",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP a;;",
        'SIP/2.0/UDP a;x="',
        "SIP/2.0/UDP a:65536",
    ],
)
def test_malformed_vias_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Via.parse(text)
