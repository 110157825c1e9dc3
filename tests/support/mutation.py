"""Messages with faults: strategies that break real messages in the ways that parsers fear."""

from pathlib import Path

from hypothesis import strategies as st

FOLDER = Path(__file__).parents[1] / "data" / "torture"
SEEDS = [path.read_bytes() for path in sorted(FOLDER.glob("*.sip"))]

SNIPPETS = [
    b"\r\n",
    b"\r\n ",
    b"\r",
    b"\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b'"',
    b"\\",
    b"<",
    b">",
    b"=",
    b"?",
    b"@",
    b"%",
    b"%41",
    b"[",
    b"]",
    b"\x00",
    b"\xff",
    b"\xe4\xbb\xa3",
    b"\xc2\xa0",
    b"0",
    b"9" * 25,
    b"sip:",
    b"SIP/2.0",
    b"Via: ",
    b"v:",
    b"tag=",
    b";tag=1",
    b"branch=",
    b"\r\nTo: x",
    b"\r\nl: 1",
    b"\r\n\r\n",
    b"*",
    b"INVITE ",
    b"_",
    b"\x0b",
    b"\x85",
    b"#",
    b";lr;LR",
    b"\xef\xbc\x91",
    b"00070",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a message of ours with up to six faults."""
    octets = draw(st.sampled_from(SEEDS))[:2000]
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(octets)))
        match draw(st.integers(0, 4)):
            case 0:
                octets = octets[:at] + draw(st.sampled_from(SNIPPETS)) + octets[at:]
            case 1:
                octets = octets[:at] + octets[at + draw(st.integers(1, 8)) :]
            case 2:
                octets = octets[:at] + bytes([draw(st.integers(0, 255))]) + octets[at + 1 :]
            case 3:
                lines = octets.split(b"\r\n")
                lines.insert(at % len(lines), lines[draw(st.integers(0, len(lines) - 1))])
                octets = b"\r\n".join(lines)
            case _:
                octets = octets[:at] + draw(st.sampled_from(SEEDS))[at : at + 40] + octets[at:]
    return octets
