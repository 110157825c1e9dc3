"""The systems under test, each behind one face: start, where to call, what it costs, stop."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench import registrant
from bench.process import Pinned, StartError, cores, need, pause

HOST = "127.0.0.1"
TRUNK = "127.0.0.2"
"""Whose calls are not challenged."""
PHONE = "127.0.0.3"
"""Where calls end."""

SIP_PORT = 15060
CHALLENGED_PORT = 15061
"""Kamailio challenges what comes here; Daihyo tells by the source."""
PHONE_PORT = 15080
REALM = "bench.test"
PASSWORD = "secret"  # noqa: S105 - of the bench's own phones
USERS = 4000
CALLEE = "05010000002"
CALLER = "caller"


class SystemUnderTest(Protocol):
    """A softswitch, proxy or B2BUA."""

    name: str
    linger: float
    """Seconds after which what a call or registration left behind is gone."""
    challenges: bool
    registers: bool

    def start(self) -> None:
        """Start it on its core, ready for calls; raise `StartError` when it can't be had."""

    @property
    def process(self) -> Pinned:
        """The running process."""

    def port(self, *, challenged: bool) -> int:
        """Return where calls go."""

    def stop(self) -> None:
        """End it."""


@dataclass
class Daihyo:
    """Ours, as it runs for an operator: log, records, database, metrics, message trace."""

    name: str = "Daihyo"
    is_pure: bool = False
    linger: float = 14.0
    challenges: bool = True
    registers: bool = True

    def start(self) -> None:
        """Start it and register the phone that is called."""
        self._folder = tempfile.TemporaryDirectory(prefix="daihyo-bench-")
        folder = Path(self._folder.name)
        file = folder / "bench.toml"
        file.write_text(_daihyo_toml(folder), encoding="utf-8")
        environment = {"DAIHYO_PURE": "1" if self.is_pure else ""}
        command = [sys.executable, "-m", "switch", "run", "-c", str(file)]
        root = str(Path(__file__).parent.parent)
        self._process = Pinned(
            command,
            cores()[0],
            folder / "log",
            environment={**environment, "PYTHONPATH": root},
        )
        self._process.wait_for('"started"')
        registrant.register_phone((PHONE, PHONE_PORT), (HOST, SIP_PORT), CALLER_OF_PHONE)

    @property
    def process(self) -> Pinned:
        """The running process."""
        return self._process

    def port(self, *, challenged: bool) -> int:  # noqa: ARG002 - the face of the others
        """Return where calls go."""
        return SIP_PORT

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._folder.cleanup()


CALLER_OF_PHONE = registrant.Account("callee", PASSWORD, REALM)


def _daihyo_toml(folder: Path) -> str:
    identities = [
        ("callee", "200", CALLEE),
        (CALLER, "201", "05010000003"),
        *((f"u{n}", str(10_000 + n), f"0502{n:07}") for n in range(USERS)),
    ]
    ids = "".join(
        f'[[contract.id]]\nusername = "{name}"\npassword = "{PASSWORD}"\n'
        f'extension = "{extension}"\nnumber = "{number}"\n'
        for name, extension, number in identities
    )
    return (
        f'[server]\ndata_dir = "{folder}"\nrealm = "{REALM}"\ndrain_seconds = 1.0\n'
        f'[[listener]]\ntransport = "udp"\nhost = "{HOST}"\nport = {SIP_PORT}\n'
        f'[media]\naddress = "{HOST}"\n'
        "[timers]\nt1 = 0.2\n"  # transactions end while the bench waits
        '[security]\nalgorithms = ["MD5"]\nrequests_per_second = 100000.0\n'
        "request_burst = 1000000\nfailures_before_ban = 100000\n"
        "[http]\nenabled = false\n"
        f'[[trunk]]\nname = "bench"\nhost = "{TRUNK}"\noptions_ping = 0\nmax_calls = 1000000\n'
        f'[[contract]]\nname = "bench"\n{ids}'
    )


@dataclass
class Sippy:
    """Sippy's B2BUA as PyPI ships it: no challenge, no media, no records."""

    name: str = "Sippy b2bua_simple"
    linger: float = 34.0
    challenges: bool = False
    registers: bool = False

    def start(self) -> None:
        """Start it with every call going to the phone."""
        program = Path(sys.executable).parent / "b2bua_simple"
        need(str(program))
        self._folder = tempfile.TemporaryDirectory(prefix="sippy-bench-")
        folder = Path(self._folder.name)
        where = ["-l", HOST, "-p", str(SIP_PORT), "-n", f"{PHONE}:{PHONE_PORT}"]
        self._process = Pinned(
            [str(program), "-f", "-L", str(folder / "sippy.log"), *where],
            cores()[0],
            folder / "log",
            environment={"SIPLOG_BEND": "none", "SIPLOG_LOGFILE_FILE": str(folder / "sip.log")},
        )
        pause(1.5)
        if not self._process.is_running:
            raise StartError(f"did not start: {self._process.said()[-200:].strip()}")

    @property
    def process(self) -> Pinned:
        """The running process."""
        return self._process

    def port(self, *, challenged: bool) -> int:  # noqa: ARG002 - the face of the others
        """Return where calls go."""
        return SIP_PORT

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._folder.cleanup()


@dataclass
class Kamailio:
    """Kamailio's stateful relay with record_route; it registers and challenges too."""

    name: str = "Kamailio (Debian's default)"
    allocator: str = ""
    linger: float = 7.0
    challenges: bool = True
    registers: bool = True

    def start(self) -> None:
        """Start it with one worker and every call going to the phone."""
        need("kamailio")
        self._folder = tempfile.TemporaryDirectory(prefix="kamailio-bench-")
        folder = Path(self._folder.name)
        file = folder / "kamailio.cfg"
        file.write_text(_kamailio_cfg(), encoding="utf-8")
        allocator = ["-x", self.allocator] if self.allocator else []
        command = ["kamailio", "-f", str(file), "-DD", "-E", "-m", "512", "-M", "16", *allocator]
        self._process = Pinned(
            [*command, "-P", str(folder / "pid"), "-Y", str(folder)], cores()[0], folder / "log"
        )
        pause(2.0)
        if not self._process.is_running:
            raise StartError(f"did not start: {self._process.said()[-200:].strip()}")

    @property
    def process(self) -> Pinned:
        """The running process."""
        return self._process

    def port(self, *, challenged: bool) -> int:
        """Return where calls go."""
        return CHALLENGED_PORT if challenged else SIP_PORT

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._folder.cleanup()


def _kamailio_cfg() -> str:
    modules = ("tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "usrloc", "registrar",
               "auth", "xlog")  # fmt: skip
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in modules)
    return (
        "debug=0\nlog_stderror=yes\nchildren=1\nauto_aliases=no\ndisable_tcp=yes\n"
        f"listen=udp:{HOST}:{SIP_PORT}\nlisten=udp:{HOST}:{CHALLENGED_PORT}\n{loaded}"
        'modparam("usrloc", "db_mode", 0)\nmodparam("registrar", "max_contacts", 1)\n'
        f"""
request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("{REALM}", "{PASSWORD}", "0")) {{
            www_challenge("{REALM}", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    t_check_trans();
    if (is_method("ACK")) {{ exit; }}
    if (is_method("INVITE") && $Rp == {CHALLENGED_PORT}) {{
        if (!pv_proxy_authenticate("{REALM}", "{PASSWORD}", "0")) {{
            proxy_challenge("{REALM}", "1");
            exit;
        }}
        consume_credentials();
    }}
    record_route();
    $du = "sip:{PHONE}:{PHONE_PORT}";
    t_relay();
}}
"""
    )
