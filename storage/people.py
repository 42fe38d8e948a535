"""Everyone's cases: found by what is known of them, a page at a time, and the searches that counsellors keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from conversations.marking import Phrase
from storage import drawers
from storage.among import among
from storage.desk.common import AnySelect
from storage.plans import OPEN
from storage.sealed import keys
from storage.sealed.lenient import UNREADABLE, lenient
from storage.tables import CaseClosing, Contact, Counsellor, Drawer, PlanStep, SavedView, Ticket

PAGE = 50
COUNTED_TO = 200
"""A drawer with more people than this is a full one."""
MOST_VIEWS = 20
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty: everybody."""

    words: str = ""
    """A name, a phone number, or the number of a person."""
    municipality: str = ""
    area: str = ""
    """They have had a chat about it."""
    need: str = ""
    language: str = ""
    quiet_days: int = 0
    """We were not in contact for so long."""
    overdue: bool = False
    """A step of their plan is past its day."""

    def is_empty(self) -> bool:
        return self == Wanted()


def wanted_from(stored: Mapping[str, Any]) -> Wanted:
    """Of a kept search, what is still looked for today."""
    known = {one.name: type(one.default) for one in fields(Wanted)}
    fits: dict[str, Any] = {name: value for name, value in stored.items() if type(value) is known.get(name)}
    return Wanted(**fits)


@dataclass(frozen=True, slots=True)
class Found:
    id: int
    known: Mapping[str, Any]
    is_readable: bool
    language: str
    last_seen_at: datetime | None
    areas: Sequence[str]
    open_ticket: int | None
    with_whom: str | None
    overdue: int
    """How many steps of the plan are past their day."""
    is_closed: bool = False
    """Whether the case is over."""


@dataclass(frozen=True, slots=True)
class Page:
    people: Sequence[Found]
    after: int | None
    """Where the next page begins."""


def search(
    connection: Connection, wanted: Wanted, today: date, now: datetime, before_id: int | None = None
) -> Page:
    """Who came last comes first. A page is read in the order of an index: how many there are does not matter."""
    rest = (Contact.forgotten_at.is_(None), *_conditions(wanted, today, now))
    if wanted.words and not drawers.wanted(wanted.words):
        return Page([], None)
    if (number := drawers.is_number(wanted.words)) is not None:
        ids = _by_number(connection, wanted, number, rest, before_id)
    else:
        ids = _in_order(connection, _drawers(connection, wanted), wanted.area, rest, before_id)
    shown = ids[:PAGE]
    return Page(_people(connection, shown, today), shown[-1] if len(ids) > PAGE else None)


