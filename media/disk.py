"""The disk's thread: recordings are written, completed and told of without holding up the loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from media.plane import Record, RecordEnd, RecordEnded
from media.recording import RecordingFile


class Disk:
    """Files on a thread of their own, each written in the order of its pieces.

    What waits to be written when the disk is slow is bounded by the length and number of records.
    """

    def __init__(self, tell: Callable[[RecordEnded], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recordings")

    def open(
        self, command: Record, rate_hz: int, fail: Callable[[Record, str], None]
    ) -> "DiskRecord":
        """Make the place of a record; `fail` is told when it can't be written."""
        return DiskRecord(command, rate_hz, self, fail)

    async def close(self) -> None:
        """Wait until every file is complete."""
        await self._loop.run_in_executor(None, self._thread.shutdown)

    def submit(self, work: Callable[[], None]) -> None:
        """Do something on the thread, after all that was submitted before."""
        self._thread.submit(work)

    def tell(self, ended: RecordEnded) -> None:
        """Report from the thread, on the loop's."""
        self._loop.call_soon_threadsafe(self._tell, ended)

    def call(self, fail: Callable[[Record, str], None], command: Record, why: str) -> None:
        """Tell of a fault from the thread, on the loop's."""
        self._loop.call_soon_threadsafe(fail, command, why)


class DiskRecord:
    """One record's file: a `media.running_record.RecordSink`."""

    def __init__(
        self, command: Record, rate_hz: int, disk: Disk, fail: Callable[[Record, str], None]
    ) -> None:
        self._command = command
        self._disk = disk
        self._fail = fail
        self._file = RecordingFile(Path(command.path), rate_hz)
        self._fault = ""

    def write(self, octets: bytes) -> None:
        """Write a piece, some time."""
        self._disk.submit(lambda: self._write(octets))

    def finish(self, ended: RecordEnded) -> None:
        """Complete the file and tell; a record that failed leaves nothing."""
        self._disk.submit(lambda: self._finish(ended))

    def _write(self, octets: bytes) -> None:
        if self._fault:
            return
        try:
            self._file.write(octets)
        except OSError as error:
            self._fault = _spell(self._command.path, error)
            self._disk.call(self._fail, self._command, self._fault)

    def _finish(self, ended: RecordEnded) -> None:
        if not self._fault and ended.reason is not RecordEnd.FAILED:
            try:
                self._file.finish()
            except OSError as error:
                self._fault = _spell(self._command.path, error)
            else:
                self._disk.tell(ended)
                return
        try:
            self._file.discard()
        except OSError as error:
            self._fault = self._fault or _spell(self._command.path, error)
        why = self._fault or ended.detail
        self._disk.tell(
            RecordEnded(
                ended.endpoint,
                ended.path,
                RecordEnd.FAILED,
                ended.seconds,
                detail=why,
                sounding_seconds=ended.sounding_seconds,
            )
        )


def _spell(path: str, error: OSError) -> str:
    return f"{path}: {error.strerror or error}"
