"""SIPp as caller and called phone, on the core that the system under test leaves free."""

import csv
from dataclasses import dataclass
from pathlib import Path

from bench.process import Pinned, cores, pause
from bench.system import CALLEE, CALLER, HOST, PASSWORD, PHONE, PHONE_PORT, REALM, TRUNK

CALLER_PORT = 15090
SETTLE = 1.0
PATIENCE = 20.0

_SDP = """
      v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=SIP Call
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0 8 9 101
      a=sendrecv
      a=rtpmap:0 PCMU/8000
      a=ptime:20
      a=rtpmap:8 PCMA/8000
      a=rtpmap:9 G722/8000
      a=rtpmap:101 telephone-event/8000
      a=fmtp:101 0-15
"""
_INVITE = """
  <send retrans="500"><![CDATA[
      INVITE sip:{callee}@{realm} SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      From: "Caller" <sip:{caller}@{realm}>;tag=[pid]T[call_number]
      To: <sip:{callee}@{realm}>
      Call-ID: [call_id]
      CSeq: {cseq} INVITE
      Contact: <sip:{caller}@[local_ip]:[local_port]>
      {credentials}Max-Forwards: 70
      User-Agent: Grandstream GXP2170 1.0.11.64
      Privacy: none
      P-Preferred-Identity: <sip:{caller}@{realm}>
      P-Access-Network-Info: IEEE-EUI-48;eui-48-addr=00-0B-82-8A-12-34
      Supported: replaces, path, timer, eventlist
      Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE
      Accept: application/sdp, application/dtmf-relay
      Content-Type: application/sdp
      Content-Length: [len]
{sdp}
  ]]></send>"""
_CHALLENGED = """
  <recv response="100" optional="true"/>
  <recv response="407" auth="true"/>
  <send><![CDATA[
      ACK sip:{callee}@{realm} SIP/2.0
      [last_Via:]
      [last_From:]
      [last_To:]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>"""
_IN_DIALOG = """
  <send{retrans}><![CDATA[
      {method} [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      [routes]
      From: "Caller" <sip:{caller}@{realm}>;tag=[pid]T[call_number]
      [last_To:]
      Call-ID: [call_id]
      CSeq: {cseq} {method}
      Max-Forwards: 70
      User-Agent: Grandstream GXP2170 1.0.11.64
      Content-Length: 0

  ]]></send>"""
_ANSWERED = """
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>"""
_RESPONSE = """
  <send{retrans}><![CDATA[
      SIP/2.0 {status}
      [last_Via:]
      [last_From:]
      [last_To:]{tag}
      [last_Call-ID:]
      [last_CSeq:]
      [last_Record-Route:]
      Contact: <sip:callee@[local_ip]:[local_port]>
      Supported: replaces, path, timer, eventlist
      User-Agent: Grandstream GXP2170 1.0.11.64
      Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE
{body}
  ]]></send>"""
_EMPTY = "      Content-Length: 0\n"
_DESCRIBED = "      Content-Type: application/sdp\n      Content-Length: [len]\n" + _SDP


def _scenario(*parts: str) -> str:
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="bench">'
    return head + "".join(parts) + "\n</scenario>\n"


def caller_scenario(*, challenged: bool, held: bool) -> str:
    """Write the caller's side: INVITE, challenge if any, ACK, and BYE at once unless held."""
    names = {"callee": CALLEE, "caller": CALLER, "realm": REALM}
    credentials = f"[authentication username={CALLER} password={PASSWORD}]\n      "
    parts = [_INVITE.format(**names, cseq=1, credentials="", sdp=_SDP)]
    if challenged:
        again = _INVITE.format(**names, cseq=2, credentials=credentials, sdp=_SDP)
        parts += [_CHALLENGED.format(**names), again]
    cseq = 2 if challenged else 1
    ack = _IN_DIALOG.format(**names, method="ACK", cseq=cseq, retrans="")
    bye = _IN_DIALOG.format(**names, method="BYE", cseq=cseq + 1, retrans=' retrans="500"')
    parts += [_ANSWERED, ack]
    if held:
        parts.append('\n  <pause milliseconds="600000"/>')
    return _scenario(*parts, bye, '\n  <recv response="200"/>')


