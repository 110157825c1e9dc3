"""The dialogs that one INVITE of ours creates (RFC 3261 sections 12.1.2 and 13.2.2).

Early ones, and the one that stays.
"""

from switch.sip.dialog.dialog import Dialog
from switch.sip.message import Request, Response

MAX_EARLY_DIALOGS = 16
"""Branches of a fork behind one target that are followed.

More tags than that are an attack or a loop.
"""


class DialogSet:
    """All dialogs of one INVITE, by the far side's tag."""

    __slots__ = ("_dialogs", "confirmed")

    def __init__(self) -> None:
        self._dialogs: dict[str, Dialog] = {}
        self.confirmed: Dialog | None = None

    def provisional(self, invite: Request, response: Response) -> Dialog | None:
        """Return the early dialog that a provisional response belongs to.

        None when it makes none.
        """
        tag = response.to_tag
        dialog = self._dialogs.get(tag)
        if dialog is None and tag and len(self._dialogs) < MAX_EARLY_DIALOGS:
            dialog = self._dialogs[tag] = Dialog.originating(invite, response)
        return dialog

    def confirm(self, invite: Request, response: Response) -> Dialog:
        """Return the dialog of a 2xx, confirmed; the first of all becomes the set's own."""
        dialog = self._dialogs.get(response.to_tag)
        if dialog is None:
            dialog = Dialog.originating(invite, response)
            if len(self._dialogs) < MAX_EARLY_DIALOGS:
                self._dialogs[response.to_tag] = dialog
        dialog.confirm(response)
        if self.confirmed is None:
            self.confirmed = dialog
        return dialog

    @property
    def newest_tag(self) -> str:
        """The far side's tag of the dialog that was made last; empty while there is none."""
        return next(reversed(self._dialogs), "")

    def find(self, remote_tag: str) -> Dialog | None:
        """Return the dialog with this tag of the far side's."""
        return self._dialogs.get(remote_tag)

    def __len__(self) -> int:
        return len(self._dialogs)
