"""Everything on the page of one person, as the counsellor who looks may see it; and what counsellors change there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from conversations import short_lived
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import appointments, changes, closings, drawers, referrals, steps, tickets, walls
from storage.appointments import AppointmentState
from storage.changes import ANSWER, ChangeView
from storage.closings import Closing
from storage.desk import AnyRow, DeskError, NoteView, PersonView, name_of
from storage.sealed import keys
from storage.sealed.lenient import lenient
from storage.staff import WALLED
from storage.steps import StepView, Values
from storage.tables import Contact, Reminder, Run
from storage.walls import NOT_SHOWN, OverrideView, Sight

MOST = 200
NOT_AGREED = _d("They have not agreed that we keep their answers. They can agree in the chat, under “My data”.")
GONE = _d("This person does not exist, or was deleted.")
NO_STEP = _d("This step is not in the plan any more.")


@dataclass(frozen=True, slots=True)
class RunView:
    """One passage through a conversation. Behind the wall: that it was, without the answers."""

    id: int
    conversation: str
    answers: dict[str, Any]
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    person: PersonView
    is_open: bool
    """What is behind the wall is in it."""
    runs: Sequence[RunView]
    """The newest first."""
    notes: Sequence[NoteView]
    changes: Sequence[ChangeView]
    reminders: Sequence[AnyRow]
    looks: Sequence[OverrideView]
    appointments: Sequence[AppointmentState]
    """The newest first."""
    closings: Sequence[Closing]
    """The same."""


def load(connection: Connection, contact_id: int, sight: Sight) -> CaseView | None:
    person = walls.person(connection, contact_id, sight)
    if person is None:
        return None
    return CaseView(
        person, sight.of(contact_id), _runs(connection, contact_id, sight), walls.notes(connection, contact_id, sight),
        changes.history(connection, contact_id), _reminders(connection, contact_id),
        _looks(connection, contact_id, sight), appointments.of_person(connection, contact_id),
        closings.history(connection, contact_id),
    )


def _runs(connection: Connection, contact_id: int, sight: Sight) -> list[RunView]:
    rows = connection.execute(
        select(Run.id, Run.conversation, Run.answers, Run.started_at, Run.updated_at, Run.ended_at)
        .where(Run.contact_id == contact_id).order_by(Run.id.desc()).limit(MOST)
    )
    return [_run(row, sight.of(contact_id)) for row in rows]


def _run(row: AnyRow, is_open: bool) -> RunView:
    """Answers that a program of ours keeps for itself begin with a sign of their own."""
    answers = {path: value for path, value in row.answers.items() if path[0] != "@"}
    hidden = not is_open and row.conversation in short_lived.TALKS
    if not is_open:
        answers = {} if hidden else {path: one for path, one in answers.items() if path not in WALLED_QUESTIONS}
    return RunView(row.id, row.conversation, answers, row.started_at, row.updated_at, row.ended_at, hidden)


WALLED_QUESTIONS = frozenset({"mood", "someone"})
"""Of the check-in: how they are, and whether they need somebody."""


def _looks(connection: Connection, contact_id: int, sight: Sight) -> list[OverrideView]:
    """The reason may tell what is behind the wall."""
    found = walls.looks(connection, contact_id)
    return found if sight.of(contact_id) else [replace(one, reason=NOT_SHOWN) for one in found]


def _reminders(connection: Connection, contact_id: int) -> Sequence[AnyRow]:
    wanted = select(Reminder.opens, Reminder.due_at, Reminder.attempt, Reminder.state)
    return connection.execute(
        wanted.where(Reminder.contact_id == contact_id).order_by(Reminder.due_at.desc()).limit(MOST)).all()


# ------------------------------------------------------------- what counsellors change


def set_answer(
    connection: Connection, contact_id: int, path: str, value: Any, last: int, counsellor_id: int, now: datetime
) -> None:
    """In the place of what was there when the form was made; None takes it out."""
    contact = connection.execute(
        select(Contact.known, Contact.consents).where(Contact.id == contact_id).with_for_update(of=Contact)
    ).one_or_none()
    if contact is None:
        raise DeskError(GONE)
    if contact.consents.get("keep") is not True:
        raise DeskError(NOT_AGREED)
    if changes.last(connection, contact_id, f"{ANSWER}{path}") != last:
        raise DeskError(_d("Somebody has changed this meanwhile. Look at what it says now, then change it."))
    before = contact.known.get(path)
    if before == value:
        return
    changes.note(connection, contact_id, f"{ANSWER}{path}", before, value, now, counsellor_id)
    known = {**contact.known, path: value}
    row = keys.sealed(connection, Contact, {"id": contact_id, "known": known})
    drawers.file(connection, [(contact_id, known)])
    connection.execute(update(Contact).where(Contact.id == contact_id).values(known=row["known"]))


BY_HAND = "by-hand."
"""Before the keys of what counsellors add: no run has such a name."""


def propose_step(
    connection: Connection, contact_id: int, key: str, content: Values, counsellor_id: int, now: datetime
) -> StepView | None:
    """None where the same form was sent twice."""
    must_be(connection, contact_id)
    return steps.propose(connection, contact_id, f"{BY_HAND}{key}", content, counsellor_id, now)


def offer_step(
    connection: Connection, contact_id: int, step_id: int, version: int, content: Values, counsellor_id: int,
    now: datetime,
) -> StepView | None:
    """None where nothing would change."""
    seen = _as_seen(connection, contact_id, step_id, version)
    if seen.state in ("done", "dropped"):
        raise DeskError(_d("This step is over. Propose a new one."))
    step = steps.offer(connection, contact_id, seen, content, counsellor_id, now)
    if step is None:
        raise DeskError(NO_STEP)
    return step if step.version != seen.version else None


def _as_seen(connection: Connection, contact_id: int, step_id: int, version: int) -> StepView:
    """A step of this person, as the form was made from it. Raises TooLate with what it says now. Nobody else changes
    anything of this person meanwhile."""
    must_be(connection, contact_id)
    step = steps.get(connection, contact_id, step_id)
    if step is None:
        raise DeskError(NO_STEP)
    if step.version != version:
        raise TooLate(step)
    return step


class TooLate(DeskError):
    """Somebody was quicker: the step as it is now."""

    def __init__(self, step: StepView) -> None:
        super().__init__(_d("Somebody has changed this step meanwhile."))
        self.step = step


def set_step(
    connection: Connection, contact_id: int, step_id: int, version: int, state: str, reason: str, counsellor_id: int,
    now: datetime,
) -> None:
    """How it goes, as a counsellor has heard it."""
    step = _as_seen(connection, contact_id, step_id, version)
    values = {"state": state, "reason": reason or None if state == "dropped" else None}
    if all(getattr(step, name) == value for name, value in values.items()):
        return
    if steps.change(connection, contact_id, step, values, now, counsellor_id) is None:
        raise DeskError(NO_STEP)


@dataclass(frozen=True, slots=True)
class OpenThere:
    """Somebody whose referral to a partner is not at its end."""

    contact_id: int
    name: str
    state: str
    changed_at: datetime
    is_hidden: bool
    """It stands behind the wall."""


def open_with(connection: Connection, partner: str, sight: Sight) -> list[OpenThere]:
    """What is open with a partner: the oldest first."""
    found = referrals.of_partner(connection, partner)
    ids = [one.contact_id for one in found]
    names = {row.id: row.known for row in connection.execute(
        select(Contact.id, lenient(Contact.known)).where(Contact.id.in_(ids)))}
    hidden = walls.behind(connection, [one for one in ids if not sight.of(one)])
    return [OpenThere(one.contact_id, name_of(one.contact_id, names.get(one.contact_id)), one.state, one.changed_at,
                      not sight.of(one.contact_id) and one.key.partition(".")[0] in hidden) for one in found]


LEFT_OPEN = _d("We do not work with {partner} any more, and this referral is open there. Ask the person about another "
               "partner")


def leave_open(connection: Connection, partner: str, name: str, now: datetime) -> None:
    """The centre works with this partner no more: each referral that is open there is looked at by a counsellor."""
    found = referrals.of_partner(connection, partner)
    hidden = walls.behind(connection, [one.contact_id for one in found])
    for one in found:
        tickets.add_task(connection, {
            "contact_id": one.contact_id, "key": f"gone:{one.key}", "kind": "referral", "opened_at": now, "due_at": now,
            "area": WALLED if one.key.partition(".")[0] in hidden else "general",
            "about": Phrase(LEFT_OPEN, partner=name)})


def promise(
    connection: Connection, contact_id: int, key: str, about: str, due_at: datetime, now: datetime
) -> None:
    """Somebody of the team has said that they get in touch again."""
    must_be(connection, contact_id)
    tickets.add_task(connection, {
        "contact_id": contact_id, "key": f"{BY_HAND}{key}", "kind": "call_back", "area": "general", "about": about,
        "opened_at": now, "due_at": due_at,
    })


def must_be(connection: Connection, contact_id: int) -> None:
    there = select(Contact.id).where(Contact.id == contact_id, Contact.forgotten_at.is_(None))
    if connection.scalar(there.with_for_update(of=Contact)) is None:
        raise DeskError(GONE)
