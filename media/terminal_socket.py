"""The one socket and one clock of all terminals: each tick sends all packets that are due."""

import asyncio
import time
from socket import AF_INET, AF_INET6, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET, socket

from media.packet_path import MAX_PACKET
from media.plane import MediaAddress
from media.schedule import PacketClock, Wheel
from media.terminal import Terminal

RECEIVE_BUFFER = 4 * 2**20
"""Octets that the kernel keeps for the socket: what a thousand far sides send in a short stall."""
_READ_AT_ONCE = 64
"""Packets read before others of the loop have their turn."""

Address = tuple[str, int]


class TerminalSocket:
    """Send and receive for all terminals. Nothing happens while there are none."""

    def __init__(self, host: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket(AF_INET6 if ":" in host else AF_INET, SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER)
        self._socket.bind((host, 0))
        self._host = host
        self._port: int = self._socket.getsockname()[1]
        self._loop.add_reader(self._socket, self._read)
        self._wheel: Wheel[Terminal] = Wheel()
        self._far: dict[Terminal, Address] = {}
        self._near: dict[Address, Terminal] = {}
        self._clock: PacketClock | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._skipped = 0

    def __len__(self) -> int:
        """Count the terminals."""
        return len(self._wheel)

    @property
    def address(self) -> MediaAddress:
        """Where the socket is; RTCP comes there too."""
        return MediaAddress(self._host, self._port, self._port)

    @property
    def ticks_skipped(self) -> int:
        """Ticks of 10 ms that were given up because the loop was held up for longer than 100 ms."""
        return self._skipped + (self._clock.skipped if self._clock else 0)

    def add(self, terminal: Terminal, address: Address) -> None:
        """Let a terminal speak with an address."""
        self._wheel.add(terminal, terminal.ptime_ms)
        self._far[terminal] = address
        self._near[address] = terminal
        if self._clock is None:
            self._clock = PacketClock(self._loop.time())
            self._arm(self._clock)

    def retime(self, terminal: Terminal) -> None:
        """Read a terminal's packet time anew; one that was not added yet is left alone."""
        if terminal in self._far:
            self._wheel.add(terminal, terminal.ptime_ms)

    def remove(self, terminal: Terminal) -> None:
        """Let a terminal neither speak nor hear any longer."""
        self._wheel.remove(terminal)
        address = self._far.pop(terminal, None)
        if address is not None:
            del self._near[address]

    def close(self) -> None:
        """Stop for good."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _arm(self, clock: PacketClock) -> None:
        self._timer = self._loop.call_at(clock.next_at, self._tick, clock)

    def _tick(self, clock: PacketClock) -> None:
        due = clock.due(self._loop.time())
        send, far = self._socket.sendto, self._far
        for tick in due:
            now = time.monotonic()
            for terminal in self._wheel.due(tick):
                packet = terminal.tick(now)
                address = far.get(terminal)  # its tick may have ended it
                if address is None:
                    continue
                try:
                    send(packet, address)
                except OSError:  # a full buffer: the packet is lost like any other
                    continue
        if len(self._wheel):
            self._arm(clock)
        else:
            self._skipped += clock.skipped
            self._clock = None

    def _read(self) -> None:
        now = time.monotonic()
        for _ in range(_READ_AT_ONCE):
            try:
                octets, address = self._socket.recvfrom(MAX_PACKET)
            except OSError:  # nothing is there any more, or an ICMP error that a packet earned
                return
            terminal = self._near.get((address[0], address[1]))
            if terminal is not None:
                terminal.receive(octets, now)
