"""What each line of a call's story names."""

from tests.support.switch import World


def test_the_lines_of_a_devices_call_name_contract_number_and_dialog() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.hang_up()
    world.run(2)
    received = world.switch.logged("call_received")[0].fields
    expected = {"contract": "contract-1", "number": "+81312340001", "device": "alice"}
    assert expected.items() <= received.items()
    invited = world.switch.logged("leg_invited")[0].fields
    assert (invited["device"], invited["number"]) == ("bob", "+81312340002")
    assert invited["sip_call_id"] != received["sip_call_id"]
    assert invited["call_id"] == received["call_id"]


def test_the_lines_of_a_carriers_call_name_the_contract_that_is_called() -> None:
    world = World()
    world.register("alice")
    world.carrier_1.call_in("0312340001")
    world.run(4)
    received = world.switch.logged("call_received")[0].fields
    assert (received["trunk"], received["contract"]) == ("carrier-1", "contract-1")


def test_the_lines_of_a_carriers_call_to_nobody_name_the_trunk_alone() -> None:
    world = World()
    world.carrier_1.call_in("0399999999")
    world.run(4)
    received = world.switch.logged("call_received")[0].fields
    assert received["trunk"] == "carrier-1"
    assert "contract" not in received


def test_a_leg_to_a_trunk_keeps_the_callers_contract() -> None:
    world = World()
    world.register("alice")
    world.alice.call("0398765432")
    world.run(4)
    invited = world.switch.logged("leg_invited")[0].fields
    assert (invited["trunk"], invited["contract"]) == ("carrier-1", "contract-1")
    assert "device" not in invited
