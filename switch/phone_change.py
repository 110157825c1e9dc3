"""Changes of call handling that are dialled: from the core's effect to the contract in the store.

One after the other, in the order in which they were dialled, each held to every rule that a change
by command is held to. What is refused is told in the log; the contract then stays as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from provisioning.change import IdSettings
from provisioning.document import ContractError
from provisioning.office import Office
from provisioning.store import Stamp, TakenError
from routing.handling import Condition, HandlingChange
from switch.effect import ChangeHandling, Level, Log

MAX_WAITING = 1000
"""Far more than people dial while the database is slow; a script that dials is held by it."""


class PhoneChanges:
    """The queue of dialled changes."""

    def __init__(
        self,
        office: Office,
        renew: Callable[[], Awaitable[int]],
        log: Callable[[Log], None],
        unix: Callable[[], float],
    ) -> None:
        self._office = office
        self._renew = renew
        self._log = log
        self._unix = unix
        self._queue = asyncio.Queue[ChangeHandling](MAX_WAITING)

    def ask(self, effect: ChangeHandling) -> None:
        """Take a change; it is in effect some milliseconds later."""
        try:
            self._queue.put_nowait(effect)
        except asyncio.QueueFull:
            self._tell("handling_refused", Level.ERROR, effect, "too many changes are waiting")

    async def run(self) -> None:
        """Make changes for as long as the switch runs."""
        while True:
            await self.make(await self._queue.get())

    async def make(self, effect: ChangeHandling) -> None:
        """Make one change, and let calls find it."""
        stamp = Stamp(f"{effect.username} by phone", self._unix())
        settings = IdSettings(handling=_change(effect))
        try:
            await self._office.set_id(effect.username, settings, stamp, trial=False)
            await self._renew()
        except ContractError as error:
            reason = "; ".join(map(str, error.breaches))
            self._tell("handling_refused", Level.WARNING, effect, reason)
        except (SQLAlchemyError, TakenError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._tell("handling_refused", Level.ERROR, effect, reason)
        else:
            self._tell("handling_changed", Level.INFO, effect, None)

    def _tell(self, event: str, level: Level, effect: ChangeHandling, reason: str | None) -> None:
        said = {} if reason is None else {"reason": reason}
        what = ", ".join(_words(effect))
        self._log(Log(event, level, {"device": effect.username, "change": what, **said}))


def _change(effect: ChangeHandling) -> HandlingChange:
    forwards = {Condition(when): target for when, target in effect.forwards.items()}
    return HandlingChange(forwards=forwards, do_not_disturb=effect.do_not_disturb)


def _words(effect: ChangeHandling) -> list[str]:
    forwards = [f"forward {when} {target or 'off'}" for when, target in effect.forwards.items()]
    quiet = effect.do_not_disturb
    return [*forwards, *([] if quiet is None else [f"do_not_disturb {'on' if quiet else 'off'}"])]
