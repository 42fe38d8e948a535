"""PostgreSQL's own programs, started so that a password is never among their arguments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, Engine, MetaData, inspect, text
from sqlalchemy.engine import make_url

from bot.commands.backup.archive import BackupError

OWN_NAME = "returnee-bot"
"""How the service calls itself to the server."""
VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT", "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS", "application_name": "PGAPPNAME", "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""Parameters of the address, as PostgreSQL's programs take them."""
REVISION = re.compile(r"^COPY \S*alembic_version \(version_num\) FROM stdin;\n(\S+)\n", re.M)


def copy(url: str, target: Path) -> None:
    """The database at one moment, in PostgreSQL's custom format, without anybody's key. It is compressed later."""
    without = [f"--exclude-table-data={table}" for table in ("contact_keys", "system_keys")]
    _run("pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", *without,
         f"--file={target}", url=url)


def check(dump: Path) -> None:
    """Read it to the end. Raises BackupError where it is not whole."""
    _run("pg_restore", f"--file={os.devnull}", str(dump))


def revision(dump: Path) -> str | None:
    """The schema of what is in it."""
    found = REVISION.search(_run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(dump)))
    return found[1] if found else None


def bring_back(engine: Engine, url: str, dump: Path) -> None:
    """Everything of the dump, in place of every table that is there."""
    _drop_tables(engine)
    name = str(make_url(url).database)
    _run("pg_restore", "--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner",
         "--no-privileges", f"--dbname={name}", str(dump), url=url)


def _drop_tables(engine: Engine) -> None:
    """A later schema may have tables that the dump does not know."""
    there = MetaData()
    with engine.connect() as connection, connection.begin():
        there.reflect(connection)
        there.drop_all(connection)


def has_data(engine: Engine) -> bool:
    """Whether a row would be lost."""
    with engine.connect() as connection:
        quoted = connection.dialect.identifier_preparer.quote
        names = [quoted(name) for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return any(connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() for name in names)


def refuse_if_running(engine: Engine) -> None:
    found = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND application_name = :name AND pid <> pg_backend_pid()")
    with engine.connect() as connection:
        if connection.scalar(found, {"name": OWN_NAME}):
            raise BackupError("A service is running on this database. Stop every process first. Nothing was changed.")


def _run(program: str, *arguments: str, url: str = "") -> str:
    """What it printed; BackupError with its own words where it fails."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not there. On Debian: apt install postgresql-client, of the server's version.")
    environment = {**os.environ, **(_environment(make_url(url)) if url else {}), "LC_MESSAGES": "C"}
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {_first_error(done.stderr)}")
    return done.stdout


def _first_error(said: str) -> str:
    """One line: the following ones may hold what people wrote."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wrong = [line.partition("error:")[2].strip() for line in lines if "error:" in line]
    return (wrong or lines or ["no reason given"])[0]


def _environment(url: URL) -> dict[str, str]:
    parts = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
             "PGDATABASE": url.database}
    known = {name: str(value) for name, value in parts.items() if value is not None}
    for name, value in url.query.items():
        if name not in VARIABLES:
            raise BackupError(f"RETURNEE_BOT_DATABASE_URL: the parameter {name} cannot be handed to pg_dump.")
        known[VARIABLES[name]] = value if isinstance(value, str) else ",".join(value)
    return known
