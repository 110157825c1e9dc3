"""How late the loop is, measured on it."""

import asyncio

from switch.loop_lag import LoopLag


async def test_the_lag_is_noted_until_the_looking_stops() -> None:
    loop, noted = asyncio.get_running_loop(), list[float]()
    seen = asyncio.Event()

    def note(seconds: float) -> None:
        noted.append(seconds)
        seen.set()

    lag = LoopLag(loop, note)
    lag.stop()
    lag.start()
    async with asyncio.timeout(10):
        await seen.wait()
    lag.stop()
    assert noted[0] >= 0.0
