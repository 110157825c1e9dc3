"""A simulated carrier trunk: it knows the switch by its address, or registers it."""

from switch.sip.flow import Address, Transport
from switch.sip.message import Field, Request
from tests.support.credentials import is_authentic
from tests.support.manner import ANSWERS, Habits, Manner
from tests.support.network import SimulatedNetwork
from tests.support.outgoing_call import Invitation, OutgoingCall
from tests.support.phone import Account, SimulatedPhone
from tests.support.response import respond
from tests.support.transaction import ServerTransaction

NONCE = "carrier-nonce"


class SimulatedTrunk(SimulatedPhone):
    """A carrier's side: calls come in to direct numbers, and go out to any number."""

    def __init__(
        self,
        network: SimulatedNetwork,
        name: str,
        address: Address,
        server: Address,
        *,
        transport: Transport = Transport.UDP,
        password: str | None = None,
        manner: Manner = ANSWERS,
        habits: Habits | None = None,
        domain: str = "carrier.test",
    ) -> None:
        account = Account(name, password or "", domain)
        super().__init__(
            network,
            name,
            address,
            server,
            account,
            transport=transport,
            manner=manner,
            habits=habits,
        )
        self.options_status = 200
        self.registered: list[str] = []
        """Contact values of the registrations that were accepted."""
        self.challenges_calls = False
        self.challenges_dialogs = False
        """Requests inside dialogs are challenged as well."""
        self._challenges = password is not None

    def call_in(
        self,
        number: str,
        *,
        caller: str = "09012345678",
        described: bool = True,
        fields: tuple[Field, ...] = (),
    ) -> OutgoingCall:
        """Bring a call from the public network to a direct number."""
        uri = f"sip:{number}@{self.server}"
        identity = f"<sip:{caller}@{self.account.domain}>"
        asserted: Field = ("P-Asserted-Identity", identity)
        invitation = Invitation(uri, identity, described=described, fields=(asserted, *fields))
        call = OutgoingCall(self, self.token("call"), self.token("tag"), invitation)
        self.calls.append(call)
        call.start()
        return call

    def receive_other(self, request: Request, transaction: ServerTransaction) -> None:
        """Answer OPTIONS as told, and REGISTER as a registrar that challenges."""
        if request.method == "REGISTER":
            self._receive_register(request, transaction)
            return
        status = self.options_status if request.method == "OPTIONS" else 405
        transaction.respond(respond(request, status, to=self._tagged(request)))

    def _receive_register(self, request: Request, transaction: ServerTransaction) -> None:
        if self._challenges and not is_authentic(request, self.account.password, NONCE):
            challenge: Field = ("WWW-Authenticate", self._challenge())
            response = respond(
                request, 401, "Unauthorized", to=self._tagged(request), fields=(challenge,)
            )
            transaction.respond(response)
            return
        contacts = request.all("contact")
        self.registered += contacts
        fields: tuple[Field, ...] = tuple(("Contact", f"{c};expires=3600") for c in contacts)
        transaction.respond(respond(request, 200, to=self._tagged(request), fields=fields))

    def _dispatch(self, request: Request, transaction: ServerTransaction) -> None:
        inside = self.challenges_dialogs and self._call_of(request) is not None
        if inside and not is_authentic(request, self.account.password, NONCE):
            field: Field = ("Proxy-Authenticate", self._challenge())
            transaction.respond(respond(request, 407, "Who Are You", fields=(field,)))
            return
        super()._dispatch(request, transaction)

    def _receive_invite(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self.challenges_calls and not is_authentic(request, self.account.password, NONCE):
            field: Field = ("Proxy-Authenticate", self._challenge())
            to = self._tagged(request)
            transaction.respond(respond(request, 407, "Who Are You", to=to, fields=(field,)))
            return
        super()._receive_invite(transaction)

    def _challenge(self) -> str:
        return f'Digest realm="{self.account.domain}", nonce="{NONCE}", algorithm=MD5, qop="auth"'

    def _tagged(self, request: Request) -> str:
        return f"{request.first('to')};tag={self.token('tag')}"
