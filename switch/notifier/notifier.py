"""The notifier: who watches what, and who is told of a change (RFC 6665, RFC 4662).

A device sees its own contract alone: what belongs to another one is answered like what is nowhere.
"""

from collections.abc import Iterable, Iterator
from itertools import count

from switch.notifier import resource_list
from switch.notifier.document import Document, Package
from switch.notifier.resource_list import MAX_MEMBERS, Member
from switch.notifier.subscription import Subscription, wanted_expiry
from switch.sip import uas
from switch.sip.dialog.dialog import is_complete
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.header.event import Event
from switch.sip.header.token_list import contains_token
from switch.sip.message import Request
from switch.sip.stack import Stack
from switch.sip.uri import SipUri

MAX_PER_DEVICE = 100
"""Subscriptions of one device: a console with a hundred keys. The oldest makes room."""

EVENTLIST = "eventlist"
"""The option tag of lists (RFC 4662 section 4.1)."""


class Notifier:
    """Every subscription of every device."""

    def __init__(self, stack: Stack, packages: Iterable[Package]) -> None:
        self._stack = stack
        self._packages = {package.name: package for package in packages}
        self._of_device: dict[str, dict[Subscription, None]] = {}
        self._of_resource: dict[tuple[str, str, str], dict[Subscription, None]] = {}
        self._boundaries = count(1)

    def __len__(self) -> int:
        return sum(map(len, self._of_device.values()))

    def receive(self, request: Request, flow: Flow, device: str, contract: str) -> None:
        """Take a SUBSCRIBE outside every dialog from a device that has proved who it is."""
        try:
            refusal = self._begin(request, flow, device, contract)
        except RemoteProtocolError:
            refusal = _refuse(400)
        if refusal is not None:
            self._stack.refuse(request, flow, refusal.status, refusal.fields)

    def _begin(
        self, request: Request, flow: Flow, device: str, contract: str
    ) -> uas.Refusal | None:
        event = Event.parse(request.first("event") or "")
        package = self._packages.get(event.package)
        if package is None:
            return _refuse(489, ("Allow-Events", ", ".join(self._packages)))
        if not is_complete(request):
            return _refuse(400)
        resource = SipUri.parse(request.uri).user or device
        if not self._is_there(package, request, device, contract, resource):
            return _refuse(404)
        expires = wanted_expiry(request)
        if isinstance(expires, uas.Refusal):
            return expires
        subscription = Subscription(
            self._stack, self, request, flow, event,
            device=device, contract=contract, resource=resource,
        )  # fmt: skip
        self._keep(subscription, package)
        subscription.begin(request, flow, expires)
        return None

    def _is_there(
        self, package: Package, request: Request, device: str, contract: str, resource: str
    ) -> bool:
        """Tell whether the device may watch this: one resource, or a list it understands."""
        if package.members(contract, resource) is not None:
            return contains_token(request.all("supported"), EVENTLIST)
        return package.exists(device, contract, resource)

    def change(self, package: str, contract: str, name: str) -> None:
        """Tell everybody who watches a resource that it has changed."""
        for subscription in tuple(self._of_resource.get((package, contract, name), ())):
            subscription.change(name)

    def end_device(self, device: str) -> None:
        """End what a device watches: it is gone from the directory (RFC 6665 section 4.1.3)."""
        for subscription in tuple(self._of_device.get(device, ())):
            subscription.end("noresource")

    # What a subscription asks

    def write(self, subscription: Subscription, *, is_full: bool) -> Document:
        """Write what a subscription shows now: a resource, or a list's members that changed."""
        package = self._packages[subscription.event.package]
        contract, resource = subscription.contract, subscription.resource
        members = package.members(contract, resource)
        version = subscription.version
        if members is None:
            return package.write(contract, resource, subscription.entity, version)
        host = SipUri.parse(subscription.entity).host
        shown = [name for name in members[:MAX_MEMBERS] if is_full or name in subscription.changed]
        parts = []
        for name in shown:
            uri = str(SipUri("sip", name, host))
            parts.append(Member(uri, package.write(contract, name, uri, version)))
        boundary = f"daihyo-{next(self._boundaries)}"
        return resource_list.write(
            subscription.entity, version, parts, is_full=is_full, boundary=boundary
        )

    def forget(self, subscription: Subscription) -> None:
        """Drop a subscription that is over."""
        mine = self._of_device.get(subscription.device, {})
        mine.pop(subscription, None)
        if not mine:
            self._of_device.pop(subscription.device, None)
        for key in tuple(self._keys(subscription)):
            watchers = self._of_resource.get(key, {})
            watchers.pop(subscription, None)
            if not watchers:
                self._of_resource.pop(key, None)

    def _keep(self, subscription: Subscription, package: Package) -> None:
        mine = self._of_device.setdefault(subscription.device, {})
        if len(mine) >= MAX_PER_DEVICE:
            oldest = next(iter(mine))
            del mine[oldest]
            oldest.end("rejected")
        mine[subscription] = None
        contract, resource = subscription.contract, subscription.resource
        subscription.watches = tuple(package.members(contract, resource) or (resource,))
        for key in self._keys(subscription):
            self._of_resource.setdefault(key, {})[subscription] = None

    def _keys(self, subscription: Subscription) -> Iterator[tuple[str, str, str]]:
        package, contract = subscription.event.package, subscription.contract
        return ((package, contract, name) for name in subscription.watches[:MAX_MEMBERS])


def _refuse(status: int, *fields: tuple[str, str]) -> uas.Refusal:
    return uas.Refusal(status, uas.reason_phrase(status), fields)
