"""What a transaction's life costs: its timers alone, and whole through the layer, in µs of CPU.

Run it as `python bench/transaction.py`. Messages are parsed and built beforehand; their writing
(`octets`) is part of the life. So many others live at the same time as a busy switch has.
"""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parent.parent))

from switch.entropy import EntropyTokens
from switch.sip import uac, uas
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.sip.timer import Deadlines, TimerValues
from switch.sip.transaction.layer import TransactionLayer

LIVE = 10_000
ROUNDS = 20_000
FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.7", 5060))
TOKENS = EntropyTokens()


def cost(work: Callable[[], object], count: int) -> float:
    """Return the µs of CPU that each of `count` units took, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        gc.collect()
        gc.disable()
        start = process_time()
        work()
        best = min(best, process_time() - start)
        gc.enable()
    return best / count * 1e6


def timers() -> None:
    """Arm four, cancel three, let one expire, with as many others live."""
    deadlines: Deadlines[object] = Deadlines()
    for number in range(LIVE):
        deadlines.set(number, 1e9 + number)
    now = 0.0
    for _ in range(ROUNDS):
        now += 0.001
        key, other = object(), object()
        deadlines.set(key, now + 0.5)
        deadlines.set(other, now + 32)
        deadlines.cancel(key)
        deadlines.set(key, now + 4)
        deadlines.cancel(other)
        deadlines.cancel(key)
        deadlines.set(other, now + 32)
        while deadlines.pop_due(now) is not None:
            pass
    while (at := deadlines.next()) is not None and at < 1e9:
        deadlines.pop_due(at)


def requests(method: str) -> list[tuple[Request, list[Response]]]:
    """Make requests as they arrive, each with its responses."""
    made: list[tuple[Request, list[Response]]] = []
    statuses = (180, 200) if method == "INVITE" else (200,)
    for _ in range(ROUNDS):
        built = uac.request(
            method,
            "sip:bob@example.jp",
            via=uac.new_via(FLOW, FLOW.remote, TOKENS.branch()),
            from_="<sip:alice@example.jp>;tag=" + TOKENS.tag(),
            to="<sip:bob@example.jp>",
            call_id=TOKENS.call_id(),
            cseq=1,
        )
        asked = parse(built.octets())
        if isinstance(asked, Request):
            answers = [uas.respond(asked, status, to_tag="b") for status in statuses]
            made.append((asked, answers))
    return made


def serve(exchanges: list[tuple[Request, list[Response]]]) -> None:
    """Live each exchange at the server's side to the end of its last timer."""
    layer = TransactionLayer(TimerValues(), limit=10 * ROUNDS)
    now = 0.0
    for request, responses in exchanges:
        now += 0.001
        if layer.receive_request(request, FLOW, now) is None:
            key = layer.accept(request, FLOW, layer, now)
            for response in responses:
                layer.respond(key, response, now)
        layer.expire(now)
    layer.expire(now + 100)


def ask(exchanges: list[tuple[Request, list[Response]]]) -> None:
    """Live each exchange at the client's side to the end of its last timer."""
    layer = TransactionLayer(TimerValues(), limit=10 * ROUNDS)
    now = 0.0
    for request, responses in exchanges:
        now += 0.001
        layer.request(request, FLOW, layer, now)
        for response in responses:
            layer.receive_response(response, FLOW, now)
        layer.expire(now)
    layer.expire(now + 100)


def main() -> None:
    """Print one line a measurement."""
    print(f"timers, 4 armed, 3 cancelled, 1 expired: {cost(timers, ROUNDS):6.2f} µs")
    print(f"a tag:                                   {cost(tags, ROUNDS):6.2f} µs")
    print(f"a branch:                                {cost(branches, ROUNDS):6.2f} µs")
    for method in ("INVITE", "OPTIONS"):
        exchanges = requests(method)
        served = cost(lambda made=exchanges: serve(made), ROUNDS)  # type: ignore[misc]
        asked = cost(lambda made=exchanges: ask(made), ROUNDS)  # type: ignore[misc]
        print(f"{method:8} served, {len(exchanges[0][1])} response(s):       {served:6.2f} µs")
        print(f"{method:8} asked, {len(exchanges[0][1])} response(s):        {asked:6.2f} µs")


def tags() -> None:
    """Draw tags."""
    for _ in range(ROUNDS):
        TOKENS.tag()


def branches() -> None:
    """Draw branches."""
    for _ in range(ROUNDS):
        TOKENS.branch()


if __name__ == "__main__":
    main()
