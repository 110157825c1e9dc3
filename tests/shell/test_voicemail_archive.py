"""Messages are kept, used and forgotten, and nothing that was accepted is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.recording import RecordingFile
from outbox.store import Fate
from switch.notifier.message_summary import MessageCounts
from tests.support.archive import MAIL, NUMBER, Store, leave, record, sound
from tests.support.archive import store as open_store
from voicemail import archive as archive_module
from voicemail.archive import DAY, DISK_FAULT, DISK_FULL, FULL, RefusedError, Terms, digest_of
from voicemail.mailbox import Quota, Tally
from voicemail.message import MessageState


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path) as opened:
        yield opened


async def test_a_message_is_kept_with_its_sound_and_its_mail(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    assert message.path.exists()
    assert await archive.messages(NUMBER) == [message]
    assert await archive.find(message.id) == message
    assert archive.mailboxes.tally(NUMBER) == Tally(1, 0, 4.0)
    assert archive.mailboxes.counts([NUMBER, "+810"]) == MessageCounts(1, 0)
    [mail] = await store.outbox.rows([Fate.WAITING])
    assert (mail.recipient, mail.contract) == (*MAIL, "shop")
    assert mail.subject == "【留守番電話】0312345678 様からのメッセージ [4秒]"
    assert store.posts == 1
    assert store.changed == [NUMBER]
    assert store.events() == ["voicemail_stored"]


async def test_the_mails_link_leads_to_the_message_for_a_week(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    [mail] = await store.outbox.rows([Fate.WAITING])
    token = mail.content().text.partition("https://pbx.example.jp/voicemail/")[2].split()[0]
    assert await archive.by_link(token) == message
    assert await archive.by_link("another") is None
    assert await archive.by_link(digest_of(token)) is None
    store.now += 7 * DAY
    assert await archive.by_link(token) is None


async def test_the_link_of_a_deleted_message_is_over(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    [mail] = await store.outbox.rows([Fate.WAITING])
    token = mail.content().text.partition("https://pbx.example.jp/voicemail/")[2].split()[0]
    await archive.delete(message.id)
    assert await archive.by_link(token) is None


async def test_who_says_nothing_leaves_no_message(store: Store) -> None:
    archive = store.archive()
    recording = await archive.begin(NUMBER, "shop", None, MAIL)
    record(recording, 6.0)
    assert await archive.keep(recording, seconds=6.0, sounding_seconds=0.4) is None
    assert await archive.messages(NUMBER) == []
    assert list(recording.path.parent.iterdir()) == []
    assert store.events() == ["voicemail_dropped"]


async def test_listening_saves_and_turns_the_lamp_off(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    store.now += 60
    read = await archive.mark_read(message.id)
    assert read is not None
    assert (read.state, read.read_at) == (MessageState.SAVED, store.now)
    assert archive.mailboxes.counts([NUMBER]) == MessageCounts(0, 1)
    assert store.changed == [NUMBER, NUMBER]
    assert await archive.mark_read(message.id) == read
    assert await archive.mark_read("unknown") is None


async def test_a_message_is_saved_deleted_and_undeleted(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    saved = await archive.save(message.id)
    assert saved is not None
    assert saved.state is MessageState.SAVED
    deleted = await archive.delete(message.id)
    assert deleted is not None
    assert (deleted.state, deleted.deleted_at) == (MessageState.DELETED, store.now)
    assert await archive.messages(NUMBER) == []
    assert await archive.messages(NUMBER, deleted=True) == [deleted]
    assert archive.mailboxes.tally(NUMBER) == Tally()
    assert await archive.save(message.id) is None
    assert await archive.delete(message.id) is None
    assert await archive.mark_read(message.id) is None
    back = await archive.undelete(message.id)
    assert back == message
    assert await archive.undelete(message.id) is None
    await archive.mark_read(message.id)
    await archive.delete(message.id)
    back = await archive.undelete(message.id)
    assert back is not None
    assert back.state is MessageState.SAVED


async def test_a_deletion_is_final_after_its_time(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    await archive.delete(message.id)
    store.now += DAY + 1
    assert await archive.undelete(message.id) is None
    assert await archive.purge() == 1
    assert not message.path.exists()
    assert await archive.messages(NUMBER, deleted=True) == []
    assert await archive.sweep() == 0


async def test_messages_are_forgotten_when_they_are_old(store: Store) -> None:
    archive = store.archive()
    await leave(archive)
    store.now += 20 * DAY
    young = await leave(archive)
    store.now += 11 * DAY
    await archive.turn()
    assert await archive.messages(NUMBER) == [young]
    assert archive.mailboxes.tally(NUMBER).new == 1
    assert "voicemail_purged" in store.events()


async def test_a_full_mailbox_takes_no_more_until_something_is_deleted(store: Store) -> None:
    archive = store.archive()
    messages = [await leave(archive) for _ in range(4)]
    fifth = await archive.begin(NUMBER, "shop", None)
    assert archive.mailboxes.is_full(NUMBER)
    with pytest.raises(RefusedError) as refused:
        await archive.begin(NUMBER, "shop", None)
    assert refused.value.reason == FULL
    assert not archive.mailboxes.is_full("+815012340102")
    await archive.drop(fifth, "hung up")
    assert not archive.mailboxes.is_full(NUMBER)
    await leave(archive)
    assert archive.mailboxes.is_full(NUMBER)
    await archive.delete(messages[0].id)
    assert not archive.mailboxes.is_full(NUMBER)
    assert "voicemail_refused" in store.events()


async def test_a_mailbox_is_full_of_long_messages_too(store: Store) -> None:
    archive = store.archive()
    await leave(archive, 60.0)
    assert not archive.mailboxes.is_full(NUMBER)
    await leave(archive, 60.0)
    assert archive.mailboxes.is_full(NUMBER)


async def test_a_full_disk_takes_no_message(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LEAST_FREE_OCTETS", 1 << 62)
    archive = store.archive()
    with pytest.raises(RefusedError) as refused:
        await archive.begin(NUMBER, "shop", None)
    assert refused.value.reason == DISK_FULL
    assert archive.mailboxes._recording == {}


async def test_a_disk_at_fault_takes_no_message(store: Store) -> None:
    (store.folder / "voicemail").write_text("in the way")
    with pytest.raises(RefusedError) as refused:
        await store.archive().begin(NUMBER, "shop", None)
    assert refused.value.reason == DISK_FAULT


async def test_a_message_is_accepted_while_the_database_is_away(store: Store) -> None:
    archive = store.archive()
    await rename(store, "voicemail", "away")
    message = await leave(archive)
    assert message.path.exists()
    await archive._guarded(archive.turn)
    assert store.events() == ["voicemail_store_unavailable"]
    assert await archive._guarded(archive.sweep) is None
    await rename(store, "away", "voicemail")
    await archive.turn()
    assert await archive.messages(NUMBER) == [message]
    assert archive.mailboxes.tally(NUMBER).new == 1
    assert len(await store.outbox.rows([Fate.WAITING])) == 1
    assert store.events()[1:] == ["voicemail_stored", "voicemail_store_recovered"]


async def rename(store: Store, old: str, new: str) -> None:
    async with store.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


async def test_a_whole_message_without_a_row_is_found_at_the_start(store: Store) -> None:
    recording = await store.archive().begin(NUMBER, "shop", "+81312345678", MAIL)
    record(recording, 3.0)
    restarted = store.archive()
    assert await restarted.sweep() == 1
    [message] = await restarted.messages(NUMBER)
    assert (message.caller, message.seconds) == ("+81312345678", 3.0)
    assert len(await store.outbox.rows([Fate.WAITING])) == 1
    assert await restarted.sweep() == 0
    assert len(await store.outbox.rows([Fate.WAITING])) == 1


async def test_what_was_being_recorded_is_a_message_too(store: Store) -> None:
    recording = await store.archive().begin(NUMBER, "shop", None, MAIL)
    file = RecordingFile(recording.path, 8000)
    file.write(sound(2.5) + b"\0")
    assert file._file is not None
    file._file.close()
    restarted = store.archive()
    assert await restarted.sweep() == 1
    [message] = await restarted.messages(NUMBER)
    assert message.seconds == 2.5
    assert message.path.read_bytes()[44:] == sound(2.5)


async def test_what_had_no_sound_yet_leaves_nothing(store: Store) -> None:
    recording = await store.archive().begin(NUMBER, "shop", None, MAIL)
    empty = await store.archive().begin(NUMBER, "shop", None, MAIL)
    empty.path.with_name(empty.path.name + ".part").write_bytes(b"RIFF")
    assert await store.archive().sweep() == 0
    assert list(recording.path.parent.iterdir()) == []


async def test_a_start_leaves_the_recordings_of_its_own_calls_alone(store: Store) -> None:
    archive = store.archive()
    recording = await archive.begin(NUMBER, "shop", None, MAIL)
    assert await archive.sweep() == 0
    assert recording.path.with_suffix(".json").exists()


async def test_a_file_that_is_no_recording_is_set_aside_and_told(store: Store) -> None:
    recording = await store.archive().begin(NUMBER, "shop", None, MAIL)
    recording.path.write_bytes(b"not a sound")
    assert await store.archive().sweep() == 0
    assert store.events() == ["voicemail_broken"]
    assert await store.archive().sweep() == 0
    assert store.events() == ["voicemail_broken"]


async def test_rows_without_sound_and_sound_without_slips_are_told(store: Store) -> None:
    archive = store.archive()
    message = await leave(archive)
    message.path.unlink()
    recording = await archive.begin(NUMBER, "shop", None)
    record(recording, 2.0)
    recording.path.with_suffix(".json").write_text("{")
    assert await store.archive().sweep() == 0
    assert store.events()[-2:] == ["voicemail_missing", "voicemail_stray"]


async def test_lamps_follow_what_another_process_changed(store: Store) -> None:
    archive, portal = store.archive(), store.archive()
    message = await leave(archive)
    await portal.load()
    assert portal.mailboxes.counts([NUMBER]) == MessageCounts(1, 0)
    store.now += 10
    await portal.mark_read(message.id)
    store.changed.clear()
    await archive.turn()
    assert archive.mailboxes.counts([NUMBER]) == MessageCounts(0, 1)
    assert store.changed == [NUMBER]


async def test_an_archive_sweeps_at_its_start_and_ends_when_it_is_closed(store: Store) -> None:
    recording = await store.archive().begin(NUMBER, "shop", None, MAIL)
    record(recording, 3.0)
    archive = store.archive(Terms(retention_seconds=DAY))
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        running = tasks.create_task(archive.run())
        await store.posted.wait()
        archive.close()
        await running
    assert archive.mailboxes.tally(NUMBER).new == 1


async def test_a_caller_who_goes_while_the_place_is_made_leaves_it_free(store: Store) -> None:
    archive = store.archive()
    beginning = asyncio.ensure_future(archive.begin(NUMBER, "shop", None))  # noqa: TID251 - cancelled below
    await asyncio.sleep(0)
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning
    assert archive.mailboxes._recording == {}


async def test_more_missing_messages_than_anybody_reads_are_counted(store: Store) -> None:
    store.quota = Quota()
    archive = store.archive()
    for _ in range(12):
        message = await leave(archive, 1.0)
        message.path.unlink()
    store.lines.clear()
    await store.archive().sweep()
    assert store.events() == ["voicemail_missing"] * 10
    assert store.lines[0].fields["in_all"] == 12


async def test_a_file_that_cannot_be_removed_is_told(store: Store) -> None:
    archive = store.archive()
    recording = await archive.begin(NUMBER, "shop", None)
    recording.path.mkdir()
    await archive.drop(recording, "hung up")
    assert store.events() == ["voicemail_unremoved", "voicemail_dropped"]
    await store.archive().sweep()
    assert store.events()[2:] == ["voicemail_broken"]
