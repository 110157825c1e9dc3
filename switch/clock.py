"""The clocks of this machine: the only place that reads them; everything below is told the time."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic seconds for protocols, and Unix seconds for people and files."""

    offset: float
    """What turns monotonic seconds into Unix seconds, as measured when the clock was made."""

    @classmethod
    def system(cls) -> "Clock":
        """Measure the offset now."""
        return cls(time.time() - time.monotonic())

    def now(self) -> float:
        """Read the monotonic clock."""
        return time.monotonic()

    def unix(self) -> float:
        """Read the wall clock, which an administrator or NTP may have set meanwhile."""
        return time.time()


def timestamp(unix: float) -> str:
    """Write Unix seconds as RFC 3339 in UTC with milliseconds."""
    return (
        datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def local_time(unix: float) -> str:
    """Write Unix seconds as the operator's own time of day."""
    return datetime.fromtimestamp(unix).astimezone().strftime("%Y-%m-%d %H:%M:%S")
