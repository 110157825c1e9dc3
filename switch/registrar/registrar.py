"""The registrar (RFC 3261 section 10.3): REGISTERs of authenticated devices become bindings.

* A device has one binding. Whoever registers with the same credentials later takes it over; the log
  says so. A REGISTER that comes late within its Call-ID changes nothing.
* The device is reached over the flow of its REGISTER (RFC 3581, RFC 5626); its Contact is only the
  Request-URI. Path is kept (RFC 3327), GRUUs are not given out.
* A row is kept for a restart with twice the granted time, and is written again when what it says
  has changed or when the binding would outlast it. So many refreshes write nothing, a restored
  binding never ends before the device thinks so, and one whose device is gone is forgotten at most
  one granted interval late.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import islice

import msgspec

from routing.device import Device
from routing.directory import Directory
from routing.number import Number
from switch.effect import CoreEffect, DeleteBinding, Level, Log, WriteBinding
from switch.registrar.contact import (
    Contact,
    RegistrationError,
    Wish,
    listed,
    read_wish,
)
from switch.registrar.location import Binding, LocationService
from switch.registrar.settings import RegistrarSettings
from switch.registrar.story import ended, fields_of, is_same_device, refused, same_uri, story
from switch.sip import uas
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.header.token_list import contains_token
from switch.sip.message import Field, Request, Response
from switch.sip.uri import SipUri
from switch.value import Value

MAX_PATHS = 5
"""More edge proxies than stand before any device."""

MAX_PATH_LENGTH = 1024
"""All Path values of a binding together: each is kept for every registration."""

MAX_CALL_ID_LENGTH = 256
"""Kept for every registration; phones write 20 to 80 characters."""

MAX_USER_AGENT_LENGTH = 128
"""Kept for every registration, for the operator's eyes only."""

KEPT_INTERVALS = 2
"""Granted intervals that a kept row lasts: phones refresh after half to nine tenths of one."""

SWEPT_AT_ONCE = 2000
"""Bindings looked at in one turn after a change of the directory: about a millisecond."""

