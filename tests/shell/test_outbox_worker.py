"""The outbox sends over a real SMTP server, waits for one that is away, and loses nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from outbox.back_off import BackOff
from outbox.courier import MailCourier
from outbox.letter import Envelope, message_id
from outbox.mail import Attachment, Mail
from outbox.smtp import Protection, SmtpSettings
from outbox.store import LEASE_SECONDS, Fate, OutboxStore, Row
from outbox.worker import LOOK_SECONDS, OutboxWorker
from switch.effect import Log
from switch.store.database import Database, sqlite_url
from tests.support.certificates import Authority
from tests.support.smtp_server import smtp_server

ENVELOPE = Envelope("voicemail@example.jp", "Daihyo 留守番電話", "bounces@example.jp")
RIGHT, WRONG = "right", "wrong"
BACK_OFF = BackOff(first=60, longest=600, attempts=3, spread=0)


@dataclass
class Post:
    """An outbox with its worker, in a time that only the test moves."""

    store: OutboxStore
    now: float = 1_000_000.0
    lines: list[Log] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def worker(self, port: int, **changes: object) -> OutboxWorker:
        """Make a worker for a server."""
        smtp = SmtpSettings("127.0.0.1", port, Protection.NONE, return_path="bounces@example.jp")
        courier = MailCourier(
            replace(smtp, **changes),  # type: ignore[arg-type] # the tests know the fields
            ENVELOPE,
            max_octets=10_000,
            readers={"loud": lambda path: path.read_bytes().upper()},
            note=lambda _row, path, why: self.left_out.append(f"{path}: {why}"),
        )
        return OutboxWorker(
            self.store,
            courier,
            unix=lambda: self.now,
            uniform=lambda low, high: (low + high) / 2,
            log=self.lines.append,
            domain=ENVELOPE.domain,
            back_off=BACK_OFF,
        )

    async def write(self, *names: str, **changes: object) -> None:
        """Write mails."""
        mails = [
            Mail(name, f"{name}@example.com", "新しいメッセージ", "本文\n", "shop")
            for name in names
        ]
        await self.store.post([replace_mail(mail, **changes) for mail in mails], self.now)

    async def fates(self) -> dict[str, Fate]:
        """Tell how each mail stands."""
        return {row.key: row.state for row in await self.store.rows(list(Fate))}

    async def row(self, key: str) -> Row:
        """Find a mail's row."""
        [found] = [row for row in await self.store.rows(list(Fate)) if row.key == key]
        return found

    def events(self) -> list[str]:
        """Name the lines that were written."""
        return [line.event for line in self.lines]


def replace_mail(mail: Mail, **changes: object) -> Mail:
    return Mail(**{name: changes.get(name, getattr(mail, name)) for name in mail.__struct_fields__})


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    yield Post(OutboxStore(database.engine))
    await database.close()


async def free_port() -> int:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_a_mail_arrives_whole_with_its_file_and_its_names(post: Post, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"sound")
    files = (
        Attachment(str(tmp_path / "a.bin"), "音声.mp3", "audio/mpeg"),
        Attachment(str(tmp_path / "a.bin"), "loud.txt", "application/octet-stream", "loud"),
    )
    async with smtp_server() as room:
        await post.write("one", attachments=files)
        assert await post.worker(room.port).turn() == LOOK_SECONDS
    [mail] = room.mails
    message = mail.message
    assert (mail.sender, mail.recipient) == ("bounces@example.jp", "one@example.com")
    assert message["From"].addresses[0].display_name == "Daihyo 留守番電話"
    assert message["Subject"] == "新しいメッセージ"
    assert message["Message-ID"] == message_id("one", "example.jp")
    assert message["Date"].datetime.timestamp() == post.now
    body = message.get_body()
    assert body is not None
    assert body.get_content() == "本文\r\n"
    first, second = message.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("音声.mp3", b"sound")
    assert second.get_content() == b"SOUND"
    assert post.events() == ["mail_sent"]
    sent = await post.row("one")
    assert (sent.state, sent.attempts, sent.document) == (Fate.SENT, 1, "")


