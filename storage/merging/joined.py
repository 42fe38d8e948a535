"""Two records become one, or one becomes two again: each in one transaction, with both people held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from conversations import short_lived
from conversations.marking import mark_for_desk as _d
from storage import drawers, messages, one_phone
from storage.desk import DeskError
from storage.merging import rows, written
from storage.merging.rows import Moved
from storage.merging.written import Noted
from storage.news import tell
from storage.sealed import keys
from storage.tables import Address, Contact, Merge, Message, Reminder, Run, Table, Ticket

UNDONE_FOR = timedelta(days=90)
"""So long two records can be taken apart again: what is kept for it is not kept longer."""
ITSELF = _d("These are the same number.")
GONE = _d("One of the two does not exist any more, or was deleted.")
NOT_TOGETHER = _d("One of the two does not want their answers kept, and we keep some of the other. Ask them in the "
                  "chat, then try again.")
NOBODY = _d("One of the two is nobody: what came from a shared phone before anyone said who they are.")
NOT_LAST = _d("These cannot be taken apart any more. The last two records that were made one come first.")
MERGED = "merged"
"""What closed a talk that goes on in the other one."""
STATES = ("assigned", "waiting")


def merge(connection: Connection, kept_id: int, other_id: int, counsellor_id: int | None, now: datetime) -> int:
    """All of the other one's is this one's from now on. Raises DeskError with the reason why not."""
    kept, other = _held(connection, kept_id, other_id)
    if one_phone.is_nobody(connection, kept_id) or one_phone.is_nobody(connection, other_id):
        raise DeskError(NOBODY)
    if _keeps_none(kept, other) or _keeps_none(other, kept):
        raise DeskError(NOT_TOGETHER)
    noted: Noted = []
    _one_open_ticket(connection, kept_id, other_id, now, noted)
    _one_current_run(connection, kept, other, now, noted)
    named = rows.same_names(connection, kept_id, other_id)
    _no_second_reminder(connection, named, noted)
    written.change(connection, Contact.__table__, kept_id, _together(kept, other), noted)
    before = {"contact": written.whole(connection, Contact.__table__, other_id), "noted": noted,
              "names": named}
    moved = rows.of(connection, other_id)
    rows.move(connection, moved, kept_id, {(table, row): after for table, row, _, after in named})
    _ends(connection, other_id)
    _file(connection, kept_id)
    new = keys.sealed(connection, Merge, {
        "contact_id": kept_id, "other_id": other_id, "counsellor_id": counsellor_id, "at": now, "moved": moved,
        "before": before})
    _sent_to(connection, other_id, moved)
    messages.release(connection, kept_id, now)
    tell(connection, ["queue", f"contact:{kept_id}", f"contact:{other_id}"])
    return int(connection.execute(insert(Merge).values(new).returning(Merge.id)).scalar_one())


def undo(connection: Connection, kept_id: int, merge_id: int, counsellor_id: int, now: datetime) -> int:
    """The other record is there again, with what came from it; its number. Raises DeskError."""
    connection.execute(select(Contact.id).where(Contact.id == kept_id).with_for_update())
    last = connection.execute(
        select(Merge.id, Merge.other_id, Merge.moved, Merge.before)
        .where(Merge.contact_id == kept_id, Merge.undone_at.is_(None)).order_by(Merge.id.desc()).limit(1)).one_or_none()
    if last is None or last.id != merge_id or last.before is None:
        raise DeskError(NOT_LAST)
    before, moved = last.before, _with_what_grew(connection, kept_id, last.moved)
    written.add_again(connection, before["contact"])
    rows.move(connection, moved, last.other_id, _names_again(connection, before["names"]))
    for one in reversed(before["noted"]):
        if not _would_be_second(connection, one):
            written.put_back(connection, one)
    for contact_id in (kept_id, last.other_id):
        _file(connection, contact_id)
    connection.execute(update(Merge).where(Merge.id == merge_id).values(
        moved={}, before=None, undone_at=now, undone_by=counsellor_id))
    _sent_to(connection, kept_id, moved)
    tell(connection, ["queue", f"contact:{kept_id}", f"contact:{last.other_id}"])
    return int(last.other_id)


def cut(connection: Connection, contact_ids: Sequence[int]) -> None:
    """These people's records stay one: what was kept to take them apart would keep an answer that must go."""
    connection.execute(update(Merge).where(Merge.contact_id.in_(contact_ids), Merge.before.is_not(None))
                       .values(moved={}, before=None))


