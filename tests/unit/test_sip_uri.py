"""SIP, SIPS and tel URIs: reading, writing, comparing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.uri import SipUri, unescape

octets = st.binary(min_size=1, max_size=12).map(lambda o: o.decode("utf-8", "surrogateescape"))
hosts = st.sampled_from(["example.jp", "192.0.2.1", "2001:db8::1"])
names = octets.map(str.lower)
uris = st.builds(
    SipUri,
    scheme=st.sampled_from(["sip", "sips"]),
    user=octets,
    host=hosts,
    port=st.none() | st.integers(0, 65535),
    params=st.dictionaries(names, st.none() | octets, max_size=3),
    headers=st.sampled_from(["", "Replaces=a%3Bto-tag%3D1&Subject=x"]),
    password=st.none() | octets,
)


@given(uris)
def test_a_uri_survives_being_written_and_read(uri: SipUri) -> None:
    assert SipUri.parse(str(uri)) == uri
    assert uri.equals(SipUri.parse(str(uri)))


@pytest.mark.parametrize(
    "text",
    [
        "sip:example.jp",
        "sips:1001@example.jp:5061;transport=tcp;lr?Subject=a%20b",
        "sip:a;b=c:pw@[2001:db8::1]:5060",
        "sip:%00@example.jp",
        "sip:%FF%20@example.jp",
        "sip:x@h;p=%3B",
        "tel:+81-3-1234-5678;phone-context=example.jp",
        "tel:117;phone-context=+81",
    ],
)
def test_text_in_its_usual_form_is_written_as_it_was_read(text: str) -> None:
    assert str(SipUri.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "sip", "sip:", "sip:@host", "sip:user@", ":x", "<sip:a@b>", "sip:a b@c", "sip:a@b c",
        "sip:a%2@b", "sip:a@b;", "sip:a@b;;c", "sip:a@b;=c", "sip:a@b;c;C", "sip:a@b;c=%zz",
        "sip:a@b?x= ", "sip:a@b:99999", "sip:a:b c@d", "tel:", "tel:abc xyz", "tel:1;", "sip:a@ b",
        "sip:a@b ", "sip:a@b:5060 ", "sip:" + "a" * 5000 + "@b",
    ],
)  # fmt: skip
def test_malformed_uris_are_answered_by_400(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        SipUri.parse(text)
    assert raised.value.status == 400


@pytest.mark.parametrize("text", ["mailto:a@b", "soap.beep://192.0.2.103:3002", "http://x"])
def test_unknown_schemes_are_answered_by_416(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        SipUri.parse(text)
    assert raised.value.status == 416


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        ("sip:a@x?to=b&subject=c", "sip:a@x?Subject=c&to=b"),
        ("sip:a@[2001:DB8::1]", "sip:a@[2001:db8::1]"),
        ("tel:+81-3-1234", "tel:+8131234"),
        ("tel:1;Phone-Context=A.jp", "tel:1;phone-context=a.jp"),
    ],
)
def test_equivalent_uris_are_equal(one: str, other: str) -> None:
    assert SipUri.parse(one).equals(SipUri.parse(other))
    assert SipUri.parse(other).equals(SipUri.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:ALICE@x", "sip:alice@x"),
        ("sip:bob@x", "sips:bob@x"),
        ("sip:bob@x", "sip:bob@x:5060"),
        ("sip:bob@x", "sip:bob@x;transport=udp"),
        ("sip:bob@x", "sip:bob@x;user=phone"),
        ("sip:bob@x:6000;transport=tcp", "sip:bob@x"),
        ("sip:bob@x;p=1", "sip:bob@x;p=2"),
        ("sip:bob@x;p", "sip:bob@x;p=2"),
        ("sip:a@x", "sip:a@x?subject=c"),
        ("sip:a:b@x", "sip:a@x"),
        ("tel:1", "tel:2"),
        ("tel:1", "sip:1@x"),
    ],
)
def test_different_uris_are_not_equal(one: str, other: str) -> None:
    assert not SipUri.parse(one).equals(SipUri.parse(other))


def test_the_headers_of_a_uri_are_fields_for_a_request() -> None:
    uri = SipUri.parse("sip:a@x?Replaces=c%40x%3Bto-tag%3D1&Require=replaces&flag")
    assert uri.header_fields() == [
        ("Replaces", "c@x;to-tag=1"),
        ("Require", "replaces"),
        ("flag", ""),
    ]


def test_escapes_of_several_octets_are_one_character() -> None:
    assert unescape("%E4%BB%A3%e8%a1%a8") == "代表"
    assert unescape("100") == "100"
