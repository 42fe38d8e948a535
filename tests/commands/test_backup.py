"""A backup is whole or it is not there; bringing it back loses nothing and overwrites nothing by accident."""

from __future__ import annotations

import asyncio
import fcntl
import gzip
import io
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.commands.backup import BackupError, archive, backup, make, place, postgresql, restore, sqlite
from bot.settings import Settings
from storage import contacts, schema
from storage.database import engine_for
from storage.sealed import keys
from storage.sealed.key_file import NAME
from tests.pipeline.world import NOW, Person, Recorder, World, build_app
from tests.support import database
from tests.support import postgres as server
from tests.support.patience import PATIENCE

KEYS = "returnee-bot.keys"
ROOT = Path(__file__).parent.parent.parent
TABLES = ("contacts", "addresses", "consents", "runs", "messages", "reminders", "tickets", "counsellors", "facts")


@pytest.fixture(autouse=True)
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore of the same version as the tests' server."""
    if database.is_postgresql() or request.node.get_closest_marker("postgresql_only"):
        monkeypatch.setenv("PATH", f"{server.programs()}:{os.environ['PATH']}")


def settings(folder: Path, url: str = "") -> Settings:
    database.give_keys(folder)
    return Settings(data_dir=folder, database_url=url)


def content(url: str) -> dict[str, list[Any]]:
    return {table: sorted(database.rows(url, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


async def in_the_middle(world: World) -> tuple[Person, Person]:
    """Somebody who answers questions, and somebody who waits for a counsellor."""
    anna, ben = world.person("anna"), world.person("ben")
    await anna.begins_intake()
    await anna.says("Anna")
    await ben.agrees()
    await ben.begins("human")
    return anna, ben


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup of a small database in SQLite."""
    source = settings(tmp_path / "source")
    small(make.database_file(source.database))
    backup(source, tmp_path / "saved.tar.gz", None, NOW)
    return tmp_path / "saved.tar.gz"


def small(path: Path, people: int = 3) -> None:
    database.give_keys(path.parent)
    with database.opened(f"sqlite:///{path}") as engine:
        schema.upgrade(engine)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            if people:
                keys.prepare(connection)
                add_people(connection, [str(number) for number in range(people)])


def add_people(connection: Connection, addresses: list[str]) -> None:
    contacts.add(connection, [("test", one, "sq") for one in addresses], "Europe/Belgrade", NOW)


def one_more(url: str) -> None:
    with (database.opened(url) as engine, engine.connect().execution_options(writes=True) as connection,
          connection.begin()):
        add_people(connection, [f"new-{time.time_ns()}"])


def people(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM contacts").fetchone()[0])


def files(folder: Path) -> set[str]:
    """What lies there beside the tests' own master key."""
    return {one.name for one in folder.iterdir()} - {NAME}


def kept(told: list[str]) -> Path:
    """Where the database is that was there before."""
    [line] = [one for one in told if one.startswith("The database that was there is kept")]
    return Path(line.rpartition(": ")[2])


# ------------------------------------------------------------------ there and back


async def test_there_and_back_with_people_in_the_middle(world: World, tmp_path: Path) -> None:
    anna, ben = await in_the_middle(world)
    asked = anna.awaits()
    line, of_keys = await asyncio.to_thread(backup, settings(tmp_path, world.url), tmp_path / "b.tar.gz", None, NOW)
    assert str(tmp_path / KEYS) in of_keys and str(tmp_path / "b.tar.gz") in line and schema.head() in line
    before = content(world.url)
    await anna.says("this comes after the backup")
    await world.stop()
    there = database.new(tmp_path / "other")
    told = await asyncio.to_thread(restore, settings(tmp_path / "other", there), tmp_path / "b.tar.gz", False, NOW)
    assert "people 2, open conversations" in told[1] and "open tickets 1, counsellors 1" in told[1]
    assert content(there) == before
    world.app = build_app(tmp_path / "other", world.clock, world.channel, database_url=there)
    await world.app.deliver.start()
    assert anna.awaits() == asked and ben.ticket()
    assert anna.answers("intake")["name"] == "Anna"
    heard = await anna.says("help")
    assert heard and anna.awaits()


async def test_reached_over_the_command_line(world: World, tmp_path: Path) -> None:
    await in_the_middle(world)
    there = database.new(tmp_path / "other")
    done = await asyncio.to_thread(command, tmp_path, world.url, "backup", "--keep", "2")
    made, of_keys = sorted((tmp_path / "backups").iterdir())
    assert of_keys.name == KEYS and of_keys.stat().st_mode & 0o777 == 0o600
    assert done.returncode == 0 and str(made) in done.stdout
    assert place.OWN.fullmatch(made.name) and made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    before = content(world.url)
    done = await asyncio.to_thread(command, tmp_path / "other", there, "restore", str(made))
    assert done.returncode == 0, done.stderr
    assert "people 2" in done.stdout and content(there) == before
    done = await asyncio.to_thread(command, tmp_path / "other", there, "restore", str(made))
    assert done.returncode == 1 and "--force" in done.stderr and "Traceback" not in done.stderr


def command(folder: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "RETURNEE_BOT_DATA_DIR": str(folder), "RETURNEE_BOT_DATABASE_URL": url}
    return subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, env=environment, capture_output=True,
                          text=True, check=False)


async def test_what_is_there_is_kept_aside(world: World, tmp_path: Path) -> None:
    await in_the_middle(world)
    here = settings(tmp_path, world.url)
    await asyncio.to_thread(backup, here, tmp_path / "b.tar.gz", None, NOW)
    before = content(world.url)
    await world.person("carl").agrees()
    await world.stop()
    later = content(world.url)
    with pytest.raises(BackupError, match="--force"):
        await asyncio.to_thread(restore, here, tmp_path / "b.tar.gz", False, NOW)
    assert content(world.url) == later
    told = await asyncio.to_thread(restore, here, tmp_path / "b.tar.gz", True, NOW)
    assert content(world.url) == before
    aside = kept(told)
    if aside.name.endswith(".gz"):
        await asyncio.to_thread(restore, here, aside, True, NOW + timedelta(seconds=1))
        assert content(world.url) == later
    else:
        assert content(f"sqlite:///{aside}") == later
    world.app = build_app(tmp_path, world.clock, world.channel, database_url=world.url)
    await world.app.deliver.start()


async def test_a_running_service_is_not_pulled_from_under(world: World, tmp_path: Path) -> None:
    here = settings(tmp_path, world.url)
    await asyncio.to_thread(backup, here, tmp_path / "b.tar.gz", None, NOW)
    before = content(world.url)
    with running(world.url), pytest.raises(BackupError, match=r"running on .* Nothing was changed"):
        await asyncio.to_thread(restore, here, tmp_path / "b.tar.gz", True, NOW)
    assert content(world.url) == before


@contextmanager
def running(url: str) -> Iterator[None]:
    """As a service holds its database: a lock on a file, or a connection that bears its name."""
    if url.startswith("sqlite"):
        with open(f"{database.path_of(url)}.lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
    else:
        with engine_for(url) as engine, engine.connect():
            yield


# ------------------------------------------------------------------ while others write


def test_one_moment_while_another_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction adds a row to both tables: a copy that mixes moments has more in one of them."""
    path = tmp_path / "live.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE a (text TEXT)")
        connection.execute("CREATE TABLE b (text TEXT)")
        with connection:
            for table in ("a", "b"):
                connection.executemany(f"INSERT INTO {table} VALUES (?)", [("x" * 900,)] * 2000)
    writer = Writer(path)
    monkeypatch.setattr(sqlite, "PAGES", 5)
    monkeypatch.setattr(sqlite, "_go_on", writer.wait_for_one_more)
    with writer:
        sqlite.copy(path, tmp_path / "copy.db")
    assert writer.waited > 50, "nothing was written between the steps"
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        [[first]], [[second]] = (connection.execute(f"SELECT count(*) FROM {table}").fetchall() for table in "ab")
    assert first == second
    assert 2000 <= first < 2000 + writer.written


class Writer:
    """Writes all the time, in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.written, self.waited, self.ends = path, 0, 0, False
        self.more = threading.Condition()
        self.thread = threading.Thread(target=self.write)

    def write(self) -> None:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            while not self.ends:
                with connection:
                    for table in ("a", "b"):
                        connection.execute(f"INSERT INTO {table} VALUES ('new')")
                with self.more:
                    self.written += 1
                    self.more.notify_all()

    def wait_for_one_more(self, *_: int) -> None:
        with self.more:
            seen = self.written
            assert self.more.wait_for(lambda: self.written > seen, PATIENCE)
        self.waited += 1

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ends = True
        self.thread.join()


async def test_the_service_goes_on_meanwhile(world: World, tmp_path: Path) -> None:
    anna = world.person("anna")
    await anna.begins_intake()
    making = asyncio.create_task(asyncio.to_thread(
        backup, settings(tmp_path, world.url), tmp_path / "b.tar.gz", None, NOW))
    heard = await anna.says("Anna")
    assert heard and anna.answers("intake")["name"] == "Anna"
    await making


# ------------------------------------------------------------------ files that are not what they should be


def test_a_file_that_was_cut_off(saved: Path, tmp_path: Path) -> None:
    whole, target = saved.read_bytes(), settings(tmp_path / "target")
    for length in (0, 1, 20, 300, len(whole) // 2, len(whole) - 300):
        saved.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"damaged or cut off|not a backup"):
            restore(target, saved, False, NOW)
        assert files(tmp_path / "target") <= {"returnee-bot.db.lock"}, length


def test_a_byte_that_has_changed(saved: Path, tmp_path: Path) -> None:
    """Also where somebody has packed it again, so that gzip's own checksum fits."""
    plain = bytearray(gzip.decompress(saved.read_bytes()))
    plain[-20_000] ^= 1
    saved.write_bytes(gzip.compress(bytes(plain)))
    with pytest.raises(BackupError, match="checksum"):
        restore(settings(tmp_path / "target"), saved, False, NOW)


@pytest.mark.parametrize("what", ["letter", "gzip", "tar", "folder", "none", "database"])
def test_a_file_that_is_something_else(what: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    if what == "letter":
        file.write_text("This is a letter. " * 1000)
    elif what == "gzip":
        file.write_bytes(gzip.compress(b"This is a letter. " * 1000))
    elif what == "tar":
        with tarfile.open(file, "w:gz") as tar:
            tar.add(__file__, "manifest.json")
    elif what == "folder":
        file.mkdir()
    elif what == "database":
        small(file)
    with pytest.raises(BackupError, match=r"not a backup|Cannot read"):
        restore(settings(tmp_path / "target"), file, True, NOW)


def test_a_backup_that_another_kind_of_database_made(saved: Path, tmp_path: Path) -> None:
    there = settings(tmp_path / "target", "postgresql+psycopg://somebody@127.0.0.1:1/bot")
    with pytest.raises(BackupError, match="of the same kind"):
        restore(there, saved, False, NOW)


def test_a_schema_that_is_newer_than_this_code(tmp_path: Path) -> None:
    source, target = settings(tmp_path / "source"), settings(tmp_path / "target")
    path = make.database_file(source.database)
    small(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    backup(source, tmp_path / "b.tar.gz", None, NOW)
    with pytest.raises(BackupError, match=r"schema 9999.*knows schemas up to"):
        restore(target, tmp_path / "b.tar.gz", True, NOW)
    assert files(tmp_path / "target") == set()


def test_a_manifest_that_lies_about_the_schema(tmp_path: Path, saved: Path) -> None:
    """What counts is what the database itself says."""
    database_file = tmp_path / "newer.db"
    manifest = archive.unpack(saved, database_file)
    with closing(sqlite3.connect(database_file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    lying = archive.Manifest.of(database_file, "sqlite", manifest.schema, NOW)
    archive.pack(tmp_path / "lying.tar.gz", database_file, lying)
    with pytest.raises(BackupError, match="schema 9999"):
        restore(settings(tmp_path / "target"), tmp_path / "lying.tar.gz", True, NOW)


def test_a_damaged_database_is_not_backed_up(tmp_path: Path) -> None:
    source = settings(tmp_path / "source")
    path = make.database_file(source.database)
    small(path, people=2000)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 20_000)
    with pytest.raises(BackupError):
        backup(source, None, None, NOW)
    assert files(tmp_path / "source" / "backups") == set()


def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no database at"):
        backup(settings(tmp_path), None, None, NOW)
    sqlite3.connect(tmp_path / "returnee-bot.db").close()
    with pytest.raises(BackupError, match="holds no tables"):
        backup(settings(tmp_path), None, None, NOW)


def test_an_older_schema_is_brought_up(tmp_path: Path) -> None:
    source, target = settings(tmp_path / "source"), settings(tmp_path / "target")
    with engine_for(source.database) as engine:
        schema.upgrade(engine, "0001")
    backup(source, tmp_path / "b.tar.gz", None, NOW)
    told = restore(target, tmp_path / "b.tar.gz", False, NOW)
    with engine_for(target.database) as engine:
        assert schema.differences(engine) == []
    assert schema.head() == "0001" or f"The schema was brought up to {schema.head()}." in told


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = settings(tmp_path / "target")
    path = make.database_file(target.database)
    small(path, people=7)

    def fails(_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(schema, "upgrade", fails)
        with pytest.raises(BackupError, match="could not be restored"):
            restore(target, saved, True, NOW)
    assert people(path) == 7
    told = restore(target, saved, True, NOW)
    assert people(path) == 3 and people(kept(told)) == 7


# ------------------------------------------------------------------ the target


def test_a_broken_target_counts_as_data(saved: Path, tmp_path: Path) -> None:
    """The usual reason for bringing a backup back."""
    target = settings(tmp_path / "target")
    path = make.database_file(target.database)
    path.write_bytes(b"broken" * 1000)
    with pytest.raises(BackupError, match="--force"):
        restore(target, saved, False, NOW)
    told = restore(target, saved, True, NOW)
    assert people(path) == 3 and path.stat().st_mode & 0o777 == 0o600
    assert kept(told).read_bytes() == b"broken" * 1000


def test_the_log_of_the_old_database_does_not_meet_the_new_one(saved: Path, tmp_path: Path) -> None:
    """A process that was killed leaves a log; SQLite would play it into whatever has the name."""
    target = settings(tmp_path / "target")
    path = make.database_file(target.database)
    small(path, people=7)
    kill_while_open(path)
    assert Path(f"{path}-wal").stat().st_size > 0
    told = restore(target, saved, True, NOW)
    assert people(path) == 3
    assert people(kept(told)) == 8


def kill_while_open(path: Path) -> None:
    """Commit one more person, and die without closing."""
    code = ("import os, signal, sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute('PRAGMA journal_mode=WAL')\n"
            "c.execute(\"INSERT INTO contacts (id, created_at, language, chose_language, time_zone, known, feels,"
            " consents, demo) VALUES (99, 0, 'sq', 0, 'x', '', 0, '{}', 0)\")\nc.commit()\n"
            "os.kill(os.getpid(), signal.SIGKILL)")
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_an_empty_installation_needs_no_force(saved: Path, tmp_path: Path) -> None:
    target = settings(tmp_path / "target")
    path = make.database_file(target.database)
    small(path, people=0)
    restore(target, saved, False, NOW)
    assert people(path) == 3


# ------------------------------------------------------------------ a disk that is full, a process that is ended


@pytest.mark.parametrize("most", [10_000, 200_000])
def test_a_full_disk_leaves_no_half_file(most: int, tmp_path: Path) -> None:
    """The smaller one stops the copy, the larger one (the database is not compressible) the archive."""
    source = settings(tmp_path / "source")
    path = make.database_file(source.database)
    small(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE noise AS SELECT randomblob(150000) AS noise")
    older = path.parent / "backups" / "returnee-bot-20200101-000000.tar.gz"
    older.parent.mkdir()
    older.write_bytes(b"older")
    with no_file_larger_than(most), pytest.raises(BackupError, match="could not be written"):
        backup(source, None, 1, NOW)
    assert files(older.parent) == {older.name}
    backup(source, None, None, NOW)
    assert files(older.parent) == {older.name, KEYS, "returnee-bot-20261123-090000.tar.gz"}


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_keeps_the_old_database(saved: Path, tmp_path: Path) -> None:
    target = settings(tmp_path / "target")
    path = make.database_file(target.database)
    small(path, people=7)
    with no_file_larger_than(50_000), pytest.raises(BackupError, match="could not be restored"):
        restore(target, saved, True, NOW)
    assert people(path) == 7 and files(path.parent) == {path.name, f"{path.name}.lock"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_one_that_is_ended_leaves_no_half_file(number: signal.Signals, tmp_path: Path) -> None:
    """Ended while the archive is written; what a kill leaves behind, a later backup takes away."""
    source = settings(tmp_path / "source")
    small(make.database_file(source.database))
    backups = tmp_path / "source" / "backups"
    code = ("import signal, sys\nfrom bot import __main__ as main\nfrom bot.commands.backup import make\n"
            "def stall(archive, *_):\n    archive.write_bytes(b'half')\n    print('half', flush=True)\n"
            "    signal.pause()\nmake.pack = stall\nsys.argv = ['returnee-bot', 'backup']\nmain.main()")
    environment = {**os.environ, "RETURNEE_BOT_DATA_DIR": str(tmp_path / "source"), "RETURNEE_BOT_DATABASE_URL": ""}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"half\n"
        process.send_signal(number)
        process.wait(PATIENCE)
    left = list(backups.iterdir())
    assert all(one.name.startswith(place.WORK) for one in left)
    assert len(left) == (1 if number == signal.SIGKILL else 0)
    for one in left:
        os.utime(one, (time.time() - 2 * place.LEFT_BEHIND,) * 2)
    backup(source, None, None, NOW)
    made, _ = sorted(backups.iterdir())
    assert archive.manifest_of(made).made_at == NOW


# ------------------------------------------------------------------ names, and what is kept


def test_the_oldest_go_and_only_our_own(tmp_path: Path) -> None:
    source = settings(tmp_path)
    small(make.database_file(source.database))
    folder = tmp_path / "backups"
    folder.mkdir()
    others = {"returnee-bot-20200101-000000.tar.gz.txt", "before-restore-20200101-000000.tar.gz", "holiday.jpg",
              "my-returnee-bot-20200101-000000.tar.gz"}
    for name in others:
        (folder / name).touch()
    for day in range(5):
        told = backup(source, None, 2, NOW + timedelta(days=day))
    assert files(folder) - others == {KEYS, "returnee-bot-20261126-090000.tar.gz",
                                      "returnee-bot-20261127-090000.tar.gz"}
    assert others <= files(folder)
    assert told[2:] == ["Deleted returnee-bot-20261125-090000.tar.gz"]


def test_nothing_is_written_over(saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        backup(settings(tmp_path / "source"), saved, None, NOW)
    assert saved.read_bytes() == before
    with pytest.raises(BackupError, match="no folder"):
        backup(settings(tmp_path / "source"), tmp_path / "nowhere" / "b.tar.gz", None, NOW)


def test_into_a_folder(tmp_path: Path) -> None:
    source = settings(tmp_path / "source")
    small(make.database_file(source.database))
    (tmp_path / "stick").mkdir()
    backup(source, tmp_path / "stick", None, NOW)
    assert files(tmp_path / "stick") == {"returnee-bot-20261123-090000.tar.gz", KEYS}


def test_what_the_manifest_says(saved: Path) -> None:
    with tarfile.open(saved) as tar:
        assert tar.getnames() == ["manifest.json", "database"]
        file = tar.extractfile("manifest.json")
        assert file is not None
        said = json.loads(file.read())
    assert said.keys() == {"format", "kind", "schema", "bot", "made_at", "size", "sha256", "keys"}
    assert said["kind"] == "sqlite" and said["schema"] == schema.head()
    later = replace(archive.manifest_of(saved), schema="x").dump().replace(b'"format": 1', b'"format": 2')
    with pytest.raises(ValueError, match="format"):
        archive.Manifest.load(io.BytesIO(later).read())


# ------------------------------------------------------------------ PostgreSQL's programs


def test_a_password_is_not_among_the_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "pg_dump"
    fake.write_text('#!/bin/sh\necho "$@" "PGPASSWORD=$PGPASSWORD PGHOST=$PGHOST PGSSLMODE=$PGSSLMODE" >"$0.said"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    postgresql.copy("postgresql+psycopg://bot:very%40secret@db.example:5433/bot?sslmode=require", tmp_path / "dump")
    arguments, _, environment = (tmp_path / "pg_dump.said").read_text().partition("PGPASSWORD=")
    assert "secret" not in arguments and "db.example" not in arguments
    assert environment.split() == ["very@secret", "PGHOST=db.example", "PGSSLMODE=require"]


def test_programs_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = settings(tmp_path, "postgresql+psycopg://bot@127.0.0.1:1/bot")
    with pytest.raises(BackupError, match=r"pg_dump is not there.*apt install postgresql-client"):
        backup(there, None, None, NOW)
    assert files(tmp_path / "backups") == set()


def test_what_a_program_says_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "pg_dump"
    fake.write_text("#!/bin/sh\necho 'pg_dump: error: server version mismatch' >&2\n"
                    "echo 'CONTEXT:  COPY messages, line 1: I am afraid' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BackupError) as wrong:
        postgresql.copy("postgresql+psycopg://bot@127.0.0.1:1/bot", tmp_path / "dump")
    assert str(wrong.value) == "pg_dump failed: server version mismatch"


@pytest.mark.postgresql_only
def test_there_and_back_between_two_servers_databases(databases: None, tmp_path: Path) -> None:
    """Numbers go on after the last one; what was there is kept as a backup that can be brought back too."""
    source, url = database.new(tmp_path), database.new(tmp_path)
    for one, count in ((source, 3), (url, 2)):
        build_app(tmp_path, clock(), Recorder(), database_url=one).store.close()
        for _ in range(count):
            one_more(one)
    before, replaced = content(source), content(url)
    backup(settings(tmp_path, source), tmp_path / "b.tar.gz", None, NOW)
    told = restore(settings(tmp_path, url), tmp_path / "b.tar.gz", True, NOW)
    assert content(url) == before and "people 3" in told[1]
    one_more(url)
    assert sorted(row[0] for row in database.rows(url, "SELECT id FROM contacts")) == [1, 2, 3, 4]
    aside = kept(told)
    assert aside.name == "before-restore-20261123-090000.tar.gz" and aside.stat().st_mode & 0o777 == 0o600
    restore(settings(tmp_path, url), aside, True, NOW + timedelta(seconds=1))
    assert content(url) == replaced


@pytest.mark.postgresql_only
def test_a_table_of_a_later_version_does_not_stay(databases: None, tmp_path: Path) -> None:
    url = database.new(tmp_path)
    build_app(tmp_path, clock(), Recorder(), database_url=url).store.close()
    backup(settings(tmp_path, url), tmp_path / "b.tar.gz", None, NOW)
    database.change(url, "CREATE TABLE later (contact_id BIGINT REFERENCES contacts (id))")
    restore(settings(tmp_path, url), tmp_path / "b.tar.gz", True, NOW)
    assert database.rows(url, "SELECT to_regclass('later')") == [(None,)]
    with engine_for(url) as engine:
        assert schema.differences(engine) == []


@pytest.mark.postgresql_only
def test_a_database_of_somebody_else_is_not_replaced(databases: None, tmp_path: Path) -> None:
    source, url = database.new(tmp_path), database.new(tmp_path)
    build_app(tmp_path, clock(), Recorder(), database_url=source).store.close()
    backup(settings(tmp_path, source), tmp_path / "b.tar.gz", None, NOW)
    database.change(url, "CREATE TABLE invoices (total INT)")
    database.change(url, "INSERT INTO invoices VALUES (5)")
    with pytest.raises(BackupError, match="no tables of this bot"):
        restore(settings(tmp_path, url), tmp_path / "b.tar.gz", True, NOW)
    assert database.rows(url, "SELECT total FROM invoices") == [(5,)]


def clock() -> Any:
    from bot.clock import StoppedClock

    return StoppedClock(NOW)
