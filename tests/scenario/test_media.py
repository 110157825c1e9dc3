"""What the media plane says and what calls make of it."""

from media.plane import Latched, MediaReport, OneWay, Restored
from tests.support.switch import World


def test_a_call_is_refused_when_no_rtp_ports_are_left() -> None:
    world = World()
    world.register("alice", "bob")
    world.switch.media.capacity = 1
    call = world.alice.call("102")
    world.run(3)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |<-503 INVITE-------|                   |    0.031
          |--ACK------------->|                   |    0.041
    """,
    )
    assert call.final == 503
    assert world.bob.calls == []
    assert world.switch.cdrs[0].cause == "no_media_ports"
    assert "media_unavailable" in world.switch.events()
    world.expect_clean()


def test_ports_that_come_back_serve_the_next_call() -> None:
    world = World()
    world.register()
    world.switch.media.capacity = 2
    first, second = world.alice.call("102"), world.carol.call("0612340001")
    world.run(4)
    assert (first.is_established, second.final) == (True, 503)
    first.hang_up()
    world.run(1)
    third = world.carol.call("0612340001")
    world.run(4)
    assert third.is_established
    third.hang_up()
    world.expect_clean()


def test_a_stream_that_is_one_way_gets_a_log_line_with_its_reason() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    endpoint = next(iter(world.switch.media.endpoints))
    world.switch.media.report_one_way(endpoint, "nothing came from the called phone")
    world.run(1)
    lines = [
        log
        for _, log in world.switch.logs
        if "nothing came from the called phone" in log.fields.values()
    ]
    assert len(lines) == 1
    assert lines[0].fields["call_id"] == world.switch.logged("call_received")[0].fields["call_id"]
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_record_keeps_the_packets_of_each_leg() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.hang_up()
    world.settle()
    assert all("50" in cdr.media for cdr in world.switch.cdrs)


def test_a_slow_media_plane_delays_the_call_and_nothing_else() -> None:
    world = World()
    world.register("alice", "bob")
    world.switch.media.delay = 1.0
    call = world.alice.call("102")
    world.run(6)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_caller_may_give_up_while_the_media_plane_is_slow() -> None:
    world = World()
    world.register("alice", "bob")
    world.switch.media.delay = 1.0
    call = world.alice.call("102")
    world.at(0.5, call.hang_up)
    world.run(6)
    assert call.final == 487
    world.expect_clean()


def test_reports_of_the_media_plane_are_told_once_the_call_stands() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(1)
    (call_id,) = world.switch.core.dispatcher.calls
    endpoint = f"{call_id}/a"
    reports: list[MediaReport] = [
        OneWay(endpoint, call_id, 0, "nothing came"),
        Latched(endpoint, call_id, 0, "192.0.2.11", 30002, signalled=True),
        Latched(endpoint, call_id, 0, "203.0.113.9", 30002, signalled=False),
        Restored(endpoint, call_id, 0),
        OneWay("unknown/a", "unknown", 0, "nothing came"),
    ]
    for report in reports:
        world.switch.report(report)
    assert "media_one_way" not in world.switch.events()
    world.run(3)
    for report in reports:
        world.switch.report(report)
    assert world.switch.events().count("media_one_way") == 1
    call.hang_up()
    world.expect_clean()


def test_media_that_fails_while_a_late_offer_is_answered_ends_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102", described=False)
    world.run(1)
    world.switch.media.capacity = 0
    world.run(5)
    call.hang_up()
    world.expect_clean()