async def test_a_mail_with_a_key_that_is_there_is_not_sent_again(post: Post) -> None:
    async with smtp_server() as room:
        await post.write("one", "one")
        await post.worker(room.port).turn()
        await post.write("one")
        await post.worker(room.port).turn()
        assert len(room.mails) == 1


async def test_a_day_without_a_server_loses_nothing_and_is_told_once(post: Post) -> None:
    port = await free_port()
    worker = post.worker(port)
    await post.write(*(f"m{number}" for number in range(50)))
    end = post.now + 86_400
    while post.now < end:
        assert await worker.turn() <= LOOK_SECONDS
        post.now += 600
    assert post.events() == ["mail_server_unavailable"]
    assert {(row.state, row.attempts) for row in await post.store.rows(list(Fate))} == {
        (Fate.WAITING, 0)
    }
    async with smtp_server(port=port) as room:
        post.now += 600
        await worker.turn()
        assert len({mail.recipient for mail in room.mails}) == 50
    assert post.events()[1] == "mail_server_recovered"
    assert worker.counts[Fate.SENT] == 50


async def test_recipients_fail_and_succeed_each_for_itself(post: Post) -> None:
    async with smtp_server() as room:
        room.refuse = {
            "gone@example.com": ["550 no such user"],
            "full@example.com": ["452 mailbox full"],
        }
        await post.write("gone", "full", "good")
        worker = post.worker(room.port)
        assert await worker.turn() == LOOK_SECONDS
        assert await post.fates() == {
            "gone": Fate.DEAD,
            "full": Fate.WAITING,
            "good": Fate.SENT,
        }
        assert (await post.row("gone")).fault == "recipient 550 no such user"
        assert post.events() == ["mail_failed", "mail_deferred", "mail_sent"]
        await worker.turn()
        assert [mail.recipient for mail in room.mails] == ["good@example.com"]
        post.now += 61
        await worker.turn()
        assert await post.fates() == {"gone": Fate.DEAD, "full": Fate.SENT, "good": Fate.SENT}


async def test_after_its_last_attempt_a_mail_is_dead_until_an_operator_retries_it(
    post: Post,
) -> None:
    async with smtp_server() as room:
        room.refuse = {"full@example.com": ["452 mailbox full"] * 3}
        await post.write("full")
        worker = post.worker(room.port)
        for _ in range(3):
            await worker.turn()
            post.now += 601
        assert await post.fates() == {"full": Fate.DEAD}
        [retried] = await post.store.retry(None, post.now)
        assert retried.fault == "recipient 452 mailbox full"
        await worker.turn()
        assert await post.fates() == {"full": Fate.SENT}


async def test_content_that_is_refused_is_dead_at_once(post: Post) -> None:
    async with smtp_server() as room:
        room.refuse_content = ["554 spam"]
        await post.write("one", "two")
        await post.worker(room.port).turn()
        assert await post.fates() == {"one": Fate.DEAD, "two": Fate.SENT}


async def test_a_refused_sender_is_our_fault_and_the_mail_waits(post: Post) -> None:
    async with smtp_server() as room:
        room.refuse_sender = "553 not allowed"
        await post.write("one")
        worker = post.worker(room.port)
        await worker.turn()
        assert await post.fates() == {"one": Fate.WAITING}
        room.refuse_sender = ""
        post.now += 61
        await worker.turn()
        assert await post.fates() == {"one": Fate.SENT}


async def test_a_server_that_leaves_rests_and_the_mail_comes_later(post: Post) -> None:
    async with smtp_server() as room:
        room.refuse = {"one@example.com": ["421 going down"]}
        await post.write("one", "two")
        worker = post.worker(room.port)
        await worker.turn()
        assert room.mails == []
        assert post.events() == ["mail_deferred", "mail_server_unavailable"]
        post.now += 61
        await worker.turn()
        assert await post.fates() == {"one": Fate.SENT, "two": Fate.SENT}


