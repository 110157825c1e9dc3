"""The disk's thread: pieces in order, and the end told on the loop when the file is safe."""

import asyncio
import os
import shutil
import threading
from pathlib import Path

import soundfile

from media.disk import Disk
from media.plane import Record, RecordEnd, RecordEnded

STOPPED = RecordEnd.STOPPED


class Ear:
    """Hears a disk; each word comes on the loop's thread."""

    def __init__(self) -> None:
        self.ended: list[RecordEnded] = []
        self.faults: list[str] = []
        self.heard = asyncio.Event()
        self._thread = threading.get_ident()

    def end(self, ended: RecordEnded) -> None:
        """Take an end."""
        assert threading.get_ident() == self._thread
        self.ended.append(ended)
        self.heard.set()

    def fail(self, _command: Record, why: str) -> None:
        """Take a fault."""
        assert threading.get_ident() == self._thread
        self.faults.append(why)
        self.heard.set()


def ended(path: Path, reason: RecordEnd = STOPPED, detail: str = "") -> RecordEnded:
    return RecordEnded("a", str(path), reason, 0.5, 0.25, detail)


async def heard(ear: Ear) -> None:
    """Wait for the next word."""
    async with asyncio.timeout(5):
        await ear.heard.wait()
    ear.heard.clear()


async def test_pieces_are_written_in_order_and_the_file_is_whole_when_that_is_told(
    tmp_path: Path,
) -> None:
    ear, path = Ear(), tmp_path / "m.wav"
    disk = Disk(ear.end)
    record = disk.open(Record("a", str(path)), 8000, ear.fail)
    for number in range(100):
        record.write(number.to_bytes(2, "little") * 40)
    record.finish(ended(path))
    assert not ear.ended
    await heard(ear)
    sound, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert sound.tolist() == [number for number in range(100) for _ in range(40)]
    assert ear.ended == [ended(path)]
    await disk.close()


async def test_a_disk_that_closes_completes_its_files_first(tmp_path: Path) -> None:
    ear, path = Ear(), tmp_path / "m.wav"
    disk = Disk(ear.end)
    record = disk.open(Record("a", str(path)), 16000, ear.fail)
    record.write(bytes(32000))
    record.finish(ended(path))
    await disk.close()
    assert soundfile.info(path).duration == 1.0
    await heard(ear)
    assert ear.ended == [ended(path)]


async def test_what_cannot_be_written_is_told_once_and_leaves_nothing(tmp_path: Path) -> None:
    ear, path = Ear(), tmp_path / "none" / "m.wav"
    disk = Disk(ear.end)
    record = disk.open(Record("a", str(path)), 8000, ear.fail)
    record.write(bytes(10))
    record.write(bytes(10))
    await heard(ear)
    record.finish(ended(path))
    await heard(ear)
    await disk.close()
    assert ear.faults == [f"{path}: No such file or directory"]
    assert [(each.reason, each.detail) for each in ear.ended] == [
        (RecordEnd.FAILED, f"{path}: No such file or directory")
    ]
    assert not path.parent.exists()


async def test_a_file_that_cannot_be_completed_or_removed_has_failed(tmp_path: Path) -> None:
    ear, folder = Ear(), tmp_path / "gone"
    folder.mkdir()
    disk = Disk(ear.end)
    record = disk.open(Record("a", str(folder / "m.wav")), 8000, ear.fail)
    record.write(bytes(10))
    await asyncio.get_running_loop().run_in_executor(disk._thread, shutil.rmtree, folder)
    record.finish(ended(folder / "m.wav"))
    await heard(ear)
    assert ear.ended[0].reason is RecordEnd.FAILED
    assert "No such file" in ear.ended[0].detail
    await disk.close()


async def test_a_record_that_failed_otherwise_keeps_its_reason_and_no_file(tmp_path: Path) -> None:
    ear, path = Ear(), tmp_path / "m.wav"
    disk = Disk(ear.end)
    record = disk.open(Record("a", str(path)), 8000, ear.fail)
    record.write(bytes(10))
    record.finish(ended(path, RecordEnd.FAILED, "why"))
    await heard(ear)
    await disk.close()
    assert ear.ended == [ended(path, RecordEnd.FAILED, "why")]
    assert await asyncio.to_thread(os.listdir, tmp_path) == []
