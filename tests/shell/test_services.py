"""Messages and mail as the switch runs them: a kept message arrives as mail with its sound."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from config.model import Settings
from switch.clock import Clock
from switch.services import Services
from switch.store.database import Database, sqlite_url
from tests.support.archive import MAIL, NUMBER, leave
from tests.support.smtp_server import smtp_server

if TYPE_CHECKING:
    from switch.effect import Log


def settings_for(folder: Path, port: int = 25, **voicemail: object) -> Settings:
    return Settings.model_validate(
        {
            "server": {"data_dir": folder},
            "mail": {
                "server": "127.0.0.1",
                "port": port,
                "protection": "none",
                "sender": "voicemail@example.jp",
            },
            "voicemail": voicemail,
        }
    )


def values(services: Services) -> Sequence[dict[str, float]]:
    return [dict(each.read()) for each in services.readings()]


async def test_a_message_arrives_as_mail_with_its_sound(tmp_path: Path) -> None:
    lines: list[Log] = []
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    async with smtp_server() as room:
        settings = settings_for(tmp_path, room.port, link_base="https://pbx.jp/v")
        services = Services(settings, database, unix=Clock.system().unix, log=lines.append)
        await services.load()
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
            running = tasks.create_task(services.run())
            message = await leave(services.archive, 4.0)
            await room.arrived.wait()
            services.close()
            await running
        [mail] = room.mails
    assert mail.recipient == MAIL[0]
    [file] = mail.message.iter_attachments()
    wave, rate = soundfile.read(io.BytesIO(file.get_content()))
    assert abs(len(wave) / rate - 4.0) < 0.15
    assert message.path.is_relative_to(tmp_path / "voicemail")
    assert {line.event for line in lines} >= {"voicemail_stored", "mail_sent"}
    assert values(services)[1] == {"new": 1, "saved": 0}
    await database.close()


async def test_a_recording_that_is_gone_is_told_and_its_mail_arrives(tmp_path: Path) -> None:
    lines: list[Log] = []
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    async with smtp_server() as room:
        services = Services(
            settings_for(tmp_path, room.port), database, unix=Clock.system().unix, log=lines.append
        )
        message = await leave(services.archive)
        message.path.unlink()
        assert services.outbox is not None
        await services.outbox.turn()
        assert len(room.mails) == 1
    assert "mail_attachment_missing" in {line.event for line in lines}
    assert values(services)[0] == {"waiting": 0, "dead": 0}
    await database.close()


async def test_without_a_server_messages_are_kept_and_no_mail_is_written(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    settings = Settings.model_validate(
        {"server": {"data_dir": tmp_path}, "voicemail": {"attachment": "none"}}
    )
    services = Services(settings, database, unix=Clock.system().unix, log=lambda _line: None)
    await leave(services.archive)
    assert services.outbox is None
    assert len(await services.archive.messages(NUMBER)) == 1
    assert values(services) == [{"waiting": 0, "dead": 0}, {"new": 1, "saved": 0}]
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        running = tasks.create_task(services.run())
        services.close()
        await running
    await database.close()
