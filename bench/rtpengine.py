"""rtpengine in user space behind the face of a relay under test, told of calls over NG."""

import socket
import tempfile
from pathlib import Path

from bench.process import Pinned, StartError, cores, need, pause

Address = tuple[str, int]
NG = ("127.0.0.1", 15222)
Value = str | list[str] | dict[str, str]


class RtpEngine:
    """rtpengine with one worker thread and no kernel module."""

    name = "rtpengine (user space)"

    def start(self) -> None:
        """Start the process on the first core."""
        need("rtpengine")
        self._folder = tempfile.TemporaryDirectory(prefix="rtpengine-bench-")
        self._process = Pinned(
            [
                *("rtpengine", "--config-file=none", "--table=-1", "--foreground"),
                *("--interface=127.0.0.1", f"--listen-ng={NG[0]}:{NG[1]}", "--num-threads=1"),
                *("--log-level=3", "--log-stderr", "--port-min=20000", "--port-max=39998"),
            ],
            cores()[0],
            Path(self._folder.name) / "log",
        )
        pause(1.5)
        if not self._process.is_running:
            raise StartError(f"did not start: {self._process.said()[-200:].strip()}")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(3.0)
        self._socket.connect(NG)
        self._number = 0

    def call(self, caller: Address, callee: Address) -> tuple[Address, Address]:
        """Set a call up."""
        self._number += 1
        common = {"call-id": f"bench-{self._number}", "from-tag": "a", "ICE": "remove"}
        to_callee = self._ask({**common, "command": "offer", "sdp": _sdp(caller)})
        to_caller = self._ask({**common, "command": "answer", "to-tag": "b", "sdp": _sdp(callee)})
        return _media(to_caller), _media(to_callee)

    def cpu_seconds(self) -> float:
        """Read the processor time used so far."""
        return self._process.cpu_seconds()

    def stop(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.stop()
        self._folder.cleanup()

    def _ask(self, command: dict[str, str]) -> str:
        cookie = f"c{self._number}{command['command']}"
        self._socket.send(f"{cookie} ".encode() + _bencode(command))
        answer = self._socket.recv(65536).decode()
        length, _, rest = answer.partition("3:sdp")[2].partition(":")
        if not length.isdigit():
            raise StartError(f"rtpengine refused: {answer[:200]}")
        return rest[: int(length)]


def _bencode(command: dict[str, str]) -> bytes:
    pairs = "".join(
        f"{len(key)}:{key}{len(value)}:{value}" for key, value in sorted(command.items())
    )
    return f"d{pairs}e".encode()


def _sdp(where: Address) -> str:
    host, port = where
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
    )


def _media(sdp: str) -> Address:
    host = sdp.partition("c=IN IP4 ")[2].split()[0]
    return host, int(sdp.partition("m=audio ")[2].split()[0])