SWEEP_PAUSE = 0.01
"""Seconds between two such turns, for everybody else's messages."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Registered(Value, frozen=True):
    """The answer to a REGISTER, and what it asks of the world."""

    response: Response
    effects: list[CoreEffect]
    arrival: Binding | None = None
    """The binding of a device that has come, or has been opened, rather than only stayed."""


class Registrar:
    """Keeps the location service as authenticated devices ask."""

    def __init__(self, locations: LocationService, settings: RegistrarSettings) -> None:
        self.locations = locations
        self._settings = settings
        self._date = (0, "")
        self._served: Directory
        self._sweep: Iterator[Binding] = iter(())
        self._sweep_at: float | None = None
        """When to look at more bindings; None when all have been looked at."""

    def receive(
        self, request: Request, flow: Flow, device: Device, now: float, wall: float
    ) -> Registered:
        """Carry out a REGISTER of a device that has proved who it is."""
        turn = _Turn(request, flow, device, now, wall)
        earlier = self.locations.lookup(device.username)
        if earlier is not None:
            refreshed = _refreshed(turn, earlier)
            if refreshed is not None:
                return self._keep(turn, earlier, refreshed)
        try:
            return self._decide(turn, earlier)
        except RegistrationError as refusal:
            return _refuse(turn, refusal.status, refusal.rule, refusal.fields)
        except RemoteProtocolError as error:
            return _refuse(turn, error.status, error.reason)

    def restore(
        self, rows: Iterable[WriteBinding], directory: Directory, now: float, wall: float
    ) -> list[CoreEffect]:
        """Take up what was kept before a restart; drop what is over or served no longer."""
        stale: list[CoreEffect] = []
        count = 0
        for row in rows:
            known = directory.device(row.device) is not None
            if known and self.locations.restore(row, now, wall) is not None:
                count += 1
            else:
                stale.append(DeleteBinding(row.device))
        fields: dict[str, str | int | float | bool | None] = {
            "restored": count,
            "dropped": len(stale),
        }
        return [*stale, Log("bindings_restored", Level.INFO, fields)]

    def retain(self, directory: Directory, now: float) -> list[CoreEffect]:
        """Begin to forget the bindings of devices that a new directory no longer has.

        Nothing rings at one meanwhile: who rings is taken from the directory.
        """
        self._sweep = iter(tuple(self.locations))
        self._served = directory
        return self._sweep_on(now)

    def _sweep_on(self, now: float) -> list[CoreEffect]:
        effects: list[CoreEffect] = []
        looked_at = 0
        for binding in islice(self._sweep, SWEPT_AT_ONCE):
            looked_at += 1
            is_there = self.locations.lookup(binding.device) is not None
            if is_there and self._served.device(binding.device) is None:
                self.locations.remove(binding.device)
                effects += ended(binding, "withdrawn")
        self._sweep_at = now + SWEEP_PAUSE if looked_at == SWEPT_AT_ONCE else None
        return effects

    def lose_flow(self, flow: Flow) -> list[CoreEffect]:
        """Learn that a connection closed: the devices behind it are out of reach."""
        lost = self.locations.lose_flow(flow)
        return [Log("unreachable", Level.INFO, fields_of(binding)) for binding in lost]

    def next_deadline(self) -> float | None:
        """When `expire` is to be called next."""
        expiry = self.locations.next_deadline()
        if self._sweep_at is None or expiry is None:
            return expiry if self._sweep_at is None else self._sweep_at
        return min(self._sweep_at, expiry)

    def expire(self, now: float) -> list[CoreEffect]:
        """Forget the bindings whose time is over, and go on with those that are served no more."""
        effects = [e for b in self.locations.expire(now) for e in ended(b, "expired")]
        if self._sweep_at is not None and self._sweep_at <= now:
            effects += self._sweep_on(now)
        return effects

    def _decide(self, turn: "_Turn", earlier: Binding | None) -> Registered:
        request = turn.request
        _require_own_address(request, turn.device)
        wish = read_wish(request, self._settings)
        if wish.is_query:
            return Registered(self._success(turn, earlier), [])
        if (
            earlier is not None
            and earlier.call_id == request.call_id
            and request.cseq.number <= earlier.cseq
        ):
            raise RegistrationError(500, "cseq_order")
        if wish.bind is None:
            return self._unregister(turn, wish, earlier)
        binding = self._bind(turn, wish.bind, earlier)
        return self._keep(turn, earlier, binding)

    def _bind(self, turn: "_Turn", contact: Contact, earlier: Binding | None) -> Binding:
        """Make the binding that a Contact asks for."""
        request = turn.request
        granted = self._granted(contact.expires)
        path = _path(request)
        if self._settings.refuse_foreign_contact and not path and _is_foreign(contact, turn.flow):
            raise RegistrationError(403, "foreign_contact")
        if len(request.call_id) > MAX_CALL_ID_LENGTH:
            raise RegistrationError(400, "call_id_length")
        if not _is_text(request.call_id, contact.text, contact.instance or "", *path):
            raise RegistrationError(400, "not_utf8")
        user_agent = (request.first("user-agent") or "")[:MAX_USER_AGENT_LENGTH]
        binding = Binding(
            device=turn.device.username,
            contact=contact.text,
            path=path,
            flow=turn.flow,
            call_id=request.call_id,
            cseq=request.cseq.number,
            expires_at=turn.now + granted,
            instance=contact.instance,
            user_agent=user_agent if user_agent and _is_text(user_agent) else None,
            registered_at=turn.wall,
            granted=granted,
            fingerprint=turn.fingerprint,
            is_outbound=_is_outbound(request, contact),
        )
        if earlier is None or not is_same_device(earlier, binding):
            return binding
        return msgspec.structs.replace(
            binding, registered_at=earlier.registered_at, kept_until=earlier.kept_until
        )

    def _granted(self, asked: int) -> int:
        """Return the seconds granted, or raise 423 (section 10.2.8)."""
        if asked < self._settings.min_expires:
            least = str(self._settings.min_expires)
            raise RegistrationError(423, "min_expires", ("Min-Expires", least))
        return min(asked, self._settings.max_expires)

    def _keep(self, turn: "_Turn", earlier: Binding | None, binding: Binding) -> Registered:
        """Put a binding in place and tell the story of it."""
        effects: list[CoreEffect] = []
        kept_enough = turn.wall + binding.granted <= binding.kept_until
        if earlier is None or not kept_enough or not _says_the_same(earlier, binding):
            kept_until = turn.wall + KEPT_INTERVALS * binding.granted
            binding = msgspec.structs.replace(binding, kept_until=kept_until)
            effects.append(binding.row())
        self.locations.put(binding)
        effects.append(story(turn.device, earlier, binding))
        arrival = binding if _is_arrival(turn, earlier, binding) else None
        return Registered(self._success(turn, binding), effects, arrival)

    def _unregister(self, turn: "_Turn", wish: Wish, earlier: Binding | None) -> Registered:
        """Remove the binding when the REGISTER names it, or names all (section 10.2.2)."""
        named = wish.remove_all or (
            earlier is not None and any(_names(contact, earlier) for contact in wish.remove)
        )
        if earlier is None or not named:
            return Registered(self._success(turn, earlier), [])
        self.locations.remove(earlier.device)
        return Registered(self._success(turn, None), ended(earlier, "unregistered", turn.device))

    def _success(self, turn: "_Turn", binding: Binding | None) -> Response:
        """Build the 200: the binding, what is left of it, and the Date (section 10.3 step 8)."""
        request = turn.request
        fields: list[Field] = [("Date", self._date_text(turn.wall))]
        if binding is not None:
            fields.append(("Contact", _written(binding, binding.remaining(turn.now))))
            if binding.path and contains_token(request.all("supported"), "path"):
                fields += [("Path", value) for value in binding.path]
            if binding.is_outbound:
                fields.append(("Require", "outbound"))
        fields.append(("Supported", "path, outbound"))
        return uas.respond(request, 200, to_tag=uas.stateless_tag(request), fields=fields)

    def _date_text(self, wall: float) -> str:
        second = int(wall)
        if self._date[0] != second:
            self._date = second, date_text(second)
        return self._date[1]


class _Turn(Value, frozen=True):
    """One REGISTER and its circumstances."""

    request: Request
    flow: Flow
    device: Device
    now: float
    wall: float

    @property
    def fingerprint(self) -> int:
        """The hash of everything in the REGISTER that the binding depends on."""
        request = self.request
        # Equal fingerprints mean an equal wish but for a chance of 2**-64, and only a device's own.
        return hash(
            (
                tuple(request.all("contact")),
                request.first("expires"),
                request.first("to"),
                tuple(request.all("path")),
                tuple(request.all("supported")),
                len(request.all("via")),
            )
        )


def _refreshed(turn: _Turn, earlier: Binding) -> Binding | None:
    """Return the binding prolonged when the REGISTER says what the last one said, else None."""
    request = turn.request
    if (
        earlier.call_id != request.call_id
        or earlier.cseq >= request.cseq.number
        or earlier.flow != turn.flow
        or earlier.fingerprint != turn.fingerprint
    ):
        return None
    return Binding(
        device=earlier.device,
        contact=earlier.contact,
        path=earlier.path,
        flow=earlier.flow,
        call_id=earlier.call_id,
        cseq=request.cseq.number,
        expires_at=turn.now + earlier.granted,
        instance=earlier.instance,
        user_agent=earlier.user_agent,
        registered_at=earlier.registered_at,
        kept_until=earlier.kept_until,
        granted=earlier.granted,
        fingerprint=earlier.fingerprint,
        is_outbound=earlier.is_outbound,
    )


def _is_arrival(turn: _Turn, earlier: Binding | None, binding: Binding) -> bool:
    """Tell a device that comes, or that its user has opened, from one that stays.

    What stays refreshes its registration over the same flow when half of the time is over; what
    is opened registers anew or well before that.
    """
    if earlier is None or not earlier.is_reachable:
        return True
    if earlier.call_id != binding.call_id or earlier.flow != binding.flow:
        return True
    return earlier.contact != binding.contact or 2 * earlier.remaining(turn.now) > earlier.granted


def date_text(second: int) -> str:
    """Write a Date value (RFC 3261 section 20.17) without the locale's help."""
    at = datetime.fromtimestamp(second, UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"


def _require_own_address(request: Request, device: Device) -> None:
    """Refuse to let a device register another's address-of-record (section 10.3, step 4)."""
    try:
        user = SipUri.parse(request.to.uri).user
    except RemoteProtocolError as error:
        raise RegistrationError(400, "address_of_record") from error
    own = {device.username, device.number, Number.parse(device.number).national, device.extension}
    if user not in own:
        raise RegistrationError(403, "address_of_record")


def _is_text(*texts: str) -> bool:
    """Tell whether the texts are UTF-8, as what is kept in a database must be."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _path(request: Request) -> tuple[str, ...]:
    values = listed(request.all("path"))
    if len(values) > MAX_PATHS or sum(map(len, values)) > MAX_PATH_LENGTH:
        raise RegistrationError(400, "path_length")
    return tuple(values)


def _is_outbound(request: Request, contact: Contact) -> bool:
    """Tell whether the registration is one of RFC 5626 that we can honour: we are its first hop."""
    return (
        contact.reg_id is not None
        and contact.instance is not None
        and contains_token(request.all("supported"), "outbound")
        and len(listed(request.all("via"))) == 1
    )


def _is_foreign(contact: Contact, flow: Flow) -> bool:
    """Tell whether a Contact names a public address that is not the sender's own."""
    try:
        named, source = ip_address(contact.uri.host), ip_address(flow.remote.host)
    except ValueError:
        # A name: phones behind NAT and browsers write any, and we never send there.
        return False
    # A private source hides the sender's public address from us (a balancer before us, a VPN).
    return named.is_global and source.is_global and named != source


def _names(contact: Contact, binding: Binding) -> bool:
    if contact.instance is not None and binding.instance not in {None, contact.instance}:
        return False
    return same_uri(binding.contact, contact.uri)


def _says_the_same(earlier: Binding, later: Binding) -> bool:
    """Tell whether the kept row of `earlier` serves for `later` too, but for time and CSeq."""
    return (
        earlier.contact == later.contact
        and earlier.flow == later.flow
        and earlier.path == later.path
        and earlier.call_id == later.call_id
        and earlier.instance == later.instance
        and earlier.user_agent == later.user_agent
    )


def _written(binding: Binding, seconds: int) -> str:
    instance = "" if binding.instance is None else f';+sip.instance="<{binding.instance}>"'
    return f"<{binding.contact}>;expires={seconds}{instance}"


def _refuse(turn: _Turn, status: int, rule: str, fields: Iterable[Field] = ()) -> Registered:
    request = turn.request
    response = uas.respond(request, status, to_tag=uas.stateless_tag(request), fields=tuple(fields))
    return Registered(response, [refused(request, turn.flow, turn.device, status, rule)])
