"""What keeps something in the outbox: its server, this attempt, or for good."""


class OutboxFault(Exception):  # noqa: N818 - the three kinds are named by what follows from them
    """Something could not be sent; the text is one line for the operator."""


class Unavailable(OutboxFault):
    """Nothing can be sent now: the server is away or refuses us. No row is blamed for it."""


class Deferred(OutboxFault):
    """The row was not taken this time."""


class Rejected(OutboxFault):
    """The row will never be taken."""
