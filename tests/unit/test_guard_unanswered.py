"""Challenges that nobody answers."""

from switch.guard.unanswered import FIRST_TOLD, TOLD_EVERY, Unanswered
from switch.sip.flow import Address

PHONE = Address("192.0.2.1", 5060)


def test_a_phone_that_never_answers_is_told_after_some_challenges_and_then_seldom() -> None:
    unanswered = Unanswered()
    told = [unanswered.challenged(PHONE) for _ in range(2 * TOLD_EVERY)]
    assert [count for count in told if count] == [FIRST_TOLD, TOLD_EVERY, 2 * TOLD_EVERY]


def test_credentials_end_the_count() -> None:
    unanswered = Unanswered()
    for _ in range(5 * FIRST_TOLD):
        for _ in range(FIRST_TOLD - 1):
            assert not unanswered.challenged(PHONE)
        unanswered.answered(PHONE)
    assert len(unanswered) == 0


def test_a_flood_of_addresses_is_bounded_and_forgets_the_oldest() -> None:
    unanswered = Unanswered(max_remotes=2)
    for port in range(100):
        unanswered.challenged(Address("192.0.2.2", port))
    assert len(unanswered) == 2
