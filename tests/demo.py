"""A demonstration: two real softphones of two stacks call each other through the switch.

`make demo` runs it. What they heard is kept as WAV files with a picture in `var/demo`; the exit
code is 1 when it was not right.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rich.text import Text

from switch import report
from tests.interop.support import picture, sound
from tests.interop.support.conversation import HIGH, LOW, connect
from tests.interop.support.daemon import Daemon
from tests.interop.support.office import Office
from tests.interop.support.order import Word
from tests.interop.support.softphone import Softphone
from tests.interop.support.sound import Heard

FOLDER = Path("var/demo")
TALK_SECONDS = 3.0
STACKS = {"baresip": "baresip (libre)", "pjsua": "PJSUA2 (pjproject)"}
NARROWEST = 110


def main() -> int:
    """Play the demonstration; return the exit code."""
    console = Console(highlight=False)
    if console.width < NARROWEST:
        console = Console(highlight=False, width=NARROWEST)
    if find_spec("baresip") is None:
        console.print("the softphones are missing: run `make demo`, which installs them")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="daihyo-demo-") as folder:
        office = Office(Path(folder))
        try:
            return _play(office, console)
        except AssertionError as error:
            console.print(f"[bold red]failed[/]: {error}", markup=True)
            return 1
        finally:
            office.close()


def _play(office: Office, console: Console) -> int:
    office.start()
    host, port = office.daemon.addresses["udp"]
    _say(console, f"the switch runs at sip:{host}:{port} (udp, tcp, tls)")
    second_kind = "pjsua" if find_spec("pjsua2") else "baresip"
    caller = office.registered("baresip", "101")
    _say(console, f"extension 101 has registered: {STACKS[caller.kind]}, over UDP")
    callee = office.registered(second_kind, "102", "tcp")
    _say(console, f"extension 102 has registered: {STACKS[callee.kind]}, over TCP")
    begin = len(office.daemon.lines)
    connect(caller, callee)
    _say(console, f"101 calls 102; 102 answers; 101 plays {LOW:g} Hz, 102 plays {HIGH:g} Hz")
    files = {phone: FOLDER / f"heard-by-{phone.user}.wav" for phone in (caller, callee)}
    recordings = {phone: phone.listen(TALK_SECONDS, files[phone]) for phone in files}
    heard = {phone: recording() for phone, recording in recordings.items()}
    caller.hang_up()
    closed = {phone: phone.wait("closed") for phone in (caller, callee)}
    ended = office.daemon.wait_line("call_ended", after=begin)
    _say(console, f"101 hangs up after {ended['duration']} s")
    picture.draw(FOLDER / "heard.png", [sound.read(file) for file in files.values()])
    _show_switch(console, office.daemon, str(ended["call_id"]))
    expected = {caller: HIGH, callee: LOW}
    _show_sound(console, heard, expected, closed)
    console.print(f"kept: {', '.join(map(str, [*files.values(), FOLDER / 'heard.png']))}")
    is_right = all(heard[phone].is_tone(expected[phone]) for phone in heard)
    console.print(
        "[bold green]both heard each other[/]" if is_right else "[bold red]wrong sound[/]"
    )
    return 0 if is_right else 1


def _say(console: Console, text: str) -> None:
    console.print(f"[bold cyan]*[/] {text}")


def _show_switch(console: Console, daemon: Daemon, call_id: str) -> None:
    """Print what `daihyo call show` tells of the call: log, ladder, decision, records, media."""
    daemon.records(call_id)
    console.rule("what the operator reads: daihyo call show", align="left", style="dim")
    report.story(daemon.call(call_id), console)
    console.rule(style="dim")


def _show_sound(
    console: Console,
    heard: dict[Softphone, Heard],
    expected: dict[Softphone, float],
    closed: dict[Softphone, Word],
) -> None:
    table = Table(title="what each phone heard", title_justify="left", title_style="bold")
    for title in ("phone", "stack", "expected", "heard", "purity", "level", "recorded", "packets"):
        table.add_column(title)
    for phone, sounds in heard.items():
        is_right = sounds.is_tone(expected[phone])
        end = closed[phone]
        table.add_row(
            phone.user,
            STACKS[phone.kind],
            f"{expected[phone]:g} Hz",
            Text(f"{sounds.pitch:.1f} Hz", style="green" if is_right else "red"),
            f"{sounds.purity:.1%}",
            f"{sounds.level:.1f} dBFS",
            f"{sounds.seconds:.2f} s, {sounds.gap * 1000:.0f} ms silent",
            f"{end.received} received, {end.lost} lost",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
