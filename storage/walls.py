"""The wall around the psychosocial area: who reads what is behind it, and who looked over it in an emergency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from conversations import short_lived
from conversations.marking import Phrase
from storage import desk
from storage.desk import DeskError, NoteView, PersonView, TaskItem
from storage.sealed import keys
from storage.staff import WALLED, CounsellorView
from storage.tables import Counsellor, Override, PlanStep, Referral, Run

LASTS = timedelta(hours=1)
"""So long an emergency opens one person's page to one counsellor."""
NOT_SHOWN = Phrase("Not shown: psychosocial")
BY_HAND = "walled"
"""Begins the keys of what a counsellor has put behind the wall."""
MOST = 100


@dataclass(frozen=True, slots=True)
class Sight:
    """What one counsellor may read now."""

    counsellor_id: int
    works_there: bool
    opened: frozenset[int] = frozenset()
    """The people whose page is open to them because of an emergency."""

    def of(self, contact_id: int) -> bool:
        return self.works_there or contact_id in self.opened


def sight(connection: Connection, who: CounsellorView, now: datetime) -> Sight:
    if who.works_in(WALLED):
        return Sight(who.id, True)
    opened = select(Override.contact_id).where(Override.counsellor_id == who.id, Override.ends_at > now)
    return Sight(who.id, False, frozenset(connection.execute(opened).scalars()))


# ------------------------------------------------------------- in an emergency


@dataclass(frozen=True, slots=True)
class OverrideView:
    id: int
    contact_id: int
    counsellor: str | None
    reason: str
    at: datetime
    ends_at: datetime
    seen_at: datetime | None


def look_over(connection: Connection, contact_id: int, counsellor_id: int, reason: str, now: datetime) -> int:
    row = keys.sealed(connection, Override, {
        "contact_id": contact_id, "counsellor_id": counsellor_id, "reason": reason, "at": now, "ends_at": now + LASTS,
    })
    return int(connection.execute(insert(Override).values(row).returning(Override.id)).scalar_one())


def looks(connection: Connection, contact_id: int | None = None, unseen: bool = False) -> list[OverrideView]:
    """The newest first: at one person, or those that no coordinator has seen."""
    rows = select(Override.id, Override.contact_id, Counsellor.name, Override.reason, Override.at, Override.ends_at,
                  Override.seen_at).outerjoin(Counsellor, Counsellor.id == Override.counsellor_id)
    if contact_id is not None:
        rows = rows.where(Override.contact_id == contact_id)
    if unseen:
        rows = rows.where(Override.seen_at.is_(None))
    return [OverrideView(*row) for row in connection.execute(rows.order_by(Override.id.desc()).limit(MOST))]


def mark_seen(connection: Connection, override_id: int, counsellor_id: int, now: datetime) -> int | None:
    """Whose page it was; None where a coordinator has seen it already."""
    seen = update(Override).where(Override.id == override_id, Override.seen_at.is_(None))
    return connection.scalar(seen.values(seen_at=now, seen_by=counsellor_id).returning(Override.contact_id))


# ------------------------------------------------------------- what is left out


def person(connection: Connection, contact_id: int, seen: Sight) -> PersonView | None:
    """A person as this counsellor may see them."""
    found = desk.person(connection, contact_id)
    if found is None or seen.of(contact_id):
        return found
    hidden_runs = behind(connection, [contact_id])
    hidden = {one.partner for one in found.referrals if _is_behind(one.key, hidden_runs)}
    shown = {one.partner for one in found.referrals} - hidden
    return replace(
        found, wellbeing=(),
        tasks=[_veiled(one, about=NOT_SHOWN) if one.area == WALLED else one for one in found.tasks],
        plan=[_veiled(one, what=NOT_SHOWN, **NOTHING_MORE) if _is_behind(one.key, hidden_runs) else one
              for one in found.plan],
        referrals=[_veiled(one, partner="", outcome=None, sends=None) if _is_behind(one.key, hidden_runs) else one
                   for one in found.referrals],
        consents=[_veiled(one, about="") if one.about in hidden - shown else one for one in found.consents],
    )


NOTHING_MORE = dict.fromkeys(("papers", "partner", "source", "reason", "offer"))
"""Of a step that is not shown."""


def may_see_referral(connection: Connection, contact_id: int, referral_id: int, seen: Sight) -> None:
    """Raises DeskError for one that stands behind the wall."""
    key = connection.scalar(select(Referral.key).where(Referral.id == referral_id, Referral.contact_id == contact_id))
    if key is not None and not seen.of(contact_id) and _is_behind(key, behind(connection, [contact_id])):
        raise DeskError(NOT_SHOWN)


def behind(connection: Connection, contact_ids: Sequence[int]) -> set[str]:
    """What begins the keys of steps and referrals that a walled talk has led to: its run."""
    of_people = select(Run.id).where(Run.contact_id.in_(contact_ids), Run.conversation.in_(short_lived.TALKS))
    return {BY_HAND, *(str(one) for one in connection.execute(of_people).scalars())}


def hidden_steps(connection: Connection, contact_id: int, seen: Sight) -> frozenset[str]:
    """The keys of the steps that this counsellor may not see."""
    if seen.of(contact_id):
        return frozenset()
    hidden = behind(connection, [contact_id])
    found = connection.execute(select(PlanStep.key).where(PlanStep.contact_id == contact_id)).scalars()
    return frozenset(key for key in found if _is_behind(key, hidden))


def is_behind(connection: Connection, contact_id: int, key: str) -> bool:
    """Whether this step or referral stands behind the wall."""
    return _is_behind(key, behind(connection, [contact_id]))


def _is_behind(key: str, runs: set[str]) -> bool:
    return key.partition(".")[0] in runs


def _veiled(row: Any, **instead: Any) -> Any:
    return SimpleNamespace(**{**row._mapping, **instead})


def notes(connection: Connection, contact_id: int, seen: Sight, after_id: int = 0) -> list[NoteView]:
    """Colleagues' notes; of one behind the wall, that it is there. One's own stay one's own."""
    found = desk.notes(connection, contact_id, after_id)
    if seen.of(contact_id):
        return found
    return [replace(one, text=NOT_SHOWN) if one.area == WALLED and one.counsellor_id != seen.counsellor_id else one
            for one in found]


def tasks(items: Sequence[TaskItem], seen: Sight) -> list[TaskItem]:
    return [replace(one, about=NOT_SHOWN) if one.area == WALLED and not seen.of(one.contact_id) else one
            for one in items]
