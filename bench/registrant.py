"""REGISTERs in number, answered challenge and all, at a steady rate, from one socket."""

import hashlib
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

Address = tuple[str, int]

BATCH_SECONDS = 0.002
ANSWER_SECONDS = 3.0
RETRY_SECONDS = 0.5
HEAD = 4096


@dataclass(frozen=True)
class Account:
    """Who registers."""

    user: str
    password: str
    realm: str


@dataclass
class Outcome:
    """What came of a wave of registrations."""

    sent: int = 0
    succeeded: int = 0
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """How many got no 200."""
        return self.sent - self.succeeded


class Registrants:
    """Phones that register again and again, each with its own Call-ID and rising CSeq."""

    def __init__(self, local: Address, switch: Address, accounts: Iterable[Account]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind(local)
        self._socket.connect(switch)
        self._socket.setblocking(False)
        self._local = local
        self._accounts = list(accounts)
        self._cseq = [1] * len(self._accounts)
        self._uri = f"sip:{self._accounts[0].realm}"

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def run(self, first: int, count: int, rate: float) -> Outcome:
        """Let so many phones register once, in order, from the phone numbered `first`."""
        outcome = Outcome()
        begin = time.monotonic()
        at, due = 0, first
        while at < count:
            target = min(count, int((time.monotonic() - begin) * rate) + 1)
            for _ in range(at, target):
                self._send(due % len(self._accounts), "")
                due += 1
            outcome.sent += target - at
            at = target
            self._listen(outcome)
            left = begin + (at / rate) - time.monotonic()
            if left > 0:
                time.sleep(min(left, BATCH_SECONDS))  # noqa: TID251 - no loop to block
        outcome.seconds = time.monotonic() - begin
        end = time.monotonic() + ANSWER_SECONDS
        while outcome.succeeded < outcome.sent and time.monotonic() < end:
            self._listen(outcome)
            time.sleep(BATCH_SECONDS)  # noqa: TID251 - as above
        return outcome

    def _listen(self, outcome: Outcome) -> None:
        while True:
            try:
                octets = self._socket.recv(HEAD)
            except (BlockingIOError, ConnectionRefusedError):
                return
            text = octets.decode()
            index = int(_between(text, "Call-ID: bench-", "@"))
            if text.startswith("SIP/2.0 200"):
                outcome.succeeded += 1
            elif text.startswith("SIP/2.0 401"):
                self._send(index, self._credentials(index, _between(text, 'nonce="', '"')))

    def _send(self, index: int, credentials: str) -> None:
        user = self._accounts[index].user
        host, port = self._local
        self._cseq[index] = cseq = self._cseq[index] + 1
        realm = self._accounts[index].realm
        text = (
            f"REGISTER {self._uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{index}x{cseq};rport\r\n"
            f"From: <sip:{user}@{realm}>;tag=t{index}x{cseq}\r\n"
            f"To: <sip:{user}@{realm}>\r\n"
            f"Call-ID: bench-{index}@{host}\r\n"
            f"CSeq: {cseq} REGISTER\r\n"
            f"Contact: <sip:{user}@{host}:{port}>\r\n"
            f"{credentials}"
            "Max-Forwards: 70\r\n"
            "User-Agent: Grandstream GXP2170 1.0.11.64\r\n"
            "Supported: path\r\n"
            "Expires: 3600\r\n"
            "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        try:
            self._socket.send(text.encode())
        except (BlockingIOError, ConnectionRefusedError):
            return

    def _credentials(self, index: int, nonce: str) -> str:
        account = self._accounts[index]
        secret = _md5(f"{account.user}:{account.realm}:{account.password}")
        covered = _md5(f"REGISTER:{self._uri}")
        response = _md5(f"{secret}:{nonce}:00000001:c0ffee:auth:{covered}")
        return (
            f'Authorization: Digest username="{account.user}", realm="{account.realm}", '
            f'nonce="{nonce}", uri="{self._uri}", response="{response}", algorithm=MD5, '
            'qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _between(text: str, before: str, after: str) -> str:
    return text.partition(before)[2].partition(after)[0]


def register_phone(local: Address, switch: Address, account: Account) -> None:
    """Register one phone from the address at which somebody else will answer for it."""
    for _ in range(3):
        phone = Registrants(local, switch, [account])
        outcome = phone.run(0, 1, 10.0)
        phone.close()
        if outcome.succeeded:
            return
    raise RuntimeError(f"{account.user} could not register")
