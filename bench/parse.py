"""Time both scanners on usual messages: µs an operation, minimum and median of many rounds."""

import argparse
from collections.abc import Callable
from statistics import median
from timeit import Timer

from switch.sip import scan
from switch.sip.message import Head, Request, Response

SDP = "".join(
    f"{line}\r\n"
    for line in (
        "v=0",
        "o=- 20518 0 IN IP4 192.0.2.10",
        "s=-",
        "c=IN IP4 192.0.2.10",
        "t=0 0",
        "m=audio 11424 RTP/AVP 0 9 8 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=sendrecv",
    )
)

INVITE = (
    f"""INVITE sip:0398765432@sip.example.jp;user=phone SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1893274839;rport
Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK77aa.8f2e.0;received=203.0.113.4
Max-Forwards: 69
From: "Reception" <sip:1001@sip.example.jp>;tag=1189327483
To: <sip:0398765432@sip.example.jp;user=phone>
Call-ID: 1437234911-5062-12@BJC.BGI.B.BA
CSeq: 120 INVITE
Contact: <sip:1001@192.0.2.10:5062>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000B82AABBCC>"
Record-Route: <sip:198.51.100.7;lr;ftag=1189327483>
Authorization: Digest username="1001", realm="sip.example.jp", nonce="ZkW1YmZFtTaq", \
uri="sip:0398765432@sip.example.jp", response="4f0b6c7d4f0b6c7d4f0b6c7d4f0b6c7d", \
algorithm=MD5, cnonce="0a4f113b", qop=auth, nc=00000001
User-Agent: Grandstream GXP2170 1.0.11.48
Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE
Supported: replaces, path, timer, eventlist
Session-Expires: 1800;refresher=uac
Min-SE: 90
P-Preferred-Identity: "Reception" <sip:0312345678@sip.example.jp>
Privacy: none
Accept: application/sdp, application/dtmf-relay
Content-Type: application/sdp
Content-Length: {len(SDP)}

""".replace("\n", "\r\n").encode()
    + SDP.encode()
)

OK = (
    f"""SIP/2.0 200 OK
Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK77aa.8f2e.0;received=203.0.113.4;rport=5060
From: "Reception" <sip:1001@sip.example.jp>;tag=1189327483
To: <sip:0398765432@sip.example.jp;user=phone>;tag=as58f4
Call-ID: 1437234911-5062-12@BJC.BGI.B.BA
CSeq: 120 INVITE
Contact: <sip:0398765432@203.0.113.9:5060>
Record-Route: <sip:198.51.100.7;lr;ftag=1189327483>
Server: Gateway 4.2
Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, UPDATE, PRACK
Supported: timer, 100rel
Session-Expires: 1800;refresher=uac
Require: timer
Content-Type: application/sdp
Content-Length: {len(SDP)}

""".replace("\n", "\r\n").encode()
    + SDP.encode()
)

REGISTER = b"""REGISTER sip:sip.example.jp SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK908213;rport
From: <sip:1001@sip.example.jp>;tag=5581
To: <sip:1001@sip.example.jp>
Call-ID: 90812-5062-1@192.0.2.10
CSeq: 2001 REGISTER
Contact: <sip:1001@192.0.2.10:5062>;reg-id=1;\
+sip.instance="<urn:uuid:00000000-0000-1000-8000-000B82AABBCC>"
Authorization: Digest username="1001", realm="sip.example.jp", nonce="ZkW1YmZFtTaq", \
uri="sip:sip.example.jp", response="4f0b6c7d4f0b6c7d4f0b6c7d4f0b6c7d", algorithm=MD5, \
cnonce="0a4f113b", qop=auth, nc=00000001
Max-Forwards: 70
Supported: path, gruu
User-Agent: Grandstream GXP2170 1.0.11.48
Expires: 3600
Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE
Content-Length: 0

""".replace(b"\n", b"\r\n")

KEPT = frozenset({"call-id", "from", "max-forwards", "supported", "to", "user-agent"})

Scanner = Callable[[bytes], Head]


def read_routing(scanner: Scanner, octets: bytes) -> None:
    """Read what finds transaction and dialog."""
    head = scanner(octets)
    message = Response.parsed(head) if head.status else Request.parsed(head)
    _ = (message.branch, message.sent_by, message.call_id, message.from_tag, message.to_tag)
    _ = (head.method, head.status, head.cseq_number, head.cseq_method)


def modify(scanner: Scanner, octets: bytes) -> None:
    """Read, push a Via, replace the Contact, write."""
    head = scanner(octets)
    message = Response.parsed(head) if head.status else Request.parsed(head)
    fields = [
        ("Via", "SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK1;rport"),
        ("CSeq", "1 INVITE"),
        ("Contact", "<sip:203.0.113.1:5060>"),
        *message.copy_fields(KEPT),
        ("Content-Type", "application/sdp"),
    ]
    made: Request | Response
    if head.status:
        made = Response(head.status, head.reason, fields, message.body)
    else:
        made = Request(head.method, "sip:1002@192.0.2.20:5060", fields, message.body)
    made.octets()


def measure(operation: Callable[[], None], rounds: int, repeats: int) -> tuple[float, float]:
    """Return the least and the median time of one operation in µs."""
    timer = Timer(operation)
    times = [timer.timeit(repeats) / repeats * 1e6 for _ in range(rounds)]
    return min(times), median(times)


def calibrate() -> None:
    """Do a fixed piece of work, to which other machines can relate these times."""
    sum(range(100))


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=30)
    rounds = arguments.parse_args().rounds
    scanners: dict[str, Scanner] = {"reference": scan.scan_reference}
    if scan.IS_ACCELERATED:
        scanners["accelerated"] = scan.scan_accelerated
    messages = {"INVITE": INVITE, "200": OK, "REGISTER": REGISTER}
    operations = {"routing": read_routing, "modify": modify}
    least, middle = measure(calibrate, rounds, 5000)
    print(f"calibration: sum(range(100)) takes {least:.2f} µs, median {middle:.2f}")
    print(
        f"{'scanner':12} {'operation':10} {'message':9} {'octets':>6} {'min':>7} {'median':>7} µs"
    )
    for scanner_name, scanner in scanners.items():
        for operation_name, operation in operations.items():
            for message_name, octets in messages.items():
                least, middle = measure(
                    lambda o=operation, s=scanner, m=octets: o(s, m), rounds, 500
                )
                print(
                    f"{scanner_name:12} {operation_name:10} {message_name:9} {len(octets):6}"
                    f" {least:7.2f} {middle:7.2f}"
                )


if __name__ == "__main__":
    main()
