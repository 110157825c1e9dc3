"""Engagements: which calls each device takes part in, or is rung for."""


class Engagements:
    """Call identifiers by the user names of devices, in the order in which the calls came."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def enter(self, username: str, call_id: str) -> None:
        """Note that a device has a part in a call; a carrier, who has no name, has none."""
        if username:
            self._calls.setdefault(username, {})[call_id] = None

    def leave(self, username: str, call_id: str) -> None:
        """Note that it has no longer."""
        calls = self._calls.get(username, {})
        calls.pop(call_id, None)
        if not calls:
            self._calls.pop(username, None)

    def calls(self, username: str) -> tuple[str, ...]:
        """Return the calls that a device has a part in."""
        return tuple(self._calls.get(username, ()))