async def test_a_file_that_is_gone_or_too_large_is_left_out_and_named(
    post: Post, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(bytes(20_000))
    (tmp_path / "small").write_bytes(b"small")
    files = tuple(
        Attachment(str(tmp_path / name), name, "audio/mpeg", form)
        for name, form in (("large", "file"), ("gone", "file"), ("odd", "x"), ("small", "file"))
    )
    async with smtp_server() as room:
        await post.write("one", attachments=files)
        await post.worker(room.port).turn()
    [mail] = room.mails
    body = mail.message.get_body()
    assert body is not None
    text = body.get_content()
    assert "large (サイズが大きすぎます)" in text
    assert "gone (すでに削除されています)" in text
    assert [each.get_filename() for each in mail.message.iter_attachments()] == ["small"]
    assert len(post.left_out) == 3


async def test_a_server_that_takes_little_gets_the_notice_without_its_file(
    post: Post, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(bytes(5000))
    async with smtp_server(size=4000) as room:
        await post.write(
            "one", attachments=(Attachment(str(tmp_path / "a"), "a.mp3", "audio/mpeg"),)
        )
        await post.worker(room.port).turn()
    assert list(room.mails[0].message.iter_attachments()) == []


@pytest.mark.parametrize(
    "recipient", ["no address", "é@example.com", "a@b@c", "", "x\r\nBcc: y@z.jp"]
)
async def test_a_recipient_that_is_no_address_is_dead_and_holds_nobody_up(
    post: Post, recipient: str
) -> None:
    async with smtp_server() as room:
        await post.write("odd", recipient=recipient)
        await post.write("good")
        await post.worker(room.port).turn()
        assert await post.fates() == {"odd": Fate.DEAD, "good": Fate.SENT}


async def test_a_subject_cannot_add_header_fields(post: Post) -> None:
    async with smtp_server() as room:
        await post.write("one", subject="a\r\nBcc: y@z.jp")
        await post.worker(room.port).turn()
    assert room.mails[0].message["Bcc"] is None


@pytest.mark.parametrize("protection", [Protection.STARTTLS, Protection.TLS])
async def test_connections_are_protected_and_logged_in(
    post: Post, tmp_path: Path, protection: Protection
) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("server", "127.0.0.1"))
    implicit = protection is Protection.TLS
    async with smtp_server(tls=context, implicit_tls=implicit, password=RIGHT) as room:
        await post.write("one")
        wrong = post.worker(room.port, protection=protection)
        await wrong.turn()
        assert post.events() == ["mail_server_unavailable"]
        assert await post.fates() == {"one": Fate.WAITING}
        right = post.worker(
            room.port,
            protection=protection,
            authorities=authority.ca,
            username="daihyo",
            password=RIGHT,
        )
        await right.turn()
        assert room.logins == ["daihyo"]
        assert await post.fates() == {"one": Fate.SENT}
        await post.write("two")
        unverified = post.worker(
            room.port, protection=protection, verify=False, username="daihyo", password=WRONG
        )
        await unverified.turn()
        assert await post.fates() == {"one": Fate.SENT, "two": Fate.WAITING}


async def test_what_a_dead_worker_held_is_sent_when_its_lease_is_over(post: Post) -> None:
    async with smtp_server() as room:
        await post.write("one")
        assert len(await post.store.claim(post.now, 10)) == 1
        worker = post.worker(room.port)
        await worker.turn()
        assert room.mails == []
        post.now += LEASE_SECONDS + 1
        await worker.turn()
        assert len(room.mails) == 1


async def test_a_closed_worker_ends_and_keeps_what_is_not_sent(post: Post) -> None:
    async with smtp_server() as room:
        worker = post.worker(room.port)
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
            running = tasks.create_task(worker.run())
            await post.write("one")
            worker.wake()
            await room.arrived.wait()
            worker.close()
            await running
        await post.write("two")
        await worker.run()
        assert len(room.mails) == 1
        assert (await post.fates())["two"] is Fate.WAITING


async def test_a_database_that_is_away_is_told_once(post: Post, tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "y.db"), migrate=True)
    worker = Post(OutboxStore(database.engine), lines=post.lines).worker(1)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    assert await worker.turn() == LOOK_SECONDS
    assert await worker.turn() == LOOK_SECONDS
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
    await worker.turn()
    await database.close()
    assert post.events() == ["outbox_unavailable", "outbox_recovered"]


