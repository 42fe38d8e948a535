"""A person who is sent on to a partner: proposed, agreed to, sent, and what came of it.

Every step is one conditional update on what it showed, so of two who do it at once one wins. What goes out is kept as
the person was shown it, and neither sent nor printed without their yes to this partner: that is refused here, whoever
asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from conversations.marking import mark_for_desk as _d
from storage import changes
from storage.changes import REFERRAL
from storage.desk import DeskError
from storage.sealed import keys
from storage.tables import Consent, Referral

OPEN = ("consented", "sent", "received", "accepted")
"""Agreed to, and not at an end: what a person can take back."""
WAITING = ("proposed", *OPEN, "no_answer")
"""What a counsellor still has to do something about."""
GONE_OUT = ("sent", "received", "accepted", "rejected", "done", "no_answer")
NEXT: Mapping[str, tuple[str, ...]] = {
    "proposed": ("consented", "declined", "withdrawn"),
    "consented": ("sent", "withdrawn"),
    "sent": ("received", "accepted", "rejected", "done", "no_answer", "withdrawn"),
    "received": ("accepted", "rejected", "done", "no_answer", "withdrawn"),
    "accepted": ("done", "rejected", "no_answer", "withdrawn"),
    "no_answer": ("received", "accepted", "rejected", "done", "withdrawn"),
    "rejected": (), "done": (), "declined": (), "withdrawn": (),
}
"""Where each state leads. What is rejected, done, declined or withdrawn stays so: a new one is proposed anew."""
BY_STAFF = frozenset({"sent", "received", "accepted", "rejected", "done", "no_answer", "withdrawn"})
"""What a counsellor may say of it; yes and no are the person's alone."""
NOT_AGREED = _d("They have not agreed that this goes to this partner. Nothing may be sent or printed.")
TAKEN_BACK = _d("They have taken this back. Ask them again before anything is sent.")
CHANGED = _d("This referral has changed meanwhile. Look at how it stands now.")
GONE = _d("This referral does not exist any more.")
SAID_NO = _d("They said no to this partner, or took their yes back. Ask again only if they want it themselves: then "
             "say so below.")
OPEN_ALREADY = _d("There is an open referral to this partner already.")


@dataclass(frozen=True, slots=True)
class ReferralState:
    id: int
    contact_id: int
    key: str
    partner: str
    state: str
    sends: dict[str, Any]
    """What goes to the partner, as the person was shown it; empty where nothing was kept of it."""
    outcome: str | None
    changed_at: datetime


_COLUMNS = (Referral.id, Referral.contact_id, Referral.key, Referral.partner, Referral.state, Referral.sends,
            Referral.outcome, Referral.changed_at)


def find(connection: Connection, contact_id: int, key: str) -> ReferralState | None:
    return _one(connection, Referral.contact_id == contact_id, Referral.key == key)


def get(connection: Connection, contact_id: int, referral_id: int) -> ReferralState:
    """Raises DeskError where this person has no such referral."""
    found = _one(connection, Referral.contact_id == contact_id, Referral.id == referral_id)
    if found is None:
        raise DeskError(GONE)
    return found


def _one(connection: Connection, *where: Any) -> ReferralState | None:
    row = connection.execute(select(*_COLUMNS).where(*where)).one_or_none()
    return _state(row) if row is not None else None


def _state(row: Any) -> ReferralState:
    return ReferralState(row.id, row.contact_id, row.key, row.partner, row.state, row.sends or {}, row.outcome,
                         row.changed_at)


# ------------------------------------------------------------------- proposed


def propose(
    connection: Connection, contact_id: int, key: str, partner: str, sends: Mapping[str, Any], now: datetime,
    by: int | None = None,
) -> bool:
    """Ask a person, who answers in the chat; False where this was proposed before. What is asked anew takes the place
    of what the same partner was asked about and nobody has answered."""
    if find(connection, contact_id, key) is not None:
        return False
    connection.execute(delete(Referral).where(
        Referral.contact_id == contact_id, Referral.partner == partner, Referral.state == "proposed"))
    connection.execute(insert(Referral).values(keys.sealed(connection, Referral, {
        "contact_id": contact_id, "key": key, "partner": partner, "sends": dict(sends), "state": "proposed",
        "by_id": by, "created_at": now, "changed_at": now})))
    return True


def may_propose(connection: Connection, contact_id: int, partner: str, wanted: bool) -> None:
    """Whether a counsellor may ask: not for what is open, nor against a no, unless the person wants it now.
    Raises DeskError."""
    of_partner = (Referral.contact_id == contact_id, Referral.partner == partner)
    if connection.scalar(select(Referral.id).where(*of_partner, Referral.state.in_(OPEN)).limit(1)) is not None:
        raise DeskError(OPEN_ALREADY)
    declined = select(Referral.id).where(*of_partner, Referral.state.in_(("declined", "withdrawn"))).limit(1)
    said_no = agreed(connection, contact_id, partner) is False or connection.scalar(declined) is not None
    if said_no and not wanted:
        raise DeskError(SAID_NO)


def agreed(connection: Connection, contact_id: int, partner: str) -> bool | None:
    """What the person decided last about this partner; None: nothing yet."""
    newest = select(Consent.given).where(
        Consent.contact_id == contact_id, Consent.purpose == "referral", Consent.about == partner)
    return connection.scalar(newest.order_by(Consent.id.desc()).limit(1))


