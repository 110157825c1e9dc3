"""Processes under test: pinned to a core, measured with their children, ended by their own ids."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
_USABLE = sorted(os.sched_getaffinity(0))
"""Read before anything pins this process itself."""

END_SECONDS = 8.0
START_SECONDS = 15.0


class StartError(Exception):
    """A process can't be had here; the row of the table says why."""


def cores() -> tuple[int, int]:
    """Return the core of the system under test and that of the generators."""
    return _USABLE[0], _USABLE[-1]


def need(program: str) -> str:
    """Find a program, also among those of administrators; raise `StartError` when it is absent."""
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
    found = shutil.which(program, path=path)
    if found is None:
        raise StartError(f"{program} is not installed")
    return found


def descendants(pid: int) -> list[int]:
    """Return a process and everything that it has started and that still runs."""
    found = [pid]
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                found += descendants(int(child))
    except OSError:
        pass  # it has ended meanwhile
    return found


def cpu_seconds_of(pid: int) -> float:
    """Read the user and system time of a process, its threads and its ended children."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def resident_kib_of(pid: int) -> float:
    """Read a process's share of memory: what it shares with others counts in part."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


class Pinned:
    """A process on one core, with its output in a file."""

    def __init__(
        self,
        command: Sequence[str],
        core: int,
        output: Path,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        program = need(command[0])
        self._output = output
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(core), program, *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=output.parent,
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def cpu_seconds(self) -> float:
        """Read the processor time of the whole tree."""
        return sum(map(cpu_seconds_of, descendants(self._process.pid)))

    def memory_kib(self) -> float:
        """Read the memory of the whole tree."""
        return sum(map(resident_kib_of, descendants(self._process.pid)))

    def wait_for(self, text: str) -> None:
        """Wait until the output says so."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.is_running:
            if text in self.said():
                return
            time.sleep(0.05)  # noqa: TID251 - a bench has no loop to block
        self.stop()
        raise StartError(f"did not start: {self.said()[-200:].strip()}")

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; None when it goes on."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def said(self) -> str:
        """Return what it has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it and everything that it has started."""
        pids = descendants(self._process.pid)
        if self.is_running:
            self._process.terminate()
            if self.wait(END_SECONDS) is None:
                self._process.kill()
                self._process.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def pause(seconds: float) -> None:
    """Let time pass."""
    time.sleep(seconds)  # noqa: TID251 - as above
