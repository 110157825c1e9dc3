"""What calls and legs take of the limits, and when they give it back."""

from routing.limit import Claim, Leases, LimitKey, LimitKind
from switch.b2bua.channel import Channels, key_of
from tests.support.office import staff
from tests.support.switch import trunk

NUMBER = LimitKey(LimitKind.NUMBER, "+81398765000")
DESK = staff("desk", max_calls=1)
CARRIER = trunk("carrier-1")


def test_a_call_takes_every_claim_and_its_callers_place_or_nothing() -> None:
    leases = Leases()
    channels = Channels(leases)
    claim = Claim(NUMBER, 1)
    assert channels.begin("first", CARRIER, [claim]) is None
    assert channels.begin("second", DESK, [claim]) is claim
    assert (leases.held(NUMBER), leases.held(key_of(CARRIER)), leases.held(key_of(DESK))) == (
        1, 1, 0,
    )  # fmt: skip
    channels.free("first")
    assert len(leases) == 0


def test_a_leg_takes_its_place_where_there_is_one_and_an_urgent_one_anyhow() -> None:
    leases = Leases()
    channels = Channels(leases)
    assert channels.enter("first", DESK, urgent=False)
    assert not channels.enter("second", DESK, urgent=False)
    assert channels.enter("third", DESK, urgent=True)
    channels.leave("first", DESK)
    assert leases.held(key_of(DESK)) == 1


def test_what_has_no_limit_is_counted_all_the_same() -> None:
    leases = Leases()
    channels = Channels(leases)
    assert all(channels.enter(str(number), CARRIER, urgent=False) for number in range(100))
    assert leases.held(key_of(CARRIER)) == 100
