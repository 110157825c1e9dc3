"""The registrar: RFC 3261 section 10.3, step by step."""

from dataclasses import replace

import pytest

from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from switch.effect import CoreEffect, DeleteBinding, Log, WriteBinding
from switch.registrar.location import LocationService
from switch.registrar.registrar import SWEEP_PAUSE, SWEPT_AT_ONCE, Registered, Registrar, date_text
from switch.registrar.settings import RegistrarSettings
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request

ALICE = Device("alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {})
LOCAL = Address("192.0.2.10", 5060)
HOME = Flow(Transport.UDP, LOCAL, Address("203.0.114.1", 5062))
OFFICE = Flow(Transport.UDP, LOCAL, Address("203.0.114.77", 6000))
STREAM = Flow(Transport.TCP, LOCAL, Address("203.0.114.1", 40000), connection=3)
WALL = 1_800_000_000.0
PHONE = "<sip:alice@10.0.0.5:5060>"
OTHER = "<sip:alice@10.0.0.9:5060>"


class Registration:
    """A registrar with a device that registers at it."""

    def __init__(self, settings: RegistrarSettings | None = None) -> None:
        self.registrar = Registrar(LocationService(), settings or RegistrarSettings())
        self.now = 0.0
        self.cseq = 0

    def register(
        self,
        *contacts: str,
        expires: str | None = None,
        call_id: str = "one",
        cseq: int | None = None,
        to: str = "<sip:alice@example.net>",
        flow: Flow = HOME,
        extra: tuple[Field, ...] = (),
    ) -> Registered:
        """Send a REGISTER and return what comes of it."""
        self.cseq = cseq if cseq is not None else self.cseq + 1
        fields: list[Field] = [
            ("Via", f"SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK{self.cseq}"),
            ("From", "<sip:alice@example.net>;tag=f"),
            ("To", to),
            ("Call-ID", call_id),
            ("CSeq", f"{self.cseq} REGISTER"),
            *(("Contact", contact) for contact in contacts),
            *extra,
        ]
        if expires is not None:
            fields.append(("Expires", expires))
        request = Request("REGISTER", "sip:example.net", fields)
        return self.registrar.receive(request, flow, ALICE, self.now, WALL + self.now)

    @property
    def contact(self) -> str | None:
        """The bound Contact."""
        binding = self.registrar.locations.lookup("alice")
        return None if binding is None else binding.contact


def events(effects: list[CoreEffect]) -> list[str]:
    return [effect.event for effect in effects if isinstance(effect, Log)]


def writes(answer: Registered) -> list[WriteBinding]:
    return [effect for effect in answer.effects if isinstance(effect, WriteBinding)]


def log(answer: Registered) -> dict[str, str | int | float | bool | None]:
    (found,) = [effect for effect in answer.effects if isinstance(effect, Log)]
    return found.fields


def test_a_registration_is_answered_with_its_binding_and_the_date_and_is_kept() -> None:
    answer = Registration().register(PHONE, expires="600", extra=(("User-Agent", "Phone/1"),))
    response = answer.response
    assert response.status == 200
    assert response.all("contact") == [f"{PHONE};expires=600"]
    assert response.first("date") == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert response.to_tag
    assert events(answer.effects) == ["registered"]
    (row,) = writes(answer)
    assert (row.device, row.contact) == ("alice", "sip:alice@10.0.0.5:5060")
    assert row.expires_at == WALL + 1200
    assert row.user_agent == "Phone/1"
    assert log(answer)["address"] == "udp:203.0.114.1:5062"
    assert log(answer)["expires"] == 600


@pytest.mark.parametrize(
    ("contact", "expires", "granted"),
    [
        (PHONE, None, 300),
        (PHONE, "nonsense", 300),
        (PHONE, "120", 120),
        (PHONE, "99999", 3600),
        (f"{PHONE};expires=90", "600", 90),
        (f"{PHONE};expires=x", "600", 600),
    ],
)
def test_the_expiry_is_the_contacts_then_the_headers_then_the_default(
    contact: str, expires: str | None, granted: int
) -> None:
    answer = Registration().register(contact, expires=expires)
    assert answer.response.all("contact") == [f"{PHONE};expires={granted}"]


def test_too_short_an_expiry_is_refused_with_the_least() -> None:
    scene = Registration()
    answer = scene.register(PHONE, expires="30")
    assert answer.response.status == 423
    assert answer.response.first("min-expires") == "60"
    assert scene.contact is None
    assert events(answer.effects) == ["registration_refused"]
    assert log(answer)["rule"] == "min_expires"


def test_a_query_lists_the_binding_with_what_is_left_of_it() -> None:
    scene = Registration()
    assert scene.register().response.all("contact") == []
    scene.register(PHONE, expires="600")
    scene.now = 100.0
    answer = scene.register()
    assert answer.response.all("contact") == [f"{PHONE};expires=500"]
    assert answer.effects == []


def test_an_unchanged_refresh_writes_nothing_until_the_kept_row_would_end_first() -> None:
    scene = Registration()
    scene.register(PHONE, expires="600")
    written = []
    for turn in range(1, 7):
        scene.now = 300.0 * turn
        answer = scene.register(PHONE, expires="600")
        assert answer.response.all("contact") == [f"{PHONE};expires=600"]
        assert events(answer.effects) == ["re_registered"]
        written.append(len(writes(answer)))
    assert written == [0, 0, 1, 0, 0, 1]


def test_a_refresh_keeps_when_the_device_came() -> None:
    scene = Registration()
    scene.register(PHONE)
    scene.now = 10.0
    scene.register(PHONE)
    scene.register(OTHER)
    binding = scene.registrar.locations.lookup("alice")
    assert binding is not None
    assert binding.registered_at == WALL


@pytest.mark.parametrize("cseq", [5, 4])
def test_a_late_register_of_the_same_call_id_changes_nothing(cseq: int) -> None:
    scene = Registration()
    scene.register(PHONE, cseq=5)
    for contacts, expires in (((OTHER,), "600"), (("*",), "0"), ((PHONE,), None)):
        answer = scene.register(*contacts, expires=expires, cseq=cseq)
        assert answer.response.status == 500
        assert log(answer)["rule"] == "cseq_order"
    assert scene.contact == "sip:alice@10.0.0.5:5060"


def test_another_device_with_the_same_credentials_replaces_the_first_and_the_log_says_so() -> None:
    scene = Registration()
    scene.register(PHONE, extra=(("User-Agent", "Old/1"),))
    answer = scene.register(OTHER, call_id="two", flow=OFFICE, cseq=1)
    assert events(answer.effects) == ["replaced"]
    assert log(answer)["earlier_address"] == "203.0.114.1:5062"
    assert log(answer)["earlier_user_agent"] == "Old/1"
    assert len(writes(answer)) == 1
    assert scene.contact == "sip:alice@10.0.0.9:5060"


@pytest.mark.parametrize(
    ("first", "second", "flow", "event"),
    [
        (PHONE, PHONE, HOME, "re_registered"),
        (PHONE, PHONE, OFFICE, "replaced"),
        (PHONE, OTHER, HOME, "re_registered"),
        (PHONE, OTHER, OFFICE, "replaced"),
        (f'{PHONE};+sip.instance="<urn:uuid:1>"', f'{OTHER};+sip.instance="<urn:uuid:1>"',
         OFFICE, "re_registered"),
        (f'{PHONE};+sip.instance="<urn:uuid:1>"', f'{PHONE};+sip.instance="<urn:uuid:2>"',
         HOME, "replaced"),
    ],
)  # fmt: skip
def test_a_device_is_known_again_by_its_instance_its_socket_or_its_contact_and_address(
    first: str, second: str, flow: Flow, event: str
) -> None:
    scene = Registration()
    scene.register(first)
    answer = scene.register(second, call_id="two", flow=flow)
    assert events(answer.effects) == [event]


def test_a_moved_device_is_told_with_both_addresses_and_written() -> None:
    scene = Registration()
    scene.register(PHONE)
    answer = scene.register(PHONE, flow=OFFICE)
    assert events(answer.effects) == ["re_registered"]
    assert log(answer)["earlier_address"] == "203.0.114.1:5062"
    assert len(writes(answer)) == 1


def test_of_several_contacts_the_one_with_the_highest_q_is_bound() -> None:
    scene = Registration()
    answer = scene.register(f"{PHONE};q=0.1, {OTHER};q=0.9", f"<sip:x@y>;q=7, {PHONE};q=z")
    assert answer.response.all("contact") == [f"{OTHER};expires=300"]


@pytest.mark.parametrize(
    ("contacts", "expires"), [(("*",), "0"), ((f"{PHONE};expires=0",), None), ((PHONE,), "0")]
)
def test_a_device_unregisters_all_or_its_contact(
    contacts: tuple[str, ...], expires: str | None
) -> None:
    scene = Registration()
    scene.register(PHONE)
    answer = scene.register(*contacts, expires=expires)
    assert answer.response.status == 200
    assert answer.response.all("contact") == []
    assert events(answer.effects) == ["unregistered"]
    assert DeleteBinding("alice") in answer.effects
    assert scene.contact is None


def test_taking_back_what_is_not_bound_changes_nothing() -> None:
    scene = Registration()
    assert scene.register("*", expires="0").effects == []
    scene.register(f'{PHONE};+sip.instance="<urn:uuid:1>"')
    assert scene.register(OTHER, expires="0", call_id="two").effects == []
    stranger = f'{PHONE};+sip.instance="<urn:uuid:2>"'
    answer = scene.register(stranger, expires="0", call_id="two")
    assert answer.effects == []
    assert len(answer.response.all("contact")) == 1


@pytest.mark.parametrize(
    ("contacts", "expires", "rule"),
    [
        (("*",), "10", "wildcard"),
        (("*",), None, "wildcard"),
        (("*", PHONE), "0", "wildcard"),
        (("<tel:+81312340001>",), None, "contact_scheme"),
        (("<mailto:alice@example.net>",), None, "contact_scheme"),
        (("<sip:alice@:x>",), None, "contact_syntax"),
        ((f"<sip:{'a' * 1100}@h>",), None, "contact_length"),
        (tuple(PHONE for _ in range(17)), None, "contact_count"),
    ],
)
def test_a_contact_that_cannot_be_bound_is_refused(
    contacts: tuple[str, ...], expires: str | None, rule: str
) -> None:
    answer = Registration().register(*contacts, expires=expires)
    assert answer.response.status == 400
    assert log(answer)["rule"] == rule


def test_a_malformed_contact_is_refused() -> None:
    answer = Registration().register("<sip:alice")
    assert answer.response.status == 400
    assert events(answer.effects) == ["registration_refused"]


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("<sip:alice@example.net>", 200),
        ("<sip:+81312340001@example.net>", 200),
        ("<sip:0312340001@example.net>", 200),
        ("<sip:101@example.net>", 200),
        ("<sip:bob@example.net>", 403),
        ("<mailto:alice@example.net>", 400),
    ],
)
def test_a_device_registers_only_its_own_address_of_record(to: str, status: int) -> None:
    answer = Registration().register(PHONE, to=to)
    assert answer.response.status == status


