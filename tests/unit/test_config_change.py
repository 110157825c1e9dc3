"""What a reload takes and what it leaves to a restart."""

from config.change import needing_restart
from config.model import Listener, Server, Settings, Timers
from provisioning.contract import Contract, Identity

IDENTITY = Identity(username="1", extension="101", number="0312345678", ha1={"MD5": "x"})


def test_contracts_need_no_restart() -> None:
    fresh = Settings(contract=[Contract(name="shop", id=[IDENTITY])])
    assert needing_restart(Settings(), fresh) == []


def test_every_other_setting_is_named() -> None:
    fresh = Settings(
        server=Server(max_calls=5, drain_seconds=1.0),
        timers=Timers(t1=1.0),
        listener=[Listener(transport="udp", port=5070)],
    )
    assert needing_restart(Settings(), fresh) == [
        "server.max_calls",
        "server.drain_seconds",
        "listener",
        "timers.t1",
    ]