def callee_scenario() -> str:
    """Write the called phone's side: it rings and answers at once."""
    tag = ";tag=[pid]C[call_number]"
    ringing = _RESPONSE.format(retrans="", status="180 Ringing", tag=tag, body=_EMPTY)
    answer = _RESPONSE.format(retrans=' retrans="500"', status="200 OK", tag=tag, body=_DESCRIBED)
    over = _RESPONSE.format(retrans="", status="200 OK", tag="", body=_EMPTY)
    return _scenario(
        '\n  <recv request="INVITE" rrs="true"/>',
        ringing,
        answer,
        '\n  <recv request="ACK" optional="true"/>\n  <recv request="BYE"/>',
        over,
        '\n  <timewait milliseconds="500"/>',
    )


@dataclass
class Calls:
    """What came of a run of calls."""

    made: int
    succeeded: int
    retransmissions: int
    seconds: float


class Phone:
    """The called phone."""

    def __init__(self, folder: Path) -> None:
        scenario = folder / "callee.xml"
        scenario.write_text(callee_scenario(), encoding="ascii")
        command = ["sipp", HOST, "-sf", str(scenario), "-i", PHONE, "-p", str(PHONE_PORT)]
        self._process = Pinned(
            [*command, "-nostdin", "-l", "100000"], cores()[1], folder / "callee.log"
        )
        pause(0.5)

    def stop(self) -> None:
        """End it."""
        self._process.stop()


class Caller:
    """Who calls, at a steady rate."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        challenged: bool,
        held: bool = False,
        local_port: int = CALLER_PORT,
    ) -> None:
        self._folder = folder
        self._port = port
        self._local_port = local_port
        self._host = HOST if challenged else TRUNK
        self._scenario = folder / "caller.xml"
        text = caller_scenario(challenged=challenged, held=held)
        self._scenario.write_text(text, encoding="ascii")
        self._stat = folder / "caller.csv"
        self._process: Pinned | None = None

    def start(self, rate: int, count: int) -> None:
        """Begin to call."""
        self._stat.unlink(missing_ok=True)
        self._process = Pinned(
            [
                *("sipp", f"{HOST}:{self._port}", "-sf", str(self._scenario), "-nostdin"),
                *("-i", self._host, "-p", str(self._local_port), "-r", str(rate), "-m", str(count)),
                *("-l", "100000", "-trace_stat", "-stf", str(self._stat), "-fd", "1"),
                *("-recv_timeout", "8000", "-auth_uri", f"{CALLEE}@{REALM}"),
            ],
            cores()[1],
            self._folder / "caller.log",
        )

    def finish(self, rate: int, count: int) -> Calls:
        """Wait for the last call and tell what came of them."""
        if self._process is None:
            raise RuntimeError("nobody calls")
        self._process.wait(count / rate + PATIENCE)
        self._process.stop()
        return self.outcome()

    def abandon(self) -> None:
        """Vanish without a BYE."""
        if self._process is not None:
            self._process.stop()

    def outcome(self) -> Calls:
        """Read what SIPp counted so far."""
        try:
            with self._stat.open(encoding="ascii") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
        except OSError:
            rows = []
        if not rows:
            return Calls(0, 0, 0, 0.0)
        last = rows[-1]
        hours, minutes, seconds = last["ElapsedTime(C)"].split(":")[:3]
        return Calls(
            int(last["TotalCallCreated"]),
            int(last["SuccessfulCall(C)"]),
            int(last["Retransmissions(C)"]),
            3600 * int(hours) + 60 * int(minutes) + float(seconds),
        )