@pytest.mark.parametrize(
    ("contact", "status"),
    [
        ("<sip:alice@203.0.114.1:5062>", 200),
        ("<sip:alice@10.1.2.3>", 200),
        ("<sip:alice@phone.invalid>", 200),
        ("<sip:alice@8.8.8.8>", 403),
    ],
)
def test_a_contact_at_anothers_public_address_is_refused(contact: str, status: int) -> None:
    assert Registration().register(contact).response.status == status


def test_a_foreign_contact_is_taken_when_the_operator_or_an_edge_proxy_says_so() -> None:
    foreign = "<sip:alice@8.8.8.8>"
    relaxed = RegistrarSettings(refuse_foreign_contact=False)
    assert Registration(relaxed).register(foreign).response.status == 200
    path = (("Path", "<sip:edge.example.net;lr>"),)
    assert Registration().register(foreign, extra=path).response.status == 200


def test_a_path_is_kept_and_echoed_to_who_supports_it() -> None:
    scene = Registration()
    path: tuple[Field, ...] = (("Path", "<sip:p1;lr>, <sip:p2;lr>"),)
    silent = scene.register(PHONE, extra=path)
    assert silent.response.all("path") == []
    told = scene.register(PHONE, extra=(*path, ("Supported", "path")))
    assert told.response.all("path") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    binding = scene.registrar.locations.lookup("alice")
    assert binding is not None
    assert binding.path == ("<sip:p1;lr>", "<sip:p2;lr>")


