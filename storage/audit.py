"""Who did what to whose record, and who read it. Written once; the database refuses to change or delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection, insert, select

from storage.tables import Audit, Counsellor

Action: TypeAlias = Literal[
    "see_file", "set_budget", "link_telegram", "unlink_telegram",
    "sign_in", "sign_out", "new_password", "code_on", "code_off", "recovery_code", "end_session", "end_sessions",
    "see_facts", "change_fact", "import_facts", "tell_fact", "change_partner",
    "add_counsellor", "make_link", "take_code_away", "remove_counsellor", "set_work", "set_role", "set_hours",
    "presence", "set_replies", "set_links", "refused",
    "see_queue", "see_ticket", "see_person", "see_people", "see_tasks", "see_day",
    "see_team", "see_record", "see_report", "see_reports", "export_reports",
    "see_questions", "settle_questions",
    "claim", "take_over", "transfer", "consult", "sleep", "reply", "take_back", "note", "close", "finish_task",
    "of_age", "retry", "forget", "ask_form", "end_form", "merge", "unmerge", "change_answer", "change_asking",
    "add_step", "change_step",
    "offer_step", "print_plan", "change_referral", "propose_referral", "see_letter", "offer_times", "set_appointment",
    "close_case", "announce_end", "reopen_case",
    "promise", "override", "saw_override",
]
ACTIONS: frozenset[str] = frozenset(get_args(Action))
MOST = 100
"""How many rows one page shows."""
SAME_READING = timedelta(minutes=10)
"""An open page asks for news of what it shows: that is one reading, noted again after so long."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    at: datetime
    counsellor_id: int | None
    counsellor: str | None
    """What colleagues call them today."""
    action: str
    contact_id: int | None
    detail: dict[str, int]


def note(
    connection: Connection, counsellor_id: int | None, action: Action, contact_id: int | None, now: datetime,
    **numbers: int,
) -> None:
    """Add a row: numbers and a word of ours, nothing that anybody typed. Without a counsellor it was the person, or
    the command line."""
    connection.execute(insert(Audit).values(
        at=now, counsellor_id=counsellor_id, action=action, contact_id=contact_id,
        detail={name: int(value) for name, value in numbers.items()} or None,
    ))


def note_reading(
    connection: Connection, counsellor_id: int, action: Action, contact_id: int | None, now: datetime,
    **numbers: int,
) -> None:
    """The same for an open page that asks again, once in a while."""
    before = select(Audit.id).where(
        Audit.at > now - SAME_READING, Audit.counsellor_id == counsellor_id, Audit.action == action,
        Audit.contact_id == contact_id,
    )
    if connection.scalar(before.limit(1)) is None:
        note(connection, counsellor_id, action, contact_id, now, **numbers)


def entries(
    connection: Connection, before_id: int | None = None, counsellor_id: int | None = None,
    contact_id: int | None = None,
) -> list[Entry]:
    """The newest first."""
    columns = (Audit.id, Audit.at, Audit.counsellor_id, Counsellor.name, Audit.action, Audit.contact_id, Audit.detail)
    wanted = select(*columns).outerjoin(Counsellor, Counsellor.id == Audit.counsellor_id)
    for column, value in ((Audit.counsellor_id, counsellor_id), (Audit.contact_id, contact_id)):
        if value is not None:
            wanted = wanted.where(column == value)
    if before_id is not None:
        wanted = wanted.where(Audit.id < before_id)
    rows = connection.execute(wanted.order_by(Audit.id.desc()).limit(MOST)).all()
    return [Entry(at=row.at, id=row.id, counsellor_id=row.counsellor_id, counsellor=row.name, action=row.action,
                  contact_id=row.contact_id, detail=row.detail or {}) for row in rows]
