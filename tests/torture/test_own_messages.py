"""The project's own torture messages, each with the outcome that its rule names."""

import json
from pathlib import Path

import pytest

from switch.sip import parser, scan
from switch.sip.errors import RemoteProtocolError

FOLDER = Path(__file__).parents[1] / "data" / "torture"
OUTCOMES: dict[str, dict[str, str | int]] = json.loads((FOLDER / "outcomes.json").read_text())
SCANNERS = {"reference": scan.scan_reference, "accelerated": scan.scan_accelerated}


@pytest.fixture(autouse=True, params=SCANNERS)
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser use each scanner in turn."""
    monkeypatch.setattr(parser, "scan", SCANNERS[request.param])


@pytest.mark.parametrize("name", OUTCOMES)
def test_each_message_has_the_outcome_of_its_rule(name: str) -> None:
    octets = (FOLDER / f"{name}.sip").read_bytes()
    expected = OUTCOMES[name]["status"]
    if expected == 200:
        message = parser.parse(octets)
        assert message.octets() == octets.lstrip(b"\r\n")[: len(message.octets())]
        message.fields = [(name, value) for name, value in message.fields]
        again = parser.parse(message.octets())
        assert again.body == message.body
        assert again.call_id == message.call_id
        return
    with pytest.raises(RemoteProtocolError) as raised:
        parser.parse(octets)
    assert raised.value.status == expected


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_is_recovered_of_a_message_can_be_read(name: str) -> None:
    octets = (FOLDER / f"{name}.sip").read_bytes()
    request = parser.recover(octets)
    if OUTCOMES[name]["status"] == 400 and name not in {"no-via", "method-no-token"}:
        assert request is not None
    if request is not None:
        assert request.via.transport
        assert request.to.uri or not request.first("to")
        assert request.from_.uri or not request.first("from")
        assert request.cseq.method
        assert request.response_vias()
