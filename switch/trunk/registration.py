"""Our registration with a carrier (RFC 3261 section 10.2): one machine, told what happened.

The registration is refreshed after half of what was granted. A refresh that fails is tried again,
later each time and with jitter, while what was granted still holds; only its lapse ends it.
"""

from enum import Enum

from switch.sip.token import Tokens
from switch.trunk.effect import (
    Arm,
    Became,
    Disarm,
    Failed,
    StartRegister,
    TrunkEffect,
    TrunkTimer,
)

FIRST_RETRY = 2.0
"""Seconds after the first failure; doubled each time."""

LAST_RETRY = 300.0
"""The longest wait of ours: a carrier that came back is found within five minutes."""

MAX_RETRY_AFTER = 3600.0
"""A carrier's Retry-After is obeyed up to an hour."""

MAX_EXPIRES = 86_400
"""A registrar's Min-Expires beyond a day is not followed."""

MAX_CHALLENGES = 3
"""Challenges answered for one registration: a fresh nonce, a stale one, and one to spare."""

REFRESH_SHARE = (0.5, 0.6)
"""When to refresh, as a share of what was granted: a 60 s grant leaves time for a lost request."""


class State(Enum):
    """Where the registration stands."""

    IDLE = "idle"
    REGISTERING = "registering"
    WAITING = "waiting"
    """The next REGISTER is due by timer: a refresh, or a try after a failure."""
    UNREGISTERING = "unregistering"
    ENDED = "ended"


class RegistrationMachine:
    """Keeps one address-of-record registered with its carrier."""

    def __init__(self, expires: int, tokens: Tokens) -> None:
        self.state = State.IDLE
        self.is_registered = False
        self._expires = expires
        self._tokens = tokens
        self._failures = 0
        self._challenges = 0

    def start(self) -> list[TrunkEffect]:
        """Begin."""
        return self._register()

    def succeed(self, granted: int) -> list[TrunkEffect]:
        """Take a 2xx that grants these seconds."""
        match self.state:
            case State.UNREGISTERING:
                return self._end()
            case State.REGISTERING if granted > 0:
                return self._hold(granted)
            case State.REGISTERING:
                return self._retry("granted 0 s", 0.0)
            case _:
                return []

    def challenge(self, *, answerable: bool) -> list[TrunkEffect]:
        """Take a 401 or 407; `answerable` when our credential may and can answer it afresh."""
        self._challenges += 1
        answerable = answerable and self._challenges <= MAX_CHALLENGES
        match self.state:
            case State.REGISTERING if answerable:
                return [StartRegister(self._expires)]
            case State.REGISTERING:
                # To try a refused secret again soon locks accounts and changes nothing.
                return self._retry("credential refused", LAST_RETRY)
            case State.UNREGISTERING if answerable:
                return [StartRegister(0)]
            case State.UNREGISTERING:
                return self._end()
            case _:
                return []

    def ask_longer(self, least: int) -> list[TrunkEffect]:
        """Take a 423 that wants at least so many seconds (section 10.2.8)."""
        if self.state is State.REGISTERING and self._expires < least <= MAX_EXPIRES:
            self._expires = least
            return [StartRegister(least)]
        return self.fail("interval too brief")

    def fail(self, reason: str, retry_after: float = 0.0) -> list[TrunkEffect]:
        """Take any other failure: a status, a timeout, a lost transport."""
        match self.state:
            case State.REGISTERING:
                return self._retry(reason, min(retry_after, MAX_RETRY_AFTER))
            case State.UNREGISTERING:
                return self._end()
            case _:
                return []

    def expire(self, timer: TrunkTimer) -> list[TrunkEffect]:
        """Handle a timer that this machine armed."""
        if timer is TrunkTimer.LAPSE:
            return self._become(usable=False, reason="lapsed")
        return self._register() if self.state is State.WAITING else []

    def stop(self) -> list[TrunkEffect]:
        """Take the registration back, if there is one to take back."""
        quiet: list[TrunkEffect] = [Disarm(TrunkTimer.REGISTER), Disarm(TrunkTimer.LAPSE)]
        if self.state in {State.UNREGISTERING, State.ENDED}:
            return []
        # A REGISTER on its way may succeed yet, so it is taken back too.
        if self.is_registered or self.state is State.REGISTERING:
            self.state = State.UNREGISTERING
            self._challenges = 0
            return [*quiet, StartRegister(0)]
        self.state = State.ENDED
        return quiet

    @property
    def is_ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.state is State.ENDED

    def _register(self) -> list[TrunkEffect]:
        self.state = State.REGISTERING
        self._challenges = 0
        return [StartRegister(self._expires)]

    def _hold(self, granted: int) -> list[TrunkEffect]:
        self.state = State.WAITING
        self._failures = 0
        refresh = granted * self._tokens.uniform(*REFRESH_SHARE)
        return [
            Arm(TrunkTimer.REGISTER, refresh),
            Arm(TrunkTimer.LAPSE, float(granted)),
            *self._become(usable=True, reason="registered"),
        ]

    def _retry(self, reason: str, at_least: float) -> list[TrunkEffect]:
        self.state = State.WAITING
        # The exponent is bounded so that a carrier that is away for weeks overflows nothing.
        longest = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures, 16))
        self._failures += 1
        delay = max(longest * self._tokens.uniform(0.5, 1.0), at_least)
        return [Arm(TrunkTimer.REGISTER, delay), Failed(reason, delay)]

    def _end(self) -> list[TrunkEffect]:
        self.state = State.ENDED
        return self._become(usable=False, reason="unregistered")

    def _become(self, *, usable: bool, reason: str) -> list[TrunkEffect]:
        if self.is_registered is usable:
            return []
        self.is_registered = usable
        return [Became(usable, reason)]

    def __repr__(self) -> str:
        said = "registered" if self.is_registered else "not registered"
        return f"<RegistrationMachine {self.state.name} {said} failures {self._failures}>"