@pytest.mark.parametrize("path", [", ".join(["<sip:p;lr>"] * 6), f"<sip:{'p' * 1100};lr>"])
def test_a_path_without_measure_is_refused(path: str) -> None:
    answer = Registration().register(PHONE, extra=(("Path", path),))
    assert answer.response.status == 400
    assert log(answer)["rule"] == "path_length"


def test_a_call_id_without_measure_is_refused() -> None:
    answer = Registration().register(PHONE, call_id="c" * 257)
    assert log(answer)["rule"] == "call_id_length"


def test_what_cannot_be_kept_as_text_is_refused_or_left_out() -> None:
    scene = Registration()
    answer = scene.register("<sip:al\udcffice@10.0.0.5>")
    assert log(answer)["rule"] == "not_utf8"
    (row,) = writes(scene.register(PHONE, extra=(("User-Agent", "Phone\udcff"),)))
    assert row.user_agent is None


def test_an_instance_without_measure_is_not_kept() -> None:
    scene = Registration()
    scene.register(f'{PHONE};+sip.instance="<{"u" * 200}>"')
    binding = scene.registrar.locations.lookup("alice")
    assert binding is not None
    assert binding.instance is None


INSTANCE = f'{PHONE};reg-id=1;+sip.instance="<urn:uuid:1>"'


