"""Codecs pass through where both phones have them; without a common one, 488."""

import msgspec
import pytest

from tests.interop.support.conversation import connect, end, hear_each_other, story
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone


def phone(office: Office, kind: str, user: str, *codecs: str) -> Softphone:
    settings = msgspec.structs.replace(office.settings(user), codecs=codecs)
    return office.phone(kind, settings).register()


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
def test_baresip_and_pjsua_hear_each_other_in(office: Office, codec: str) -> None:
    first, second = phone(office, "baresip", "103", codec), phone(office, "pjsua", "104", codec)
    for caller, callee in ((first, second), (second, first)):
        connect(caller, callee)
        hear_each_other(caller, callee, seconds=0.3)
        end(caller, callee)


def test_opus_passes_through(office: Office) -> None:
    first, second = (phone(office, "baresip", user, "opus") for user in ("103", "104"))
    connect(first, second)
    hear_each_other(first, second)
    end(first, second)


def test_the_callees_choice_among_the_callers_codecs_holds(office: Office) -> None:
    first = phone(office, "baresip", "103", "opus", "G722", "PCMA")
    second = phone(office, "pjsua", "104", "PCMA", "PCMU")
    connect(first, second)
    hear_each_other(first, second)
    end(first, second)


def test_phones_without_a_common_codec_get_488(office: Office, begin: int) -> None:
    first, second = phone(office, "baresip", "103", "opus"), phone(office, "pjsua", "104", "PCMA")
    first.call("104")
    assert first.wait("closed").status == 488
    assert not second.has_said("established")
    story(office.daemon, begin, "incompatible_media")