def _conditions(wanted: Wanted, today: date, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.language:
        found.append(Contact.language == wanted.language)
    if wanted.quiet_days:
        found.append(Contact.last_seen_at < now - timedelta(days=wanted.quiet_days))
    if wanted.overdue:
        found.append(exists().where(PlanStep.contact_id == Contact.id, *_is_overdue(today)))
    return found


def _drawers(connection: Connection, wanted: Wanted) -> list[list[str]]:
    """The drawers of which one each must hold the person: those with the fewest people first."""
    labels = [*drawers.wanted(wanted.words), *(drawers.of_question(question, value) for question, value in (
        ("municipality", wanted.municipality), ("first_need", wanted.need)) if value)]
    groups = [drawers.hashed(connection, one) for one in labels]
    return sorted(groups, key=lambda one: _size(connection, one)) if len(groups) > 1 else groups


def _size(connection: Connection, words: Sequence[str]) -> int:
    """How many are in these drawers; from some number on it does not matter any more."""
    some = select(Drawer.contact_id).where(Drawer.word.in_(words)).limit(COUNTED_TO).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _in_order(
    connection: Connection, groups: Sequence[Sequence[str]], area: str, rest: Sequence[ColumnElement[bool]],
    before_id: int | None,
) -> list[int]:
    """The first drawer is gone through from its end, and each person looked for in the others; without a drawer, the
    chats of the area."""
    chosen: AnySelect
    key: ColumnElement[int]
    if not groups and area:
        key = Ticket.contact_id
        chosen = select(key).join(Contact, Contact.id == key).where(Ticket.area == area, *rest).distinct()
    elif not groups:
        chosen, key = select(Contact.id).where(*rest), Contact.id
    else:
        first, *others = groups
        rest = (*rest, _has_had(area)) if area else rest
        chosen = select(Drawer.contact_id).join(Contact, Contact.id == Drawer.contact_id)
        chosen = chosen.where(Drawer.word.in_(first), *rest, *(_is_in(one) for one in others))
        key = Drawer.contact_id
        if len(first) > 1:
            chosen = chosen.distinct()
    if before_id is not None:
        chosen = chosen.where(key < before_id)
    return list(connection.execute(chosen.order_by(key.desc()).limit(PAGE + 1)).scalars())


def _has_had(area: str) -> ColumnElement[bool]:
    return exists().where(Ticket.area == area, Ticket.contact_id == Contact.id)


def _is_in(words: Sequence[str]) -> ColumnElement[bool]:
    other = Drawer.__table__.alias()
    return exists().where(other.c.word.in_(words), other.c.contact_id == Contact.id)


def _by_number(
    connection: Connection, wanted: Wanted, number: int, rest: Sequence[ColumnElement[bool]], before_id: int | None
) -> list[int]:
    """Digits may also be the number that the record has for a person."""
    found = _in_order(connection, _drawers(connection, wanted), wanted.area, rest, before_id)
    is_there = select(Contact.id).where(Contact.id == number, *rest, *([_has_had(wanted.area)] if wanted.area else []))
    if before_id is not None or number in found or connection.scalar(is_there) is None:
        return found
    return sorted([*found, number], reverse=True)


def _is_overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    return PlanStep.state.in_(OPEN), PlanStep.by.is_not(None), PlanStep.by < today


# ------------------------------------------------------------- a page of people, set-wise


def _people(connection: Connection, ids: Sequence[int], today: date) -> list[Found]:
    columns = (Contact.id, lenient(Contact.known), Contact.language, Contact.last_seen_at)
    rows = {row.id: row for row in connection.execute(select(*columns).where(among(Contact.id, "ids")), {"ids": ids})}
    areas, open_ones = _tickets(connection, ids)
    overdue = _overdue(connection, ids, today)
    closed = _closed(connection, ids)
    return [_found(rows[one], areas.get(one, []), open_ones.get(one), overdue.get(one, 0), one in closed)
            for one in ids if one in rows]


def _found(
    row: Any, areas: Sequence[str], ticket: tuple[int, str | None] | None, overdue: int, is_closed: bool
) -> Found:
    key, name = ticket or (None, None)
    return Found(row.id, row.known or {}, row.known is not UNREADABLE, row.language, row.last_seen_at, areas, key, name,
                 overdue, is_closed)


def _closed(connection: Connection, ids: Sequence[int]) -> set[int]:
    over = select(CaseClosing.contact_id).where(among(CaseClosing.contact_id, "ids"), CaseClosing.reopened_at.is_(None))
    return set(connection.scalars(over, {"ids": ids}))


def _tickets(
    connection: Connection, ids: Sequence[int]
) -> tuple[dict[int, list[str]], dict[int, tuple[int, str | None]]]:
    rows = connection.execute(
        select(Ticket.id, Ticket.contact_id, Ticket.area, Ticket.state, Counsellor.name)
        .outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
        .where(among(Ticket.contact_id, "ids")).order_by(Ticket.id), {"ids": ids},
    )
    areas: dict[int, list[str]] = {}
    open_ones: dict[int, tuple[int, str | None]] = {}
    for key, contact_id, area, state, name in rows:
        if area not in areas.setdefault(contact_id, []):
            areas[contact_id].append(area)
        if state != "closed":
            open_ones[contact_id] = (key, name)
    return areas, open_ones


def _overdue(connection: Connection, ids: Sequence[int], today: date) -> dict[int, int]:
    rows = connection.execute(
        select(PlanStep.contact_id, func.count()).where(among(PlanStep.contact_id, "ids"), *_is_overdue(today))
        .group_by(PlanStep.contact_id), {"ids": ids},
    )
    return {row[0]: row[1] for row in rows}


# ------------------------------------------------------------- kept searches


@dataclass(frozen=True, slots=True)
class View:
    id: int
    name: str
    """Empty: the last search."""
    wanted: Wanted


def views(connection: Connection, counsellor_id: int) -> list[View]:
    """The last search first, then by name."""
    rows = connection.execute(
        select(SavedView.id, SavedView.name, SavedView.wanted)
        .where(SavedView.counsellor_id == counsellor_id).order_by(SavedView.name)
    )
    return [View(key, name, wanted_from(wanted)) for key, name, wanted in rows]


def keep_view(connection: Connection, counsellor_id: int, name: str, wanted: Wanted) -> None:
    """Under this name, in the place of what was there. Raises ValueError where there is no room for another one."""
    named = (SavedView.counsellor_id == counsellor_id, SavedView.name == name)
    row = keys.sealed(connection, SavedView, {
        "counsellor_id": counsellor_id, "wanted": {one: value for one, value in asdict(wanted).items() if value}})
    if connection.execute(update(SavedView).where(*named).values(wanted=row["wanted"])).rowcount:
        return
    count = select(func.count()).where(SavedView.counsellor_id == counsellor_id)
    if (connection.scalar(count) or 0) > MOST_VIEWS:
        raise ValueError(Phrase("{number} searches are kept already. Take one away first.", number=MOST_VIEWS))
    connection.execute(insert(SavedView).values(**row, name=name))


def drop_view(connection: Connection, counsellor_id: int, view_id: int) -> None:
    connection.execute(delete(SavedView).where(SavedView.counsellor_id == counsellor_id, SavedView.id == view_id))
