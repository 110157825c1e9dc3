"""Leases: who holds a channel."""

from hypothesis import given
from hypothesis import strategies as st

from routing.limit import Claim, Leases, LimitKey, LimitKind

MAIN = LimitKey(LimitKind.NUMBER, "+81398765000")
OFFICE = LimitKey(LimitKind.CONTRACT, "c1")


def test_a_limit_holds_until_a_call_ends() -> None:
    leases = Leases()
    claim = Claim(MAIN, 2)
    assert leases.take("a", [claim]) is None
    assert leases.take("b", [claim]) is None
    assert leases.take("c", [claim]) == claim
    assert leases.held(MAIN) == 2
    leases.release("a")
    assert leases.take("c", [claim]) is None


def test_a_call_takes_every_claim_or_none() -> None:
    leases = Leases()
    full = Claim(OFFICE, 0)
    assert leases.take("a", [Claim(MAIN, 2), full]) == full
    assert leases.held(MAIN) == 0
    assert len(leases) == 0


def test_what_a_call_holds_already_it_takes_once() -> None:
    leases = Leases()
    claim = Claim(MAIN, 1)
    assert leases.take("a", [claim, claim]) is None
    assert leases.take("a", [claim]) is None
    assert leases.held(MAIN) == 1


def test_one_channel_is_given_back_and_the_others_kept() -> None:
    leases = Leases()
    leases.take("a", [Claim(MAIN, 1), Claim(OFFICE, 1)])
    leases.release("a", MAIN)
    leases.release("a", MAIN)
    assert (leases.held(MAIN), leases.held(OFFICE), len(leases)) == (0, 1, 1)
    assert repr(leases) == "<Leases 1 limits held by 1 calls>"
    leases.release("a")
    leases.release("a")
    assert repr(leases) == "<Leases 0 limits held by 0 calls>"


def test_one_calls_end_leaves_the_channel_of_another() -> None:
    leases = Leases()
    for call in ("a", "b"):
        leases.take(call, [Claim(MAIN, 3)])
    leases.release("a")
    assert leases.held(MAIN) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(["take", "release"]), st.booleans()),
        max_size=40,
    )
)
def test_no_order_of_takes_and_ends_leaks_or_exceeds(steps: list[tuple[str, str, bool]]) -> None:
    leases = Leases()
    for call, what, both in steps:
        if what == "take":
            leases.take(call, [Claim(MAIN, 2), *([Claim(OFFICE, 1)] if both else [])])
        else:
            leases.release(call)
        assert leases.held(MAIN) <= 2
        assert leases.held(OFFICE) <= 1
    for call in "abcde":
        leases.release(call)
    assert len(leases) == leases.held(MAIN) == leases.held(OFFICE) == 0
