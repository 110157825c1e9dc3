"""Messages with faults: strategies that break real messages in the ways that parsers fear."""

from pathlib import Path
from random import Random

from hypothesis import strategies as st

FOLDER = Path(__file__).parents[1] / "data" / "torture"
PLAIN = [path.read_bytes() for path in sorted(FOLDER.glob("plain-*.sip"))]
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
    b"a",
    b"Z",
    b"7",
    b"-",
    b".",
    b"+",
    b"/",
    b"'",
    b';x="y;z"',
    b";a=b",
    b"\r\nX: y",
    b"\r\nv: SIP/2.0/UDP a",
    b"\r\nMax-Forwards: 7",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a message of ours with up to six faults, mostly a plain one with few.

    The faults come from a seeded random source: they are spread evenly over the message, where
    hypothesis of itself would seek out its ends.
    """
    random = draw(st.randoms(use_true_random=True))
    octets = random.choice(PLAIN if random.random() < 0.7 else SEEDS)[:2000]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6))):
        octets = _with_fault(octets, random)
    return octets


def _with_fault(octets: bytes, random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    match random.randrange(5):
        case 0:
            return octets[:at] + random.choice(SNIPPETS) + octets[at:]
        case 1:
            return octets[:at] + octets[at + random.randint(1, 8) :]
        case 2:
            return octets[:at] + bytes([random.randrange(256)]) + octets[at + 1 :]
        case 3:
            lines = octets.split(b"\r\n")
            lines.insert(at % len(lines), random.choice(lines))
            return b"\r\n".join(lines)
        case _:
            other = random.choice(SEEDS)
            start = random.randrange(len(other))
            return octets[:at] + other[start : start + random.randint(1, 40)] + octets[at:]