def tidy(connection: Connection, now: datetime) -> None:
    connection.execute(update(Merge).where(Merge.at <= now - UNDONE_FOR, Merge.before.is_not(None))
                       .values(moved={}, before=None))


# ------------------------------------------------------------- who they are


def _held(connection: Connection, kept_id: int, other_id: int) -> tuple[Row[Any], Row[Any]]:
    """Both, as a turn holds them: whoever of them writes now is heard before or after."""
    if kept_id == other_id:
        raise DeskError(ITSELF)
    both = (Contact.id.in_((kept_id, other_id)), Contact.forgotten_at.is_(None))
    connection.execute(select(Contact.id).where(*both).order_by(Contact.id).with_for_update(of=Contact))
    found = {row.id: row for row in connection.execute(select(Contact.__table__).where(*both))}
    if len(found) < 2:
        raise DeskError(GONE)
    return found[kept_id], found[other_id]


def _keeps_none(one: Row[Any], other: Row[Any]) -> bool:
    return one.consents.get("keep") is False and bool(other.known)


def _together(kept: Row[Any], other: Row[Any]) -> dict[str, Any]:
    """What is known of both: the kept one's answer comes first, and of two decisions the no."""
    known = {**other.known, **kept.known}
    decided = {**other.consents, **kept.consents}
    refused = {one: False for both in (kept.consents, other.consents) for one, yes in both.items() if yes is False}
    speaks = kept if kept.chose_language or not other.chose_language else other
    return {
        "known": known, "feels": not short_lived.QUESTIONS.isdisjoint(known), "consents": {**decided, **refused},
        "language": speaks.language, "chose_language": speaks.chose_language,
        "created_at": min(kept.created_at, other.created_at), "last_seen_at": _last(kept, other, "last_seen_at"),
        "stopped_at": _last(kept, other, "stopped_at"), "paused_until": _last(kept, other, "paused_until"),
        "rhythm_days": kept.rhythm_days or other.rhythm_days, "discreet": kept.discreet or other.discreet,
        "is_minor": _either(kept.is_minor, other.is_minor), "came_by": kept.came_by or other.came_by,
        "rhythm_from": kept.rhythm_from or other.rhythm_from, "ask_on": kept.ask_on or other.ask_on,
        "wrote_on": _last(kept, other, "wrote_on"), "died_at": _last(kept, other, "died_at"),
    }


STAY = frozenset({"id", "time_zone", "demo", "forgotten_at"})
"""What the kept record has alone. Everything else of a person is joined."""


def _last(kept: Row[Any], other: Row[Any], name: str) -> date | None:
    return max((at for at in (getattr(kept, name), getattr(other, name)) if at is not None), default=None)


def _either(one: bool | None, other: bool | None) -> bool | None:
    return one or other if one is not None and other is not None else one if one is not None else other


# ------------------------------------------------------------- of what there is only one


def _one_open_ticket(connection: Connection, kept_id: int, other_id: int, now: datetime, noted: Noted) -> None:
    """Of two open talks that one goes on which a counsellor has, then the urgent one, then the older."""
    both = connection.execute(
        select(Ticket.__table__).where(Ticket.contact_id.in_((kept_id, other_id)), Ticket.state != "closed")).all()
    if len(both) < 2:
        return
    stays, ends = sorted(both, key=lambda one: (STATES.index(one.state), not one.urgent, one.opened_at, one.id))
    written.change(connection, Ticket.__table__, stays.id, {
        "urgent": stays.urgent or ends.urgent, "unread": stays.unread + ends.unread,
        "reason": "; ".join(dict.fromkeys(one for one in (stays.reason, ends.reason) if one)),
        "waiting_since": min((one.waiting_since for one in both if one.waiting_since), default=None),
        "alarm": _graver(stays.alarm, ends.alarm), "asleep_at": ends.asleep_at and stays.asleep_at,
        "wakes_at": stays.wakes_at if ends.asleep_at else None, "warned_at": None,
    }, noted)
    written.change(connection, Ticket.__table__, ends.id, {
        "state": "closed", "closed_at": now, "closed_by": MERGED, "unread": 0, "waiting_since": None, "asleep_at": None,
        "wakes_at": None, "offered_to": None, "offered_at": None, "warned_at": None,
    }, noted)


