"""Registration by foreign stacks: right and wrong passwords, leaving, replacing, restarting."""

import pytest

from tests.interop.support.conversation import connect, end, hear_each_other
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone, SoftphoneError

WRONG = "not-it"
STACKS = ["baresip", "pjsua"]


@pytest.mark.parametrize("kind", STACKS)
def test_a_phone_registers_and_leaves(office: Office, begin: int, kind: str) -> None:
    phone = office.registered(kind, "104")
    office.daemon.wait_line("registered", after=begin, device="104")
    assert "104" in {binding.device for binding in office.daemon.bindings()}
    phone.unregister()
    office.daemon.wait_line("unregistered", after=begin, device="104")
    assert "104" not in {binding.device for binding in office.daemon.bindings()}


@pytest.mark.parametrize("kind", STACKS)
def test_a_wrong_password_is_refused_and_logged_without_telling_the_password(
    office: Office, begin: int, kind: str
) -> None:
    phone = office.phone(kind, office.settings("104", secret=WRONG))
    with pytest.raises(SoftphoneError) as refusal:
        phone.register()
    assert refusal.value.status in {401, 403}
    assert "104" not in {binding.device for binding in office.daemon.bindings()}
    said = str(office.daemon.lines[begin:])
    assert WRONG not in said


def test_an_unknown_user_is_answered_like_a_wrong_password(office: Office) -> None:
    known = office.phone("pjsua", office.settings("104", secret=WRONG))
    stranger = office.phone("pjsua", office.settings("999", secret=WRONG))
    told = []
    for phone in (known, stranger):
        with pytest.raises(SoftphoneError) as refusal:
            phone.register()
        told.append((refusal.value.status, str(refusal.value).split(": ", 1)[1]))
    assert told[0] == told[1]


def test_a_second_phone_of_the_same_id_replaces_the_first(
    office: Office, begin: int, pjsua: Softphone
) -> None:
    old = office.registered("baresip", "105")
    new = office.registered("baresip", "105")
    office.daemon.wait_line("replaced", after=begin, device="105")
    pjsua.call("105")
    new.wait("incoming")
    assert not old.has_said("incoming")
    pjsua.hang_up()
    new.wait("closed")


def test_bindings_survive_a_restart_and_calls_go_on(own_office: Office) -> None:
    first = own_office.registered("baresip", "101")
    second = own_office.registered("pjsua", "102")
    daemon = own_office.daemon
    port = daemon.addresses["udp"][1]
    assert daemon.end() == 0
    text = daemon.file.read_text().replace("port = 0", f"port = {port}", 2)
    daemon.file.write_text(text.replace(f"[http]\nport = {port}", "[http]\nport = 0"))
    own_office.start()
    assert daemon.addresses["udp"][1] == port
    assert {binding.device for binding in daemon.bindings()} == {"101", "102"}
    connect(first, second)
    hear_each_other(first, second, seconds=0.3)
    end(first, second)
    first.register()
    second.register()
    assert len(daemon.bindings()) == 2
