"""Measure the CPU time of one log line: `python bench/logs.py` (the bar is 5 µs)."""

import asyncio
import os
import time

from switch.clock import Clock
from switch.effect import Level, Log
from switch.logs import Logs, LogSettings

LINES_A_TURN = 6
TURNS = 20_000
LINE = Log(
    "call_answered",
    Level.INFO,
    {
        "call_id": "a1b2c3d4e5f60718",
        "sip_call_id": "3848276298220188511@192.0.2.1",
        "contract": "demonstration",
        "device": "101",
        "caller": "+81312345678",
        "called": "102",
        "status": 200,
        "after_ms": 1840,
    },
)


async def measure(settings: LogSettings) -> float:
    """Write lines as a busy loop does, six a turn; return microseconds of CPU a line."""
    descriptor = os.open("/dev/null", os.O_WRONLY)
    logs = Logs(settings, Clock.system().unix, descriptor)
    logs.attach(asyncio.get_running_loop())
    start = time.process_time()
    for _ in range(TURNS):
        for _ in range(LINES_A_TURN):
            logs.write(LINE)
        await asyncio.sleep(0)
    used = time.process_time() - start
    logs.close()
    os.close(descriptor)
    return used / (TURNS * LINES_A_TURN) * 1e6


def main() -> None:
    """Print a line a format."""
    for name, settings in {
        "json": LogSettings("json"),
        "json, numbers masked": LogSettings("json", mask_numbers=True),
        "console": LogSettings("console"),
        "filtered out": LogSettings("json", level=Level.ERROR),
    }.items():
        print(f"{name:<22}{asyncio.run(measure(settings)):6.2f} µs a line")


if __name__ == "__main__":
    main()
