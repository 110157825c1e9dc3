"""The sockets and the one clock of all terminals: each tick sends all packets that are due."""

import asyncio
import time
from functools import partial
from socket import AF_INET, AF_INET6, SOCK_DGRAM, socket

from media.packet_path import MAX_PACKET
from media.plane import MediaAddress
from media.schedule import PacketClock, Wheel
from media.terminal import Terminal

TERMINALS_A_SOCKET = 8
"""A socket's queue holds about 270 packets unless the system is told otherwise: what eight far
sides send while the loop is held up for two thirds of a second."""
_READ_AT_ONCE = 16
"""Packets read of a socket before others of the loop have their turn."""

Address = tuple[str, int]


class _Line:
    """One socket and the terminals that speak with it."""

    def __init__(self, opened: socket, address: MediaAddress) -> None:
        self.socket = opened
        self.address = address
        self.terminals: set[Terminal] = set()


class TerminalSockets:
    """Send and receive for all terminals. Nothing happens while there are none."""

    def __init__(self, host: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._host = host
        self._lines: list[_Line] = []
        self._line_of: dict[Terminal, _Line] = {}
        self._wheel: Wheel[Terminal] = Wheel()
        self._far: dict[Terminal, tuple[socket, Address]] = {}
        self._near: dict[Address, Terminal] = {}
        self._clock: PacketClock | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._skipped = 0

    def __len__(self) -> int:
        """Count the terminals that speak."""
        return len(self._wheel)

    @property
    def ticks_skipped(self) -> int:
        """Ticks of 10 ms that were given up because the loop was held up for longer than 100 ms."""
        return self._skipped + (self._clock.skipped if self._clock else 0)

    def place(self, terminal: Terminal) -> MediaAddress:
        """Find a socket for a terminal: its address, where RTCP comes as well; raises OSError."""
        free = (line for line in self._lines if len(line.terminals) < TERMINALS_A_SOCKET)
        line = next(free, None) or self._open()
        line.terminals.add(terminal)
        self._line_of[terminal] = line
        return line.address

    def start(self, terminal: Terminal, address: Address) -> None:
        """Let a terminal that has its place speak with an address."""
        self._wheel.add(terminal, terminal.ptime_ms)
        self._far[terminal] = self._line_of[terminal].socket, address
        self._near[address] = terminal
        if self._clock is None:
            self._clock = PacketClock(self._loop.time())
            self._arm(self._clock)

    def retime(self, terminal: Terminal) -> None:
        """Read a terminal's packet time anew; one that does not speak yet is left alone."""
        if terminal in self._far:
            self._wheel.add(terminal, terminal.ptime_ms)

    def remove(self, terminal: Terminal) -> None:
        """Let a terminal neither speak nor hear any longer."""
        self._line_of.pop(terminal).terminals.discard(terminal)
        self._wheel.remove(terminal)
        far = self._far.pop(terminal, None)
        if far is not None:
            del self._near[far[1]]

    def close(self) -> None:
        """Stop for good."""
        if self._timer is not None:
            self._timer.cancel()
        for line in self._lines:
            self._loop.remove_reader(line.socket)
            line.socket.close()
        self._lines.clear()

    def _open(self) -> _Line:
        opened = socket(AF_INET6 if ":" in self._host else AF_INET, SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.bind((self._host, 0))
        except OSError:
            opened.close()
            raise
        port: int = opened.getsockname()[1]
        line = _Line(opened, MediaAddress(self._host, port, port))
        self._lines.append(line)
        self._loop.add_reader(opened, partial(self._read, opened))
        return line

    def _arm(self, clock: PacketClock) -> None:
        self._timer = self._loop.call_at(clock.next_at, self._tick, clock)

    def _tick(self, clock: PacketClock) -> None:
        for tick in clock.due(self._loop.time()):
            now = time.monotonic()
            for terminal in self._wheel.due(tick):
                packet = terminal.tick(now)
                line, address = self._far[terminal]
                try:
                    line.sendto(packet, address)
                except OSError:  # a full buffer: the packet is lost like any other
                    continue
        if len(self._wheel):
            self._arm(clock)
        else:
            self._skipped += clock.skipped
            self._clock = None

    def _read(self, opened: socket) -> None:
        now = time.monotonic()
        for _ in range(_READ_AT_ONCE):
            try:
                octets, address = opened.recvfrom(MAX_PACKET)
            except OSError:  # nothing is there any more, or an ICMP error that a packet earned
                return
            terminal = self._near.get((address[0], address[1]))
            if terminal is not None:
                terminal.receive(octets, now)
