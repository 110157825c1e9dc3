"""The dialog event package: its documents as phones read them."""

from xml.etree.ElementTree import Element, fromstring

from switch.notifier.dialog_event import MAX_DIALOGS, DialogFact, DialogPackage, DialogState
from tests.support.watch_bench import Office

NS = "{urn:ietf:params:xml:ns:dialog-info}"
ENTITY = "sip:102@example.jp"


def written(*facts: DialogFact, name: str = "102") -> Element:
    """Write a document of these dialogs, and read it as XML."""
    office = Office()
    office.facts["c1", name] = facts
    document = DialogPackage(office, "example.jp").write("c1", name, ENTITY, 4)
    assert document.content_type == "application/dialog-info+xml"
    return fromstring(document.body)  # noqa: S314 - our own document


def test_an_idle_resource_has_a_terminated_dialog_of_its_name() -> None:
    root = written()
    assert (root.get("version"), root.get("state"), root.get("entity")) == ("4", "full", ENTITY)
    (dialog,) = root
    assert dialog.get("id") == "102"
    assert dialog.findtext(f"{NS}state") == "terminated"


def test_a_ringing_one_says_who_calls_and_what_a_pickup_replaces() -> None:
    fact = DialogFact(
        "d1", DialogState.EARLY, is_recipient=True, remote="0312345678",
        call_id='c"1', local_tag="l", remote_tag="r",
    )  # fmt: skip
    (dialog,) = written(fact)
    named = {name: dialog.get(name) for name in ("direction", "call-id", "local-tag", "remote-tag")}
    assert named == {
        "direction": "recipient", "call-id": 'c"1', "local-tag": "l", "remote-tag": "r",
    }  # fmt: skip
    assert dialog.findtext(f"{NS}remote/{NS}identity") == "sip:0312345678@example.jp"
    assert dialog.findtext(f"{NS}local/{NS}identity") == ENTITY


def test_a_held_one_is_marked_and_a_withheld_number_is_not_told() -> None:
    fact = DialogFact("d", DialogState.CONFIRMED, is_recipient=False, remote=None, is_held=True)
    (dialog,) = written(fact)
    assert dialog.get("direction") == "initiator"
    param = dialog.find(f"{NS}local/{NS}target/{NS}param")
    assert param is not None
    assert (param.get("pname"), param.get("pvalue")) == ("+sip.rendering", "no")
    assert dialog.findtext(f"{NS}remote/{NS}identity") == "sip:anonymous@anonymous.invalid"


def test_what_would_break_the_document_is_escaped() -> None:
    fact = DialogFact("<&>", DialogState.EARLY, is_recipient=True, remote='<&">')
    (dialog,) = written(fact)
    assert dialog.get("id") == "<&>"
    assert dialog.findtext(f"{NS}remote/{NS}identity") == 'sip:<&">@example.jp'


def test_of_many_dialogs_the_first_are_told() -> None:
    facts = [
        DialogFact(str(index), DialogState.EARLY, is_recipient=True, remote="1")
        for index in range(MAX_DIALOGS + 1)
    ]
    assert len(written(*facts)) == MAX_DIALOGS


def test_what_the_contract_does_not_have_is_not_there() -> None:
    package = DialogPackage(Office(), "example.jp")
    assert package.exists("alice", "c1", "102")
    assert not package.exists("alice", "c1", "201")
