"""What somebody deleted stays gone: in the database's file, in every backup, after a restore. And the master keys."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
from base64 import b64encode
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.commands import keys as command
from bot.commands.backup import BackupError, backup, restore
from bot.commands.backup import keys as keys_file
from bot.commands.check import check
from bot.settings import Settings, SettingsError
from storage.sealed.box import Box, Damaged, place
from storage.sealed.key_file import NAME, KeyFileError
from storage.tables import Address, Contact, Message, Note
from tests.commands.test_backup import programs, settings, small
from tests.pipeline.test_forget import forget
from tests.pipeline.world import NOW, Person, Recorder, World, build_app
from tests.support import database

__all__ = ["programs"]
CANARY = "kanarinka"


class OfAPlatform(Person):
    """The platform numbers what it brings: no address is in that."""

    def _who(self, key: str | None = None) -> dict[str, Any]:
        return super()._who(key or f"update-{next(self.world.keys)}")


async def tells_everything(world: World, name: str) -> Person:
    """Somebody whose address, name and words, and what is written about them, all hold one word."""
    word = f"{CANARY}{name}"
    one = world.people[word] = OfAPlatform(world, word)
    await one.begins_intake()
    await one.says(f"{word} name")
    await one.begins("human")
    await one.says(f"{word} words")
    [[mimoza]] = world.rows("SELECT id FROM counsellors LIMIT 1")
    await world.staff.claim(one.ticket(), mimoza)
    await world.staff.note(one.ticket(), mimoza, f"{word} note")
    await world.staff.reply(one.ticket(), mimoza, f"{word} reply", f"key-{name}")
    await world.staff.close(one.ticket(), mimoza, f"{word} outcome")
    await world.settle()
    return one


def bytes_of(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


@pytest.mark.sqlite_only
async def test_no_word_of_anybody_is_in_the_files(world: World, tmp_path: Path) -> None:
    """Neither in the database, nor in its log, as they lie on the disk."""
    await tells_everything(world, "anna")
    found = bytes_of(tmp_path)
    assert b"intake" in found and CANARY.encode() not in found
    assert CANARY.upper().encode() not in found.upper()
    await world.stop()
    assert CANARY.encode() not in bytes_of(tmp_path)
    world.app = world.build()
    await world.app.deliver.start()
    assert any(CANARY in text for (text,) in world.rows("SELECT text FROM messages")), "the test looks for nothing"


async def test_who_was_deleted_is_in_no_backup_that_anybody_can_read(world: World, tmp_path: Path) -> None:
    """Two people; a backup; one deletes everything; another backup; then the old one is brought back."""
    anna, ben = await tells_everything(world, "anna"), await tells_everything(world, "ben")
    here, folder = settings(tmp_path, world.url), tmp_path / "kept"
    folder.mkdir()
    await asyncio.to_thread(backup, here, folder / "old.tar.gz", None, NOW)
    gone = anna.id
    [[locked]] = database.stored(world.url, "SELECT text FROM notes WHERE contact_id = ?", gone)
    [[wrapped]] = database.stored(world.url, "SELECT wrapped FROM contact_keys WHERE contact_id = ?", gone)
    await forget(anna)
    await asyncio.to_thread(backup, here, folder / "new.tar.gz", None, NOW + timedelta(hours=1))
    held = gzip.decompress((folder / "old.tar.gz").read_bytes())
    assert CANARY.encode() not in held and wrapped.encode() not in held
    every_key = keys_file.load(folder / keys_file.NAME)
    assert every_key.rows and wrapped not in {row[3] for row in every_key.rows}
    masters = here.keys.read()
    for kind, owner, master, key in every_key.rows:
        table = "contact_keys" if kind == "person" else "system_keys"
        box = Box(masters.unwrap(master, key, place(table, owner)))
        with pytest.raises(Damaged):
            box.unlock(locked, place("notes.text", gone))
    there = database.new(tmp_path / "other")
    told = await asyncio.to_thread(restore, settings(tmp_path / "other", there), folder / "old.tar.gz", False, NOW)
    assert "People who were deleted since then, and are not brought back: 1." in told
    with database.opened(there) as engine, engine.connect() as connection:
        assert set(connection.execute(select(Address.address)).scalars()) == {ben.address}
        assert connection.execute(select(Contact.id)).scalars().all() == [ben.id]
        assert connection.execute(select(Note.text)).scalars().all() == [f"{ben.address} note"]
        said = connection.execute(select(Message.text)).scalars().all()
        assert f"{ben.address} words" in said and not any(anna.address in one for one in said)
    assert b64encode(anna.address.encode()) not in bytes_of(tmp_path / "other")


def test_keys_of_another_database_and_older_ones_are_refused(tmp_path: Path) -> None:
    one, other = settings(tmp_path / "one"), settings(tmp_path / "other")
    small(tmp_path / "one" / "returnee-bot.db")
    small(tmp_path / "other" / "returnee-bot.db")
    for kept, of in (("a", one), ("b", other)):
        (tmp_path / kept).mkdir()
        backup(of, tmp_path / kept / "first.tar.gz", None, NOW)
    old = (tmp_path / "a" / keys_file.NAME).read_bytes()
    backup(one, tmp_path / "a" / "second.tar.gz", None, NOW + timedelta(days=1))
    target = settings(tmp_path / "target")
    with pytest.raises(BackupError, match="another database"):
        restore(target, tmp_path / "a" / "first.tar.gz", False, NOW, tmp_path / "b" / keys_file.NAME)
    (tmp_path / "old.keys").write_bytes(old)
    with pytest.raises(BackupError, match="is older than"):
        restore(target, tmp_path / "a" / "second.tar.gz", False, NOW, tmp_path / "old.keys")
    (tmp_path / "old.keys").write_bytes(old[:-70])
    with pytest.raises(BackupError, match="no keys file of this bot, or it is damaged"):
        restore(target, tmp_path / "a" / "first.tar.gz", False, NOW, tmp_path / "old.keys")
    (tmp_path / "a" / keys_file.NAME).rename(tmp_path / "elsewhere.keys")
    with pytest.raises(BackupError, match="--keys"):
        restore(target, tmp_path / "a" / "first.tar.gz", False, NOW)
    (tmp_path / "target" / NAME).unlink()
    with pytest.raises(BackupError, match="no key file at"):
        restore(target, tmp_path / "a" / "first.tar.gz", False, NOW, tmp_path / "elsewhere.keys")
    assert not (tmp_path / "target" / "returnee-bot.db").exists()
    database.give_keys(tmp_path / "target")
    told = restore(target, tmp_path / "a" / "first.tar.gz", False, NOW, tmp_path / "elsewhere.keys")
    assert "people 3" in told[1] and not any("not brought back" in one for one in told)


def test_another_database_does_not_take_the_keys_of_the_backups_that_are_there(tmp_path: Path) -> None:
    """The file was lost, the service has begun an empty one, and the night comes."""
    one, other, kept = settings(tmp_path / "one"), settings(tmp_path / "other"), tmp_path / "kept"
    small(tmp_path / "one" / "returnee-bot.db")
    small(tmp_path / "other" / "returnee-bot.db")
    kept.mkdir()
    backup(one, kept / "first.tar.gz", None, NOW)
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    with pytest.raises(BackupError, match="of another database"):
        backup(other, kept / "second.tar.gz", None, NOW + timedelta(days=1))
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
    (kept / keys_file.NAME).write_bytes(before[keys_file.NAME][:-70])
    backup(one, kept / "third.tar.gz", None, NOW + timedelta(days=2))
    assert keys_file.load(kept / keys_file.NAME).rows
    [aside] = kept.glob(f"{keys_file.NAME}.before-*")
    assert aside.read_bytes() == before[keys_file.NAME][:-70], "what is damaged is kept, not thrown away"


# ------------------------------------------------------------------ master keys


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    made = settings(tmp_path)
    small(tmp_path / "returnee-bot.db")
    return made


def test_rotate_and_show(here: Settings) -> None:
    [_, before] = command.shown(here)
    assert "has wrapped 6 keys" in before
    told = command.rotate(here, new=True)
    new, old = command.shown(here)[1:]
    assert "has wrapped 6 keys anew" in told[0] and new.split()[0] in told[0] and "has wrapped 6 keys" in new
    assert old.split()[0] == before.split()[0] and "may go from the file" in old
    assert "has wrapped 0 keys anew" in command.rotate(here, new=False)[0]
    lines = here.keys.path.read_text().splitlines()
    here.keys.path.write_text("\n".join([*lines[:2], lines[2]]) + "\n")
    with database.engine_for(here.database, here.keys) as engine, engine.connect() as connection:
        assert sorted(connection.execute(select(Address.address)).scalars()) == ["0", "1", "2"]
    here.keys.path.write_text("\n".join([*lines[:2], lines[3]]) + "\n")
    assert "is missing from the file" in command.shown(here)[-1]


def test_who_could_read_the_file_still_can_and_no_key_lies_about(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here.keys.path
    path.chmod(0o640)
    real = tmp_path / "real.key"
    path.rename(real)
    path.symlink_to(real)
    command.rotate(here, new=True)
    assert path.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    monkeypatch.setattr("os.replace", _refuse)
    with pytest.raises((KeyFileError, SettingsError), match="cannot write the key file"):
        command.rotate(here, new=True)
    assert list(tmp_path.glob(".master-key-*")) == []


def _refuse(*_: object) -> None:
    raise OSError(16, "Device or resource busy")


def test_a_wrong_or_missing_file_is_one_sentence(here: Settings, tmp_path: Path) -> None:
    here.keys.path.chmod(0o644)
    with pytest.raises(SettingsError, match=r"RETURNEE_BOT_ENCRYPTION_KEY_FILE: .*chmod 600.*keep-the-keys"):
        command.rotate(here, new=True)
    [said] = [one for one in check(here, against_database=True) if "ENCRYPTION_KEY_FILE" in one]
    assert "chmod 600" in said
    here.keys.path.unlink()
    with pytest.raises(SettingsError, match="there is no key file at"):
        command.rotate(here, new=False)
    assert not here.keys.path.exists()
    assert command.make(here)[0].startswith(str(here.keys.path))
    with pytest.raises(SettingsError, match="is missing"):
        command.rotate(here, new=False)
    with pytest.raises(SettingsError, match="exists already"):
        command.make(here)


def test_a_new_installation_makes_its_own(tmp_path: Path) -> None:
    from bot.clock import StoppedClock

    app = build_app(tmp_path / "new", StoppedClock(NOW), Recorder())
    app.store.close()
    file = tmp_path / "new" / NAME
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(command.shown(Settings(data_dir=tmp_path / "new"))) == 2
    with closing(sqlite3.connect(tmp_path / "new" / "returnee-bot.db")) as connection:
        assert connection.execute("SELECT count(*) FROM system_keys").fetchone() == (3,)
