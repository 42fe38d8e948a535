"""A fact has changed, or has an answer at last: those who were told something else, or nothing, read what holds now.

It goes where all goes that we begin: one message of ours a day, in hours that are safe, and not into a talk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from bot.receive.when import allowed_from
from conversations import FACT_NEWS_NAME, HELP_NEWS_NAME
from conversations.register import Certainty, Fact
from storage import audit, contacts, facts, reminders, tickets, told
from storage.desk import finish_task
from storage.tickets import CONFIRM, OpenTask
from storage.told import Told


def of_older(connection: Connection, fact: Fact, now: datetime) -> list[Told]:
    """Whom the change concerns: their newest version said something else."""
    since = facts.told_since(connection, fact)
    return [one for one in told.who(connection, fact.id, now) if one.version < since]


def tell_again(receive: Receive, connection: Connection, fact: Fact, now: datetime) -> int:
    """Everybody who was told an older version is to be told this one; says how many. It is noted at once, so that a
    second click tells nobody twice."""
    return len(tell_them(receive, connection, [one.contact_id for one in of_older(connection, fact, now)], fact, now))


def answer_asked(receive: Receive, connection: Connection, said: Iterable[Fact], by: int, now: datetime) -> int:
    """Who asked about one of these while nobody could say it is told now, and that task is done; says how many."""
    count = 0
    for fact in said:
        if fact.certainty(now.date(), receive.turns.knowledge.show_unverified) == Certainty.UNKNOWN:
            continue
        asked = {one.contact_id: one for one in tickets.open_with_key(connection, f"fact:{fact.id}")}
        for contact_id in tell_them(receive, connection, asked, fact, now):
            _finish(connection, asked[contact_id], by, now)
            count += 1
    return count


def confirm(receive: Receive, connection: Connection, task: OpenTask, by: int, now: datetime) -> bool:
    """A counsellor says that the person of this task may ask for what it names. False where we may not write to them:
    the task stays."""
    for visit in _reached(receive, connection, [task.contact_id], now):
        key = f"{HELP_NEWS_NAME}:{task.key.removeprefix(CONFIRM)}"
        _plan(connection, visit, key, HELP_NEWS_NAME)
        _finish(connection, task, by, now)
        return True
    return False


def tell_them(
    receive: Receive, connection: Connection, ids: Collection[int], fact: Fact, now: datetime
) -> list[int]:
    visits = _reached(receive, connection, ids, now)
    for visit in visits:
        told.wait(connection, visit.id, fact.id, fact.version, now)
        _plan(connection, visit, FACT_NEWS_NAME, FACT_NEWS_NAME)
    return [visit.id for visit in visits]


def _reached(receive: Receive, connection: Connection, ids: Collection[int], now: datetime) -> list[Visit]:
    """Not who wants no message of ours, nor whom nothing reaches."""
    found = [one for one in contacts.reachable(connection, list(ids)).values() if not one.is_blocked] if ids else []
    return [visit for visit in receive.load(connection, found, now).values()
            if visit.person.stopped_at is None and visit.person.consents.get("check_in") is not False]


def _plan(connection: Connection, visit: Visit, key: str, opens: str) -> None:
    due_at = allowed_from(visit, visit.now)
    reminders.put(connection, [{"contact_id": visit.id, "key": key, "opens": opens, "due_at": due_at}])


def _finish(connection: Connection, task: OpenTask, by: int, now: datetime) -> None:
    finish_task(connection, task.id, by, now)
    audit.note(connection, by, "finish_task", task.contact_id, now, task=task.id)
