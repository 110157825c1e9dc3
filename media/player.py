"""The player: clips one after another, over and over, a payload at a time."""

from media.clip import Clip


class Player:
    """Give the payloads of a sequence of clips in order."""

    __slots__ = ("_at", "_payloads", "_rounds", "played")

    def __init__(self, clips: tuple[Clip, ...], repeat: int | None) -> None:
        self._payloads = tuple(payload for clip in clips for payload in clip.payloads)
        if len(clips) == 1:
            self._payloads = clips[0].payloads  # shared, not copied
        self._rounds = repeat
        self._at = 0
        self.played = 0
        """Payloads given so far, all rounds together."""

    def __len__(self) -> int:
        """Count the payloads of one round."""
        return len(self._payloads)

    def skip(self, payloads: int) -> None:
        """Go on as if so many payloads had been given already."""
        self.played = payloads
        if self._payloads:
            rounds, self._at = divmod(payloads, len(self._payloads))
            if self._rounds is not None:
                self._rounds -= rounds

    def next(self) -> bytes | None:
        """Give the next payload; None when all is played."""
        if self._at == len(self._payloads):
            if self._rounds is not None:
                self._rounds -= 1
            self._at = 0
        if not self._payloads or (self._rounds is not None and self._rounds <= 0):
            return None
        payload = self._payloads[self._at]
        self._at += 1
        self.played += 1
        return payload
