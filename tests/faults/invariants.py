"""What must be true after any number of deaths. Each of these says what was lost; an empty list is what we promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from storage.tables import Address, Message, Reminder, Run, Task
from tests.faults.campaign import Break, Campaign
from tests.faults.databases import Database
from tests.faults.people import ANSWERS, Talker


@dataclass
class Kept:
    """What the database holds of one person."""

    came: list[tuple[str, str]] = field(default_factory=list)
    """Kind and text of what they sent."""
    went: list[tuple[str, str]] = field(default_factory=list)
    """Author and text of what was to be sent to them."""
    states: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    reminder: tuple[str, int] | None = None
    open_runs: int = 0


async def lost(campaign: Campaign) -> list[str]:
    """Everything that was lost, doubled or out of place."""
    database = campaign.bot.database
    kept = await everything_kept(database, campaign)
    losses = await outbox_not_empty(database) + await failed_tasks(database)
    losses += talks_of_one_kind([kept[one.number] for one in campaign.talkers], campaign.talkers)
    for talker in campaign.talkers:
        losses += of_one(talker, kept[talker.number], campaign)
    return losses


def of_one(talker: Talker, kept: Kept, campaign: Campaign) -> list[str]:
    telegram, name = campaign.bot.telegram, f"person {talker.number}"
    shown = [one.text for one in talker.person.messages]
    times = telegram.arrivals[talker.number]
    found = [
        *not_finished(talker),
        *not_stored_once(talker.did, kept.came),
        *not_shown_in_order([text for _, text in kept.went], shown, times, campaign.bot.breaks),
        *not_sent(kept.states),
        *wrong_answers(kept.answers, talker.number),
        *not_reminded_once(kept),
        *counsellors_words_missing(talker.number, shown),
    ]
    return [f"{name}: {one}" for one in found]


# ------------------------------------------------------------------ of one person


def not_finished(talker: Talker) -> list[str]:
    return [] if talker.finished else [f"came only to message {talker.seen}: {talker.stuck[:300]}"]


def not_stored_once(did: Sequence[tuple[str, str]], came: Sequence[tuple[str, str]]) -> list[str]:
    """Every message that they sent has one row, in order."""
    return [] if list(did) == list(came) else [f"sent {did}, stored {came}"]


def not_shown_in_order(
    went: Sequence[str], shown: Sequence[str], times: Sequence[float], breaks: Iterable[Break]
) -> list[str]:
    """All that was to be sent was shown in order; again only what was on its way at a break, once for each."""
    found, at, left = [], 0, list(breaks)
    for number, text in enumerate(shown):
        if at < len(went) and text == went[at]:
            at += 1
        elif not at or text != went[at - 1]:
            found.append(f"message {number} was not due: {text[:60]!r}")
        elif not _explained(times[number - 1], times[number], left):
            found.append(f"shown again for no reason: {text[:60]!r}")
    return found + [f"never shown: {text[:60]!r}" for text in went[at:]]


def _explained(first: float, again: float, left: list[Break]) -> bool:
    """Whether a break lies between; each explains one repeat for one person."""
    for one in left:
        if first - one.late <= one.at <= again:
            left.remove(one)
            return True
    return False


def not_sent(states: Iterable[str]) -> list[str]:
    return [f"a message is {state}" for state in states if state != "sent"]


def wrong_answers(answers: dict[str, Any], number: int) -> list[str]:
    expected = ANSWERS | {"name": f"Person {number}"}
    wrong = {key: answers.get(key) for key, value in expected.items() if answers.get(key) != value}
    return [f"answers are not those given: {wrong}"] if wrong else []


def not_reminded_once(kept: Kept) -> list[str]:
    asked = sum("We have a short question" in text for _, text in kept.went)
    found = [] if asked == 1 else [f"reminded {asked} times"]
    return found if kept.reminder and kept.reminder[1] >= 1 else [*found, f"the reminder is {kept.reminder}"]


def counsellors_words_missing(number: int, shown: Sequence[str]) -> list[str]:
    words = [f"Good day {number}, {at}" for at in (1, 2)]
    return [f"never saw {one!r}" for one in words if not any(one in text for text in shown)]


# ------------------------------------------------------------------ of all together


async def shown_again(campaign: Campaign) -> int:
    """How many messages came twice."""
    kept = await everything_kept(campaign.bot.database, campaign)
    return sum(len(one.person.messages) - len(kept[one.number].went) for one in campaign.talkers)


async def outbox_not_empty(database: Database) -> list[str]:
    [[count]] = await database.rows(select(func.count()).where(Message.state == "queued"))
    return [f"{count} messages are still in the outbox"] if count else []


async def failed_tasks(database: Database) -> list[str]:
    rows = await database.rows(select(Task.kind, Task.about))
    return [f"a task for the staff: {kind}: {about}" for kind, about in rows]


def talks_of_one_kind(kept: Sequence[Kept], talkers: Sequence[Talker]) -> list[str]:
    """Everybody did the same, so everybody was told the same: no question skipped, none too many."""
    told = [[(author, text.replace(str(one.number), "#")) for author, text in each.went]
            for each, one in zip(kept, talkers, strict=True)]
    usual = max(told, key=told.count)
    return [f"person {one.number} was told something else: {_difference(usual, each)}"
            for each, one in zip(told, talkers, strict=True) if each != usual]


def _difference(usual: Sequence[Any], other: Sequence[Any]) -> str:
    at = next((at for at, (one, two) in enumerate(zip(usual, other, strict=False)) if one != two),
              min(len(usual), len(other)))
    return f"at {at}: {other[at:at + 1]} instead of {usual[at:at + 1]}"


# ------------------------------------------------------------------ reading


async def everything_kept(database: Database, campaign: Campaign) -> dict[int, Kept]:
    """By the number of the person, of those of this campaign."""
    numbers = {talker.number for talker in campaign.talkers}
    owners = {contact: int(address) for contact, address in await database.rows(
        select(Address.contact_id, Address.address)) if int(address) in numbers}
    kept: dict[int, Kept] = defaultdict(Kept)
    for contact, author, kind, text, state in await database.rows(
            select(Message.contact_id, Message.author, Message.kind, Message.text, Message.state)
            .where(Message.contact_id >= min(owners, default=0)).order_by(Message.id)):
        one = kept[owners[contact]]
        if author == "person":
            one.came.append((kind, text))
        else:
            one.went.append((author, text))
            one.states.append(state)
    for contact, answers in await database.rows(
            select(Run.contact_id, Run.answers)
            .where(Run.contact_id >= min(owners, default=0), Run.conversation == "intake").order_by(Run.id)):
        kept[owners[contact]].answers |= answers
    for contact, state, attempt in await database.rows(
            select(Reminder.contact_id, Reminder.state, Reminder.attempt)
            .where(Reminder.contact_id >= min(owners, default=0), Reminder.key == "fault")):
        kept[owners[contact]].reminder = (state, attempt)
    return kept