def agreed_at(connection: Connection, referral: ReferralState) -> datetime:
    """When the person has said yes to this partner."""
    said = select(Consent.at).where(Consent.contact_id == referral.contact_id, Consent.purpose == "referral",
                                    Consent.about == referral.partner, Consent.given.is_(True))
    return connection.scalars(said.order_by(Consent.id.desc()).limit(1)).one()


# ------------------------------------------------------------------- one step on


def move(connection: Connection, referral: ReferralState, to: str, now: datetime, **more: Any) -> bool:
    """From where `referral` says it is; False where it is not there any more, or does not lead there. What goes out
    needs a yes to this partner that holds now. Raises DeskError where there is none."""
    if to not in NEXT[referral.state]:
        return False
    if to in ("consented", *GONE_OUT) and agreed(connection, referral.contact_id, referral.partner) is not True:
        raise DeskError(NOT_AGREED)
    where = (Referral.id == referral.id, Referral.contact_id == referral.contact_id, Referral.state == referral.state)
    moved = connection.execute(update(Referral).where(*where).values(state=to, changed_at=now, **more))
    return bool(moved.rowcount)


def set_state(
    connection: Connection, contact_id: int, referral_id: int, was: str, to: str, outcome: str, by: int,
    now: datetime,
) -> ReferralState | None:
    """What a counsellor notes, who saw it in the state `was`; as it was before, or None where nothing is different.
    Raises DeskError where it stands otherwise by now, or where nothing may go out."""
    found = get(connection, contact_id, referral_id)
    if found.state != was:
        raise DeskError(TAKEN_BACK if found.state == "withdrawn" else CHANGED)
    before, after = _as(found.state, found.outcome), _as(to, outcome)
    if before == after:
        return None
    if to != was and not (to in BY_STAFF and move(connection, found, to, now)):
        raise DeskError(CHANGED)
    if (found.outcome or "") != outcome:
        set_outcome(connection, found, outcome)
    changes.note(connection, contact_id, f"{REFERRAL}{found.key}", before, after, now, by)
    return found


def _as(state: str, outcome: str | None) -> dict[str, str]:
    return {"state": state, **({"outcome": outcome} if outcome else {})}


def undo(connection: Connection, contact_id: int, key: str, now: datetime) -> None:
    """The person has gone back to the question: their yes holds no more, as long as nothing has gone out."""
    connection.execute(
        update(Referral).where(Referral.contact_id == contact_id, Referral.key == key, Referral.state == "consented")
        .values(state="proposed", changed_at=now))


def take_back(connection: Connection, contact_id: int, key: str) -> None:
    """The person has gone back before the question: it was never asked."""
    connection.execute(delete(Referral).where(
        Referral.contact_id == contact_id, Referral.key == key, Referral.state == "proposed"))


def end_with(connection: Connection, contact_id: int, partner: str, now: datetime) -> list[tuple[str, str]]:
    """End what is open with a partner; key and state of each as it was."""
    open_ones = (Referral.contact_id == contact_id, Referral.partner == partner, Referral.state.in_(OPEN))
    found = [(row.key, row.state) for row in connection.execute(select(Referral.key, Referral.state).where(*open_ones))]
    connection.execute(update(Referral).where(*open_ones).values(state="withdrawn", changed_at=now))
    return found


def partners_with(connection: Connection, contact_id: int) -> list[str]:
    """The partners with whom something is open."""
    return list(connection.execute(
        select(Referral.partner).where(Referral.contact_id == contact_id, Referral.state.in_(OPEN))
        .order_by(Referral.id)
    ).scalars())


def set_outcome(connection: Connection, referral: ReferralState, outcome: str) -> None:
    """What has come of it, in words."""
    row = keys.sealed(connection, Referral, {
        "contact_id": referral.contact_id, "key": referral.key, "outcome": outcome or None})
    connection.execute(update(Referral).where(Referral.id == referral.id).values(outcome=row["outcome"]))


def set_helped(connection: Connection, contact_id: int, key: str, helped: str) -> None:
    """What the person says of it."""
    connection.execute(update(Referral).where(Referral.contact_id == contact_id, Referral.key == key)
                       .values(helped=helped))


# ------------------------------------------------------------------- what goes out


def to_print(connection: Connection, contact_id: int, referral_id: int) -> ReferralState:
    """What may be written to the partner: only with a yes that holds now. Raises DeskError otherwise."""
    found = get(connection, contact_id, referral_id)
    if found.state == "withdrawn":
        raise DeskError(TAKEN_BACK)
    if found.state not in ("consented", *GONE_OUT) or not found.sends:
        raise DeskError(NOT_AGREED)
    if agreed(connection, contact_id, found.partner) is not True:
        raise DeskError(NOT_AGREED)
    return found


def of_partner(connection: Connection, partner: str, states: Collection[str] = WAITING) -> list[ReferralState]:
    """What is open with a partner, of everybody: the oldest first."""
    wanted = select(*_COLUMNS).where(Referral.partner == partner, Referral.state.in_(list(states)))
    return [_state(row) for row in connection.execute(wanted.order_by(Referral.id))]
