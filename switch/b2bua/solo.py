"""The switch itself as a leg's other side: music, tones and prompts (RFC 7092 section 3.2.5)."""

from media.plane import AudioFormat, Play, Source, Terminate
from switch.b2bua.event import Update, Updated
from switch.b2bua.leg import Leg
from switch.sdp import termination
from switch.sdp.termination import Agreed
from switch.sip.uas import REASONS


class Solo:
    """What one leg hears of the switch."""

    def __init__(self, leg: Leg, sources: tuple[Source, ...], *, repeat: int | None = None) -> None:
        self.leg = leg
        self._sources = sources
        self._repeat = repeat

    def begin(self) -> bool:
        """Be the leg's other side; False when its description has no sound of ours."""
        negotiation = self.leg.change.negotiation
        if negotiation.local is None or negotiation.remote is None:
            return False
        agreed = termination.between(negotiation.local, negotiation.remote)
        if agreed is None:
            return False
        self._terminate(agreed)
        endpoint = self.leg.side.endpoint
        self.leg.stack.out.append(Play(endpoint, self._sources, self._repeat))
        return True

    def answer(self, event: Update) -> None:
        """Answer a session change of the leg's, as there is nobody else to ask."""
        if not event.body:
            self.leg.answer_update(Updated(200, "OK", termination.offer()))
            return
        answer = termination.answer(event.body)
        if answer is None:
            self.leg.answer_update(Updated(488, REASONS[488], b""))
            return
        self.leg.answer_update(Updated(200, "OK", answer.body))
        self._terminate(answer.agreed)

    def _terminate(self, agreed: Agreed) -> None:
        audio = AudioFormat(agreed.encoding, agreed.payload_type, agreed.ptime_ms)
        endpoint, event = self.leg.side.endpoint, agreed.telephone_event
        self.leg.stack.out.append(
            Terminate(endpoint, audio, agreed.stream, event, in_band=event is None)
        )
