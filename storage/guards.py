"""What the database itself refuses, beyond what the tables say: to change or to delete the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

REFUSES = "the audit is never changed"
GUARDS: Mapping[str, Sequence[str]] = {
    "sqlite": (
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE insufficient_privilege USING MESSAGE = '{REFUSES}'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    ),
}
"""By database. SQLite's REPLACE deletes without a trigger (https://www.sqlite.org/lang_conflict.html): hence its third.

A migration has its own copy, as it was then; a test compares what both lead to."""


def put_up(connection: Connection) -> None:
    """In a database that was made from the tables."""
    for statement in GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