async def test_what_was_sent_is_forgotten_in_time(post: Post) -> None:
    async with smtp_server() as room:
        worker = post.worker(room.port)
        await post.write("one")
        await worker.turn()
        post.now += 31 * 86_400
        await worker.turn()
        assert await post.fates() == {}


async def test_rows_are_dropped_by_number_or_all_the_dead_ones(post: Post) -> None:
    async with smtp_server() as room:
        room.refuse = {f"{name}@example.com": ["550 no"] for name in ("one", "two")}
        await post.write("one", "two", "three", "four")
        worker = post.worker(room.port)
        await worker.turn()
        one = await post.row("one")
        assert [row.key for row in await post.store.drop([one.id])] == ["one"]
        assert [row.key for row in await post.store.drop(None)] == ["two"]
        assert await post.fates() == {"three": Fate.SENT, "four": Fate.SENT}
        assert await post.store.drop([(await post.row("four")).id]) == []


async def test_a_server_that_hangs_up_in_the_middle_lets_the_mail_come_later(post: Post) -> None:
    async with smtp_server() as room:
        room.hang_up = 1
        await post.write("one", "two")
        worker = post.worker(room.port)
        await worker.turn()
        assert await post.fates() == {"one": Fate.WAITING, "two": Fate.SENT}
        assert post.events() == ["mail_deferred", "mail_sent"]
        post.now += 61
        await worker.turn()
        assert await post.fates() == {"one": Fate.SENT, "two": Fate.SENT}


async def test_a_server_that_says_nothing_is_away(post: Post) -> None:
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    await post.write("one")
    await post.worker(silent.sockets[0].getsockname()[1], timeout=0.1).turn()
    silent.close()
    assert post.events() == ["mail_server_unavailable"]
    assert await post.fates() == {"one": Fate.WAITING}


class OddRound:
    """A way that fails as nobody foresaw, or is closed at once."""

    def __init__(self, error: Exception | None) -> None:
        self.is_alive = error is not None
        self._error = error

    async def send(self, row: Row) -> None:
        """Fail."""
        del row
        assert self._error is not None
        raise self._error


class OddCourier:
    """A courier with an odd way."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OddRound]:
        """Open the way."""
        yield OddRound(self._error)


def odd_worker(post: Post, error: Exception | None) -> OutboxWorker:
    return OutboxWorker(
        post.store,
        OddCourier(error),
        unix=lambda: post.now,
        uniform=lambda low, _high: low,
        log=post.lines.append,
        domain="b.jp",
    )


@pytest.mark.parametrize("error", [KeyError("odd"), TimeoutError()])
async def test_one_strange_mail_is_deferred_and_the_others_go_on(
    post: Post, error: Exception
) -> None:
    await post.write("one", "two")
    await odd_worker(post, error).turn()
    assert post.events() == ["mail_deferred", "mail_deferred"]


async def test_a_server_that_closes_every_connection_is_left_alone(post: Post) -> None:
    await post.write("one")
    worker = odd_worker(post, None)
    await worker.turn()
    await worker.turn()
    assert post.events() == ["mail_server_unavailable"]
    assert (await post.row("one")).attempts == 0


async def test_a_spoilt_row_is_dead_and_holds_nobody_up(post: Post, tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    await post.write("odd", "good")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE outbox SET document = '{' WHERE key = 'odd'")
    await database.close()
    async with smtp_server() as room:
        await post.worker(room.port).turn()
    assert await post.fates() == {"odd": Fate.DEAD, "good": Fate.SENT}
