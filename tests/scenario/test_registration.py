"""Registration (RFC 3665 section 2), as phones do it with a switch that challenges them."""

from switch.registrar.location import Binding
from tests.support.manner import Habits
from tests.support.switch import World


def binding(world: World, name: str) -> Binding | None:
    return world.switch.core.locations.lookup(name)


def test_a_new_registration_is_challenged_and_accepted() -> None:
    world = World()
    world.alice.register(600)
    world.run(1)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |<-200 REGISTER-----|    0.030
    """,
    )
    (outcome,) = world.alice.registrations
    assert outcome.status == 200
    assert len(outcome.contacts) == 1
    assert binding(world, "alice") is not None
    assert "alice" in world.switch.bindings


def test_an_update_of_the_contact_replaces_the_binding() -> None:
    world = World()
    world.alice.register(600)
    world.run(1)
    world.begin()
    world.alice.register(600, contact="sip:alice@192.0.2.11:5062")
    world.run(1)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |<-200 REGISTER-----|    0.030
    """,
    )
    kept = binding(world, "alice")
    assert kept is not None
    assert "5062" in kept.contact
    assert len(world.alice.registrations[-1].contacts) == 1


def test_the_current_bindings_can_be_asked_for() -> None:
    world = World()
    world.alice.register(600)
    world.run(1)
    world.alice.fetch_bindings()
    world.run(1)
    fetched = world.alice.registrations[-1]
    assert fetched.status == 200
    assert len(fetched.contacts) == 1
    assert "192.0.2.11" in fetched.contacts[0]


def test_a_registration_is_cancelled() -> None:
    world = World()
    world.alice.register(600)
    world.run(1)
    world.begin()
    world.alice.unregister_all()
    world.run(1)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |<-200 REGISTER-----|    0.030
    """,
    )
    assert world.alice.registrations[-1].contacts == ()
    assert binding(world, "alice") is None
    assert "alice" not in world.switch.bindings


def test_a_contact_with_expires_0_is_removed() -> None:
    world = World()
    world.alice.register(600)
    world.run(1)
    world.alice.unregister()
    world.run(1)
    assert binding(world, "alice") is None


def test_a_wrong_password_is_never_accepted() -> None:
    world = World()
    world.alice.credentials.password = "guess"  # noqa: S105 - a wrong one
    world.alice.register(600)
    world.run(1)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |<-401 REGISTER-----|    0.030
    """,
    )
    assert world.alice.registrations[-1].status == 401
    assert binding(world, "alice") is None


def test_an_unknown_user_is_answered_like_a_wrong_password() -> None:
    answers = []
    for user in ("alice", "nobody"):
        world = World()
        world.alice.credentials.user = user
        world.alice.credentials.password = "guess"  # noqa: S105 - a wrong one
        world.alice.register(600)
        world.run(1)
        answers.append([p.octets[:16] for p in world.network.passages if p.source == "switch"])
    assert answers[0] == answers[1]


def test_a_binding_that_is_not_refreshed_expires() -> None:
    world = World()
    world.alice.register(60)
    world.run(59)
    assert binding(world, "alice") is not None
    world.run(3)
    assert binding(world, "alice") is None


def test_an_interval_that_is_too_brief_is_refused() -> None:
    world = World()
    world.alice.register(10)
    world.run(1)
    assert world.alice.registrations[-1].status == 423


def test_a_lost_answer_is_repeated_and_changes_nothing() -> None:
    world = World()
    world.network.lose("switch", "alice", "200 REGISTER")
    world.alice.register(600)
    world.run(5)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |  X-200 REGISTER---|    0.030
          |--REGISTER-------->|    0.520
          |<-200 REGISTER-----|    0.530
    """,
    )
    assert [each.status for each in world.alice.registrations] == [200]
    world.expect_clean()


def test_a_stale_nonce_costs_one_more_round_trip() -> None:
    world = World()
    world.alice.habits = Habits(keeps_nonce=True)
    world.alice.register(600)
    world.run(1)
    world.alice.register(600)
    world.run(40_000)
    world.begin()
    world.alice.register(600)
    world.run(1)
    world.expect(
        "alice switch",
        """
        alice               switch
          |--REGISTER-------->|    0.000
          |<-401 REGISTER-----|    0.010
          |--REGISTER-------->|    0.020
          |<-200 REGISTER-----|    0.030
    """,
    )
    assert [each.status for each in world.alice.registrations] == [200, 200, 200]


def test_bindings_survive_a_restart() -> None:
    world = World()
    world.register("alice", "bob")
    rows = tuple(world.switch.bindings.values())
    later = World(bindings=rows)
    call = later.alice.call("102")
    later.run(4)
    assert call.is_established
    call.hang_up()
    later.expect_clean()


def test_a_second_phone_with_the_same_credentials_takes_the_binding_over() -> None:
    world = World()
    world.register("alice", "bob")
    world.carol.credentials.user = "bob"
    world.carol.account = world.bob.account
    world.carol.register(600)
    world.run(1)
    call = world.alice.call("102")
    world.run(3)
    assert call.is_established
    assert len(world.carol.calls) == 1
    assert world.bob.calls == []
    assert "replaced" in world.switch.events()
    call.hang_up()
    world.expect_clean()
