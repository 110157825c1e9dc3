"""The dialog event package: lamps (RFC 4235), with the mark of held calls that phones blink by.

A lamp is a resource's most telling dialog; a phone that shows one key cannot show two.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr

import msgspec

from switch.notifier.document import Document

MAX_DIALOGS = 8
"""Dialogs of one resource in a document: a lamp shows one, an attendant console a few."""


class DialogState(Enum):
    """How far a watched dialog is (RFC 4235 section 3.7.1), as far as lamps tell it."""

    EARLY = "early"
    CONFIRMED = "confirmed"


class DialogFact(msgspec.Struct, frozen=True):
    """One dialog of a watched device or slot."""

    id: str
    """Unique among the resource's dialogs."""
    state: DialogState
    is_recipient: bool
    """Whether the watched side was called."""
    remote: str | None
    """Whom it speaks to: a number or an extension; None when that is withheld."""
    is_held: bool = False
    call_id: str = ""
    """The SIP dialog's identifiers, where a watcher may pick it up by Replaces (RFC 3891)."""
    local_tag: str = ""
    remote_tag: str = ""


class LampSource(Protocol):
    """Whoever knows what devices and slots do."""

    def dialogs(self, contract: str, name: str) -> Sequence[DialogFact] | None:
        """Return the dialogs of an extension or slot; None when the contract has no such one."""

    def lamps(self, contract: str, name: str) -> Sequence[str] | None:
        """Return the extensions and slots of a list of lamps, or None when there is no such."""


class DialogPackage:
    """The package as the notifier knows it."""

    name = "dialog"
    media_type = "application/dialog-info+xml"

    def __init__(self, source: LampSource, domain: str) -> None:
        self._source = source
        self._domain = domain

    def exists(self, watcher: str, contract: str, name: str) -> bool:  # noqa: ARG002 - all see all
        """Tell whether the contract has such an extension or slot."""
        return self._source.dialogs(contract, name) is not None

    def members(self, contract: str, name: str) -> Sequence[str] | None:
        """Return the lamps of a list."""
        return self._source.lamps(contract, name)

    def write(self, contract: str, name: str, entity: str, version: int) -> Document:
        """Write the dialogs of a resource; an idle one has a terminated dialog of its own name.

        Phones that keep a dialog per identifier forget it by that; the rest read the one state.
        """
        dialogs = (self._source.dialogs(contract, name) or ())[:MAX_DIALOGS]
        told = "".join(self._dialog(entity, each) for each in dialogs) or (
            f"<dialog id={quoteattr(name)}><state>terminated</state></dialog>"
        )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{version}" '
            f'state="full" entity={quoteattr(entity)}>{told}</dialog-info>\n'
        )
        return Document(self.media_type, text.encode())

    def _dialog(self, entity: str, fact: DialogFact) -> str:
        direction = "recipient" if fact.is_recipient else "initiator"
        named = ""
        if fact.call_id:
            named = (
                f" call-id={quoteattr(fact.call_id)} local-tag={quoteattr(fact.local_tag)}"
                f" remote-tag={quoteattr(fact.remote_tag)}"
            )
        held = '<param pname="+sip.rendering" pvalue="no"/>' if fact.is_held else ""
        far = (
            f"sip:{fact.remote}@{self._domain}"
            if fact.remote
            else "sip:anonymous@anonymous.invalid"
        )
        return (
            f'<dialog id={quoteattr(fact.id)}{named} direction="{direction}">'
            f"<state>{fact.state.value}</state>"
            f"<local><identity>{escape(entity)}</identity>"
            f"<target uri={quoteattr(entity)}>{held}</target></local>"
            f"<remote><identity>{escape(far)}</identity>"
            f"<target uri={quoteattr(far)}/></remote></dialog>"
        )