def _graver(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return min((alarm for alarm in (one, other) if alarm), key=lambda alarm: str(alarm["tier"]), default=None)


def _one_current_run(connection: Connection, kept: Row[Any], other: Row[Any], now: datetime, noted: Noted) -> None:
    """Who was here last goes on where they are. Of one conversation that both are in, the earlier one ends."""
    earlier, later_one = sorted((kept, other), key=lambda one: one.last_seen_at or one.created_at)
    open_ones = [row for contact in (earlier, later_one) for row in connection.execute(
        select(Run.id, Run.conversation, Run.touched)
        .where(Run.contact_id == contact.id, Run.ended_at.is_(None)).order_by(Run.touched))]
    later = {row.conversation: row.id for row in open_ones}
    for touched, row in enumerate(open_ones, start=1):
        values: dict[str, Any] = {"touched": touched}
        if later[row.conversation] != row.id:
            values["ended_at"] = now
        written.change(connection, Run.__table__, row.id, values, noted)


def _no_second_reminder(connection: Connection, named: rows.Named, noted: Noted) -> None:
    for table, row, _, _ in named:
        if table == Reminder.__tablename__:
            written.change(connection, Reminder.__table__, row, {"state": "cancelled"}, noted)


# ------------------------------------------------------------- going and coming back


def _ends(connection: Connection, contact_id: int) -> None:
    """Nothing hangs on this record any more: it goes, and its key."""
    keys.destroy(connection, contact_id)
    connection.execute(delete(Contact).where(Contact.id == contact_id))


def _file(connection: Connection, contact_id: int) -> None:
    known = connection.execute(select(Contact.known).where(Contact.id == contact_id)).scalar_one()
    drawers.file(connection, [(contact_id, known)])


def _sent_to(connection: Connection, before_id: int, moved: Moved) -> None:
    """What is still to be sent is somebody else's now."""
    queued = messages.these(connection, moved.get(Message.__tablename__, []))
    if queued:
        tell(connection, queued=queued, withdrawn={before_id: {messages.REPLY, messages.REMINDER}})


def _with_what_grew(connection: Connection, kept_id: int, moved: Mapping[str, Sequence[Any]]) -> Moved:
    """What came since then goes along where it shows whose it is: by address, by talk, by conversation."""
    there = and_(Address.channel == Message.channel, Address.address == Message.address)
    said = set(moved[Message.__tablename__]) | set(connection.execute(
        select(Message.id).join(Address, there)
        .where(Message.contact_id == kept_id, Address.id.in_(moved[Address.__tablename__]))).scalars())
    talks, runs = moved[Ticket.__tablename__], moved[Run.__tablename__]
    found: Moved = {}
    for table in rows.tables():
        of_these = {"message_id": said, "ticket_id": talks, "run_id": runs}
        grown: list[ColumnElement[bool]] = [table.c[name].in_(ids) for name, ids in of_these.items() if name in table.c]
        if rows.is_named(table):
            grown += [table.c.key.startswith(f"{run}.", autoescape=True) for run in runs]
        mine = said if table is Message.__table__ else moved.get(table.name, ())
        found[table.name] = list(connection.execute(
            select(rows.key_of(table)).where(table.c.contact_id == kept_id, or_(rows.key_of(table).in_(mine), *grown))
            .order_by(rows.key_of(table))).scalars())
    return found


def _names_again(connection: Connection, named: Sequence[Sequence[Any]]) -> dict[tuple[str, Any], str]:
    """The names that rows had, where they still have the one that they were given."""
    return {(name, row): before for name, row, before, after in named
            if written.read(connection, Table.metadata.tables[name], row, ["key"]) == {"key": after}}


def _would_be_second(connection: Connection, one: Mapping[str, Any]) -> bool:
    """A talk that would be open again beside another one of the same person."""
    if one["table"] != Ticket.__tablename__ or one["after"].get("state") != "closed":
        return False
    whose = select(Ticket.contact_id).where(Ticket.id == one["row"]).scalar_subquery()
    return connection.execute(
        select(Ticket.id).where(Ticket.contact_id == whose, Ticket.state != "closed")).first() is not None
