"""A softphone as the tests hold it: a process that is told what to do and says what happens."""

import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import msgspec
import pytest

from tests.interop.support import sound
from tests.interop.support.order import Order, Settings, Word
from tests.interop.support.sound import Heard

PATIENCE = 15.0
"""Seconds that any one thing may take on a busy machine."""

ROOT = Path(__file__).parents[3]
MODULES = {"baresip": "baresip", "pjsua": "pjsua2", "aiosip": "aiosip"}


NO_SOUND = "the call has no sound"


class SoftphoneError(AssertionError):
    """The softphone could not do what it was told; the status is SIP's, if there is one."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Softphone:
    """One phone of a foreign stack in a process of its own."""

    def __init__(self, kind: str, settings: Settings) -> None:
        if find_spec(MODULES[kind]) is None:
            pytest.skip(
                f"{kind} has no wheel for Python {sys.version_info[0]}.{sys.version_info[1]}"
            )
        self.kind = kind
        self.settings = settings
        self.user = settings.user
        self._folder = TemporaryDirectory(prefix="daihyo-phone-")
        self._words: list[Word] = []
        self._news = threading.Condition()
        self._number = 0
        self._errors = Path(self._folder.name, "stderr").open("wb")  # noqa: SIM115 - closed in close
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                f"tests.interop.support.{kind}_phone",
                msgspec.json.encode(settings).decode(),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __repr__(self) -> str:
        """Name the phone."""
        return f"{self.kind}:{self.user}"

    def ready(self) -> "Softphone":
        """Wait until the stack is up."""
        self.wait("ready")
        return self

    def register(self) -> "Softphone":
        """Register and wait for the answer."""
        self._ask("register")
        return self

    def unregister(self) -> None:
        """Take the binding back and wait for the answer."""
        self._ask("unregister")

    def call(self, number: str) -> None:
        """Send an INVITE."""
        self._ask("call", number)

    def answer(self) -> None:
        """Take the call that rings."""
        self._ask("answer")

    def refuse(self, status: int) -> None:
        """Refuse the call that rings."""
        self._ask("refuse", amount=status)

    def hang_up(self) -> None:
        """End or cancel the call."""
        self._ask("hang_up")

    def hold(self) -> None:
        """Put the far side on hold."""
        self._ask("hold")

    def resume(self) -> None:
        """Take it off hold."""
        self._ask("resume")

    def transfer(self, number: str) -> Callable[[], None]:
        """Send a REFER; call the result to wait for what comes of it."""
        order = self._tell("transfer", number, 0.0)
        return lambda: self._settle(order, PATIENCE)

    def attend(self) -> None:
        """Connect the far sides of the first call and the last one (REFER with Replaces)."""
        self._ask("attend")

    def press(self, digits: str) -> None:
        """Send digits as telephone events."""
        self._ask("press", digits)

    def play(self, hertz: float) -> None:
        """Say this tone from now on; zero is silence."""
        self._ask("play", amount=hertz)

    def listen(self, seconds: float = 0.6, file: Path | None = None) -> Callable[[], Heard]:
        """Begin to record; call the result to hear it."""
        kept = file or Path(self._folder.name, f"heard-{self._number}.wav")
        number = self._tell("record", str(kept), seconds)

        def hear() -> Heard:
            self._settle(number, PATIENCE + 2 * seconds)
            return sound.measure(*sound.read(kept))

        return hear

    def hear(self, seconds: float = 0.6, file: Path | None = None) -> Heard:
        """Record what is heard from now on, and measure it."""
        return self.listen(seconds, file)()

    def falls_silent(self, seconds: float = 0.3) -> bool:
        """Listen until nothing is heard, be it silence or no packets; give up in a while."""
        deadline = monotonic() + PATIENCE / 3
        while monotonic() < deadline:
            try:
                if self.hear(seconds).is_silence:
                    return True
            except SoftphoneError as error:
                if NO_SOUND in str(error):
                    return True
                raise
        return False

    def hears_music(self, *not_these: float) -> bool:
        """Listen, and tell whether there is sound that is none of these tones."""
        heard = self.hear()
        assert not heard.is_silence, f"{self!r} heard {heard}"
        return not any(heard.is_tone(hertz) for hertz in not_these)

    def vanish(self) -> None:
        """Die without a word, as a phone whose plug was pulled."""
        self._process.kill()
        self._process.wait()

    def wait(self, what: str, seconds: float = PATIENCE) -> Word:
        """Wait until this happens, or return it when it already has; each happening counts once."""
        return self._take(lambda word: word.what == what and not word.number, what, seconds)

    def has_said(self, what: str) -> bool:
        """Tell whether this has happened and nobody has asked for it yet."""
        with self._news:
            return any(word.what == what for word in self._words)

    def forget(self) -> None:
        """Forget what has happened so far."""
        with self._news:
            self._words.clear()

    def abandon(self) -> None:
        """End every call, whatever its state, and forget what has happened."""
        self._ask("abandon")
        self.forget()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._reader.join(PATIENCE)
        self._process.stdout.close()
        self._errors.close()
        self._folder.cleanup()

    def _ask(self, what: str, text: str = "", amount: float = 0.0) -> None:
        self._settle(self._tell(what, text, amount), PATIENCE)

    def _tell(self, what: str, text: str, amount: float) -> int:
        assert self._process.stdin is not None
        self._number += 1
        order = Order(self._number, what, text, amount)
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return self._number

    def _settle(self, number: int, seconds: float) -> None:
        answer = self._take(lambda word: word.number == number, f"answer {number}", seconds)
        if answer.what == "failed":
            raise SoftphoneError(f"{self!r}: {answer.text}", answer.status)

    def _take(self, is_wanted: Callable[[Word], bool], what: str, seconds: float) -> Word:
        found: list[Word] = []

        def is_found() -> bool:
            found[:] = [word for word in self._words if is_wanted(word)][:1]
            return bool(found) or self._process.poll() is not None

        with self._news:
            self._news.wait_for(is_found, seconds)
            if found:
                self._words.remove(found[0])
                return found[0]
            said = ", ".join(f"{word.what} {word.text}".strip() for word in self._words)
        errors = Path(self._folder.name, "stderr").read_text(errors="replace")[-2000:]
        raise AssertionError(f"{self!r}: no {what} in {seconds:g} s; heard: {said}\n{errors}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word = msgspec.json.decode(line, type=Word)
            with self._news:
                self._words.append(word)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()
