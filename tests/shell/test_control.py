"""The operator socket, from both ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest

from switch.control import MAX_CLIENTS, SOCKET_NAME, ControlError, ControlServer, ask, follow
from switch.sip.flow import Address, Flow, Transport
from switch.sip_trace import SipTrace
from switch.transport.trace import Direction
from switch.view import Ask

FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))


def octets(call_id: str) -> bytes:
    return (
        f"INVITE sip:102@h SIP/2.0\r\nFrom: <sip:101@h>\r\nTo: <sip:102@h>\r\n"
        f"Call-ID: {call_id}\r\nAuthorization: Digest secret\r\n\r\nbody"
    ).encode()


async def _echo(question: Ask) -> str:
    return question.call_id


async def _refuse(question: Ask) -> None:
    raise ControlError(f"no call {question.call_id}")


async def _legs(question: Ask) -> list[str]:
    return ["one@h"] if question.call_id == "ours" else []


@asynccontextmanager
async def serving(folder: Path, trace: SipTrace | None = None) -> AsyncIterator[ControlServer]:
    answers = {"echo": _echo, "refuse": _refuse, "sip_call_ids": _legs}
    server = ControlServer(folder, answers, trace or SipTrace(0.0))
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def watched(trace: SipTrace, *, expected: bool) -> None:
    async with asyncio.timeout(5):
        while trace.is_watched is not expected:  # noqa: ASYNC110 - the trace has no event for tests
            await asyncio.sleep(0.001)


async def test_a_question_is_answered(tmp_path: Path) -> None:
    async with serving(tmp_path):
        assert await ask(tmp_path, Ask("echo", call_id="x"), str) == "x"


async def test_the_socket_is_the_users_own_and_goes_with_the_switch(tmp_path: Path) -> None:
    async with serving(tmp_path):
        assert (tmp_path / SOCKET_NAME).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / SOCKET_NAME).exists()


@pytest.mark.parametrize(
    ("question", "expected"),
    [(Ask("refuse", call_id="x"), "no call x"), (Ask("dance"), "unknown command dance")],
)
async def test_a_refusal_is_raised_at_the_asker(
    tmp_path: Path, question: Ask, expected: str
) -> None:
    async with serving(tmp_path):
        with pytest.raises(ControlError, match=expected):
            await ask(tmp_path, question, str)


async def test_without_a_switch_the_asker_is_told(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no switch runs on"):
        await ask(tmp_path, Ask("echo"), str)


async def test_junk_is_answered_and_survived(tmp_path: Path) -> None:
    async with serving(tmp_path):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_NAME)
        writer.write(b"\xff{\n")
        assert b"no question" in await reader.readline()
        writer.write(b"x" * 1_000_000 + b"\n")
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        assert await ask(tmp_path, Ask("echo", call_id="y"), str) == "y"


async def test_a_second_switch_on_the_folder_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path):
        with pytest.raises(ControlError, match="another switch runs on this data_dir"):
            await ControlServer(tmp_path, {}, SipTrace(0.0)).start()


async def test_a_socket_left_by_a_crash_is_replaced(tmp_path: Path) -> None:
    (tmp_path / SOCKET_NAME).touch()
    async with serving(tmp_path):
        assert await ask(tmp_path, Ask("echo", call_id="x"), str) == "x"


async def test_a_path_too_long_for_a_socket_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="choose a shorter data_dir"):
        await ControlServer(tmp_path / ("x" * 100), {}, SipTrace(0.0)).start()


async def test_so_many_operators_are_served_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path):
        open_ones = [
            await asyncio.open_unix_connection(tmp_path / SOCKET_NAME) for _ in range(MAX_CLIENTS)
        ]
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_NAME)
        assert await reader.read() == b""
        writer.close()
        for _, each in open_ones:
            each.close()


async def test_a_trace_of_one_call_is_sent_without_secrets(tmp_path: Path) -> None:
    trace = SipTrace(0.0)
    trace(Direction.RECEIVED, octets("one@h"), FLOW, 1.0)
    trace(Direction.RECEIVED, octets("two@h"), FLOW, 2.0)
    async with serving(tmp_path, trace):
        for call_id in ("ours", "one@h"):
            [message] = [m async for m in follow(tmp_path, Ask("trace", call_id=call_id))]
            assert message.at == 1.0
            assert b"secret" not in message.octets
            assert b"body\r\n" not in message.octets
        assert len([m async for m in follow(tmp_path, Ask("trace", user="102"))]) == 2
        [full] = [m async for m in follow(tmp_path, Ask("trace", call_id="ours", reveal=True))]
        assert full.octets == octets("one@h")


async def test_a_trace_is_followed_live_until_the_operator_leaves(tmp_path: Path) -> None:
    trace = SipTrace(0.0)
    trace(Direction.RECEIVED, octets("one@h"), FLOW, 1.0)
    async with serving(tmp_path, trace):
        async with aclosing(follow(tmp_path, Ask("trace", follow=True))) as messages:
            assert (await anext(messages)).at == 1.0
            await watched(trace, expected=True)
            trace(Direction.SENT, octets("two@h"), FLOW, 2.0)
            assert (await anext(messages)).at == 2.0
        await watched(trace, expected=False)
