"""Wrong passwords: a mistyped phone is alone in its silence, a guesser silences only strangers."""

from switch.effect import Log
from switch.sip.flow import Address, Flow, Transport
from tests.support.phone import Account, SimulatedPhone
from tests.support.switch import DOMAIN, SWITCH, World

OFFICE = "192.0.2.77"


def sit(world: World, user: str, port: int, password: str = "secret") -> SimulatedPhone:  # noqa: S107 - simulated
    """Put a phone behind the office's one address."""
    account = Account(user, password, DOMAIN)
    return SimulatedPhone(world.network, f"{user}-{port}", Address(OFFICE, port), SWITCH, account)


def tried(world: World, phone: SimulatedPhone, times: int = 1) -> int:
    """Register so many times, ten seconds apart; return the last status."""
    for _ in range(times):
        phone.register()
        world.run(40 if times == 1 else 10)
    return phone.registrations[-1].status if phone.registrations else 0


def bans(world: World) -> list[Log]:
    return [line for line in world.switch.logged("request_refused") if line.fields.get("banned")]


def test_a_mistyped_phone_is_silenced_and_its_office_goes_on() -> None:
    world = World()
    mistyped = sit(world, "bob", 5070, "wrong")
    alice = sit(world, "alice", 5071)
    assert tried(world, mistyped, 40) == 408
    assert mistyped.registrations[0].status == 401
    (ban,) = bans(world)
    assert (ban.fields["banned"], ban.fields["user"]) == ("user", "bob")
    assert tried(world, alice) == 200
    assert tried(world, sit(world, "bob", 5072)) == 408
    assert tried(world, world.bob) == 200
    world.run(301)
    assert tried(world, sit(world, "bob", 5073)) == 200


def test_a_registered_device_is_heard_though_others_fail_with_its_name() -> None:
    world = World()
    bob = sit(world, "bob", 5070)
    assert tried(world, bob) == 200
    tried(world, sit(world, "bob", 5071, "guess"), 30)
    assert bans(world)
    assert tried(world, bob) == 200


def test_a_guesser_of_many_names_bans_the_source_but_not_the_devices_registered_there() -> None:
    world = World()
    alice = sit(world, "alice", 5070)
    assert tried(world, alice) == 200
    for number in range(12):
        sit(world, f"guess-{number}", 6000 + number, "guess").register()
        world.run(1)
    assert [ban.fields["banned"] for ban in bans(world)] == ["source"]
    assert tried(world, sit(world, "carol", 5072)) == 408
    assert tried(world, alice) == 200
    call = alice.call("102")
    world.run(3)
    assert call.final == 480
    world.run(301)
    assert tried(world, sit(world, "carol", 5073)) == 200


def test_a_phone_that_never_answers_a_challenge_is_told() -> None:
    world = World()
    silent = sit(world, "alice", 5070)
    flow = Flow(Transport.UDP, silent.address, SWITCH)
    for number in range(10):
        octets = (
            "REGISTER sip:example.test SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {OFFICE}:5070;branch=z9hG4bK-{number}\r\n"
            "From: <sip:alice@example.test>;tag=1\r\nTo: <sip:alice@example.test>\r\n"
            f"Call-ID: silent\r\nCSeq: {number + 1} REGISTER\r\nUser-Agent: Old Phone\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
        world.network.transmit(silent.name, octets, flow)
        world.run(1)
    (line,) = world.switch.logged("challenge_unanswered")
    assert (line.fields["count"], line.fields["user_agent"]) == (10, "Old Phone")