@pytest.mark.parametrize(
    ("contact", "extra", "honoured"),
    [
        (INSTANCE, (("Supported", "path, outbound"),), True),
        (INSTANCE, (), False),
        (f'{PHONE};+sip.instance="<urn:uuid:1>"', (("Supported", "outbound"),), False),
        (f"{PHONE};reg-id=1", (("Supported", "outbound"),), False),
        (INSTANCE, (("Supported", "outbound"), ("Via", "SIP/2.0/UDP h;branch=z9hG4bKx")), False),
    ],
)
def test_outbound_is_honoured_at_the_first_hop(
    contact: str, extra: tuple[Field, ...], *, honoured: bool
) -> None:
    response = Registration().register(contact, extra=extra).response
    assert response.all("require") == (["outbound"] if honoured else [])
    assert response.first("supported") == "path, outbound"
    assert ("+sip.instance" in (response.first("contact") or "")) is ("instance" in contact)


def test_a_binding_ends_in_time_and_is_told() -> None:
    scene = Registration()
    scene.register(PHONE, expires="60")
    registrar = scene.registrar
    assert registrar.next_deadline() == 60.0
    assert registrar.expire(59.0) == []
    effects = registrar.expire(60.0)
    assert events(effects) == ["expired"]
    assert effects[0] == DeleteBinding("alice")


def test_a_closed_connection_is_told() -> None:
    scene = Registration()
    scene.register(PHONE, flow=STREAM)
    assert events(scene.registrar.lose_flow(STREAM)) == ["unreachable"]
    answer = scene.register(PHONE, flow=STREAM)
    assert answer.response.status == 200
    assert scene.registrar.locations.reach("alice") is not None


def test_bindings_survive_a_restart_and_go_on_with_the_same_call_id() -> None:
    before = Registration()
    (row,) = writes(before.register(PHONE, expires="600"))
    after = Registration()
    after.now = 100.0
    stale = WriteBinding("bob", "sip:b@h", (), HOME, "c", 1, WALL + 9999, None, None, 1.0)
    effects = after.registrar.restore(
        [row, stale], Directory.build(plain_customers([ALICE])), 100.0, WALL + 100
    )
    assert DeleteBinding("bob") in effects
    assert events(effects) == ["bindings_restored"]
    assert after.contact == "sip:alice@10.0.0.5:5060"
    late = after.register(PHONE, expires="600", cseq=1)
    assert late.response.status == 500
    answer = after.register(PHONE, expires="600", cseq=2)
    assert events(answer.effects) == ["re_registered"]
    assert writes(answer) == []


def test_a_restored_row_that_is_over_is_dropped() -> None:
    scene = Registration()
    old = WriteBinding("alice", "sip:a@h", (), HOME, "c", 1, WALL - 1, None, None, 1.0)
    effects = scene.registrar.restore([old], Directory.build(plain_customers([ALICE])), 0.0, WALL)
    assert effects[0] == DeleteBinding("alice")
    assert scene.contact is None


def test_a_device_that_is_served_no_longer_loses_its_binding() -> None:
    scene = Registration()
    scene.register(PHONE)
    changed = Directory.build(plain_customers([replace(ALICE, extension="9")]))
    assert scene.registrar.retain(changed, 0.0) == []
    effects = scene.registrar.retain(Directory.build(plain_customers([])), 0.0)
    assert events(effects) == ["withdrawn"]
    assert scene.contact is None


def test_many_bindings_are_looked_at_in_several_turns() -> None:
    locations = LocationService()
    registrar = Registrar(locations, RegistrarSettings())
    for number in range(2 * SWEPT_AT_ONCE):
        row = WriteBinding(f"d{number}", "sip:a@h", (), HOME, "c", 1, WALL + 60, None, None, 1.0)
        locations.restore(row, 0.0, WALL)
    told = registrar.retain(Directory.build(plain_customers([])), 1.0)
    assert len(events(told)) == len(locations) == SWEPT_AT_ONCE
    assert registrar.next_deadline() == 1.0 + SWEEP_PAUSE
    # One that leaves meanwhile is not told twice.
    locations.remove(f"d{SWEPT_AT_ONCE}")
    assert registrar.expire(1.0) == []
    assert len(events(registrar.expire(2.0))) == SWEPT_AT_ONCE - 1
    assert registrar.next_deadline() == 2.0 + SWEEP_PAUSE
    assert registrar.expire(3.0) == []
    assert registrar.next_deadline() is None


def test_a_date_is_written_in_english_whatever_the_locale() -> None:
    assert date_text(0) == "Thu, 01 Jan 1970 00:00:00 GMT"
