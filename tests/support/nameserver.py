"""A name server on loopback that answers from a table and counts its questions."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dns.flags import AA
from dns.message import from_wire, make_response
from dns.rcode import NXDOMAIN, SERVFAIL
from dns.rdatatype import to_text
from dns.rrset import from_text_list


class NameServer(asyncio.DatagramProtocol):
    """Answers what `records` has, NXDOMAIN otherwise; nothing or SERVFAIL when told so."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.is_silent = False
        self.is_failing = False
        self.ttl = 60
        self.port = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Keep the transport (asyncio)."""
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question (asyncio)."""
        query = from_wire(data)
        question = query.question[0]
        key = question.name.to_text(omit_final_dot=True), to_text(question.rdtype)
        self.asked[key] += 1
        if self.is_silent:
            return
        response = make_response(query)
        response.flags |= AA
        if self.is_failing:
            response.set_rcode(SERVFAIL)
        elif key in self.records:
            rrset = from_text_list(question.name, self.ttl, "IN", key[1], self.records[key])
            response.answer.append(rrset)
        elif not any(name == key[0] for name, _ in self.records):
            response.set_rcode(NXDOMAIN)
        self._transport.sendto(response.to_wire(), addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """Run a name server on a free port."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
        await asyncio.sleep(0)
