"""What the bot promises (design, part 6), each as a function that looks at one step and fails where it is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from bot.receive import discreet, texts
from bot.receive.daily import ONCE
from bot.routing import asked_by, run_mark
from conversations.events import FromPerson, Media, Message, Stopped, Tap
from conversations.model import Ask, End
from conversations.my_data import MY_DATA
from conversations.register import seed
from conversations.safety import check
from conversations.understanding import intent
from storage.messages import PERHAPS
from tests.model.people import Person
from tests.model.record import Row, Snapshot, identity, moment, new_in, places_of
from tests.model.world import Arrival, Town, translators

LANGUAGES = ("en", "de", "sq", "sr", "sr_Cyrl")
CARDS = (
    texts.CARD, texts.CARD_FOR_A_TAP, texts.CARD_WATCHED, texts.CARD_CHILD, texts.CARD_EMERGENCY, texts.CARD_UNREAD,
    texts.TODAY, texts.TODAY_WATCHED,
)
IN_A_TALK = (
    *CARDS, *texts.LISTENING, texts.CARD_AGAIN, texts.MARKED_URGENT, texts.NOBODY_KNOWN, texts.TODAY_UNKNOWN,
    texts.STILL_WITH_TEAM, texts.UNKNOWN_HOURS, texts.IN_DANGER, texts.STOPPED,
)
"""What the bot may say while a counsellor has the chat: the safety card, and the talk's own notices."""
FORGOTTEN = next(step.text for step in MY_DATA.steps if isinstance(step, End) and step.id == "forgotten")
WITHOUT_QUESTION = (texts.STOPPED, FORGOTTEN, texts.LEFT_URGENT, texts.CLOSED_CARE, discreet.DONE)
"""After these nothing is asked; a person is still one tap away."""
PHONES = [seed().partners[line.partner] for line in seed().lines]
MOST_TRIES = 3
HALF_A_DAY = 12 * 3600 * 1_000_000
GIVEN_UP_AFTER = timedelta(days=3)


@dataclass
class Step:
    """One thing that happened, with what was stored before and after it."""

    town: Town
    people: Sequence[Person]
    before: Snapshot
    after: Snapshot
    what: str
    given: Sequence[FromPerson] = ()
    """What a platform handed over and the bot took, in order."""
    new: Sequence[FromPerson] = ()
    """Of it, what had not come before."""
    is_sweep: bool = False
    is_deploy: bool = False
    arrived: Sequence[Arrival] = ()
    deaths: int = 0

    @cached_property
    def written(self) -> list[Row]:
        """What the bot and the counsellors wrote in this step."""
        return [row for row in new_in(self.after.messages, self.before.messages) if row["author"] != "person"]

    def written_to(self, contact: int) -> list[Row]:
        return [row for row in self.written if row["contact_id"] == contact]

    def new_from(self, person: Person) -> list[FromPerson]:
        return [one for one in self.new if (one.channel, one.address) in person.places]

    def known(self) -> Iterator[tuple[Person, int]]:
        """Everybody whom the bot knows."""
        for person in self.people:
            contact = person.contact(self.after)
            if contact is not None:
                yield person, contact

    def is_forgotten(self, contact: int) -> bool:
        """The person had everything deleted in this step."""
        return any(says(row["text"], FORGOTTEN) for row in self.written_to(contact))


@dataclass
class Memory:
    """What the model knows of the time before a step."""

    taken: dict[int, list[str]] = field(default_factory=dict)
    """The keys of what was acknowledged, a contact each, in order."""
    tried: Counter[int] = field(default_factory=Counter)
    """How often a person was written to by ourselves since they last wrote."""
    wrote_on: set[tuple[int, date]] = field(default_factory=set)
    """On which day of whose we wrote by ourselves."""
    since: dict[int, int] = field(default_factory=dict)
    """Up to which arrival a forgotten person's messages do not count."""
    asked: set[int] = field(default_factory=set)
    """Who has done something since the last deploy."""
    replies: dict[str, tuple[int, str]] = field(default_factory=dict)
    """A counsellor's key -> for whom, and the words."""


Promise: TypeAlias = Callable[[Step, Memory], None]


@cache
def wordings(text: str) -> frozenset[str]:
    translator = translators(default="sq")
    return frozenset(translator.text(language, text) for language in LANGUAGES)


def says(text: str, *what: str) -> bool:
    """Whether a message says one of these, in some language."""
    return any(words in text for one in what for words in wordings(one))


def danger_in(event: FromPerson) -> str:
    """T1, T2, or nothing that needs somebody today."""
    if isinstance(event, Tap):
        return "T1" if event.data == "!danger" else ""
    if not isinstance(event, Message | Media):
        return ""
    found = check(event.text)
    if found is not None and found.tier != "T3":
        return found.tier
    return "T1" if isinstance(event, Message) and intent(event.text) == "danger" else ""


# ------------------------------------------------------------------------------ what comes in


def stored_once_and_in_order(step: Step, memory: Memory) -> None:
    """1. What a person sent is stored before it is acknowledged; a repeat changes nothing."""
    for person, contact in step.known():
        stored = [row["inbound_key"] for row in step.after.heard_from(contact)]
        expected = memory.taken.get(contact, [])
        if step.is_forgotten(contact):
            here = {one.key for one in step.given}
            assert set(stored) <= here, f"{person.name} was forgotten, and {set(stored) - here} is still stored"
            memory.taken[contact] = stored
            continue
        assert stored == expected, f"stored of {person.name}: {stored}, acknowledged: {expected}"


def a_repeat_changes_nothing(step: Step, memory: Memory) -> None:
    """1. A repeat changes nothing."""
    if step.given and not step.new:
        assert step.written == [], f"a repeat was answered: {[row['text'] for row in step.written]}"
        assert _state(step.before) == _state(step.after), "a repeat changed something"


def _state(snapshot: Snapshot) -> Any:
    """Without what the sending of earlier messages leads to."""
    tasks = [row for row in snapshot.tasks if row["kind"] != "failed"]
    return snapshot.runs, snapshot.tickets, snapshot.reminders, tasks


def nobody_else_is_touched(step: Step, memory: Memory) -> None:
    """What one person does changes nothing of another."""
    if not step.given:
        return
    here = {step.after.contact_of(one.channel, one.address) for one in step.given}
    for row in step.written:
        assert row["contact_id"] in here or _goes_elsewhere(step, row), f"somebody else was written to: {row['text']!r}"
    for key, run in step.before.runs.items():
        if run["contact_id"] not in here:
            assert step.after.runs.get(key) == run, "somebody else's run changed"
    for key, ticket in step.before.tickets.items():
        if ticket["contact_id"] not in here:
            assert step.after.tickets.get(key) == ticket, "somebody else's ticket changed"


def _goes_elsewhere(step: Step, row: Row) -> bool:
    """Whether it could not arrive in one app of this person, and is now queued for another."""
    return any(one["contact_id"] == row["contact_id"] and one["state"] == "failed" and one["text"] == row["text"]
               and (one["channel"], one["address"]) != (row["channel"], row["address"])
               for one in step.after.messages)


def nothing_is_set_aside(step: Step, memory: Memory) -> None:
    """No event is such that the bot cannot handle it."""
    for row in step.written:
        assert not says(row["text"], texts.OUR_FAULT), f"could not be handled: {step.what}"


def answers_were_asked_for(step: Step, memory: Memory) -> None:
    """2. and 3. Nobody is asked the wrong question: what is stored answers the one that was shown."""
    for person, contact in step.known():
        if len(step.new_from(person)) != 1 or len([one for one in step.given if (one.channel, one.address)
                                                   in person.places]) != 1:
            continue
        for key, run in step.after.runs.items():
            old = step.before.runs.get(key)
            if run["contact_id"] == contact and old is not None and old["started_at"] == run["started_at"]:
                _only_what_was_awaited(step, old, run)


def _tapped(step: Step) -> frozenset[str]:
    """The questions whose buttons were tapped: after an alarm none is open, and a button still says what it answers."""
    return frozenset(asked_by(one.data) for one in step.given if isinstance(one, Tap))


def _only_what_was_awaited(step: Step, old: Row, run: Row) -> None:
    conversation = step.town.conversations.get(run["conversation"])
    renamed = conversation.renamed if conversation is not None else {}
    known = {_new_name(path, renamed): value for path, value in old["answers"].items()}
    stored = {_new_name(path, renamed): value for path, value in run["answers"].items() if path[0] != "@"}
    changed = [path for path, value in stored.items() if known.get(path, ...) != value]
    awaited = _new_name(old["awaiting"] or "", renamed)
    for path in changed:
        tapped = not awaited and path in _tapped(step)
        assert tapped or path == awaited or path.startswith(awaited.removesuffix("?") + "/"), (
            f"{run['conversation']}: {path} was answered while {awaited!r} was asked")


def _new_name(path: str, renamed: Any) -> str:
    top, slash, rest = path.partition("/")
    return f"{renamed.get(top, top)}{slash}{rest}"


# ------------------------------------------------------------------------------ what goes out


def every_message_has_its_fate(step: Step, memory: Memory) -> None:
    """2. Kill the process anywhere: no word is lost. It is sent, or failed for a reason that we know, or has a time."""
    arrived = {(one.channel, one.address, one.id, one.message.text) for one in step.town.arrived}
    waiting: set[tuple[str, str]] = set()
    for row in step.after.messages:
        if row["author"] == "person":
            continue
        line = row["channel"], row["address"]
        match row["state"]:
            case "sent":
                assert (*line, row["id"], row["text"]) in arrived, f"noted as sent, never arrived: {row['text']!r}"
            case "failed":
                why = row["error"].removeprefix(f"{PERHAPS}: ")
                assert why == row["error"] or row["id"] in step.town.unanswered, f"no doubt, but {row['error']!r}"
                expected = why in step.town.refused[line] or _was_given_up(step, row)
                assert expected or _was_stopped(step, row, why) or _was_overtaken(step, row, why), (
                    f"failed because of {row['error']!r}: {row['text']!r}")
            case _:
                assert row["attempts"] or line in waiting, f"nobody sends this: {row['text']!r}"
                waiting.add(line)


def _was_given_up(step: Step, row: Row) -> bool:
    """It was tried for days."""
    return bool(row["attempts"]) and step.town.clock.now() - moment(row["at"]) > GIVEN_UP_AFTER


def _was_stopped(step: Step, row: Row, why: str) -> bool:
    """We would have written by ourselves, and they do not want that any more."""
    return bool(why == "stopped" and row["lane"] == 1
                and step.after.contacts[row["contact_id"]]["stopped_at"])


def _was_overtaken(step: Step, row: Row, why: str) -> bool:
    """An old question that waited for long, and a newer one follows it: two menus at once help nobody."""
    return why == "superseded" and row["author"] == "bot" and any(
        later["id"] > row["id"] and _asks(later) for later in step.after.said_to(row["contact_id"])
        if (later["channel"], later["address"]) == (row["channel"], row["address"]))


def _asks(row: Row) -> bool:
    return any(data[0] != "!" for _label, data, _kind in row["content"]["buttons"])


def arrives_in_order(step: Step, memory: Memory) -> None:
    """6. of the way of a message: deliver sends per contact in order."""
    kept = {(row["channel"], row["address"], row["id"]) for row in step.after.messages}
    newest: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str, int]] = set()
    for at, one in enumerate(step.town.arrived):
        line = one.channel, one.address
        contact = step.after.contact_of(*line)
        if at < memory.since.get(contact or 0, 0) or (*line, one.id) in seen or (*line, one.id) not in kept:
            continue
        assert one.id > newest.get(line, 0), f"arrived too late: {one.message.text!r}"
        newest[line] = one.id
        seen.add((*line, one.id))


def repeats_only_what_was_under_way(step: Step, memory: Memory) -> None:
    """2. A message that was being sent when the process died is sent again, and nothing else is."""
    count = Counter((one.channel, one.address, one.id, one.message.text) for one in step.town.arrived)
    for (channel, address, key, text), times in count.items():
        assert times <= 1 + step.town.excused[channel, address, key], f"arrived {times} times: {text!r}"


def one_repeat_a_death(step: Step, memory: Memory) -> None:
    """2. At most one message of a person is sent again because of a death."""
    for line, ids in step.town.repeats_at_deaths:
        assert len(ids) <= 1, f"{len(ids)} messages to {line} had arrived and were not noted at a death"


# ------------------------------------------------------------------------------ people who talk


def one_open_ticket(step: Step, memory: Memory) -> None:
    """4. A person has one talk at a time."""
    owners = Counter(row["contact_id"] for row in step.after.tickets.values() if row["state"] != "closed")
    assert not owners or max(owners.values()) == 1


def silent_while_a_human_talks(step: Step, memory: Memory) -> None:
    """4. While a human talks the bot is silent."""
    for person, contact in step.known():
        before, after = step.before.ticket(contact), step.after.ticket(contact)
        if before is None or after is None or before["id"] != after["id"] or step.is_forgotten(contact):
            continue
        if before["reopened_at"] != after["reopened_at"]:  # left, and asked for again: between them nobody talked
            continue
        for row in step.written_to(contact):
            if row["author"] == "bot":
                wrong = [part for part in row["text"].split("\n\n") if not _may_be_said(part)]
                assert not wrong, f"said to {person.name} in a talk: {wrong}"


def _may_be_said(part: str) -> bool:
    is_a_phone = any(partner.phone in part for partner in PHONES)
    return is_a_phone or any(part in words for one in IN_A_TALK for words in wordings(one))


def goes_on_after_a_talk(step: Step, memory: Memory) -> None:
    """4. When they close, the bot goes on at the same question."""
    for person, contact in step.known():
        before, after = step.before.ticket(contact), step.after.ticket(contact)
        ended = before is not None and after is None
        if ended and step.after.reachable(contact) and step.before.reachable(contact):
            said = [row for row in step.written_to(contact) if row["author"] == "bot"]
            assert said, f"the talk of {person.name} ended, and nothing was said"


def a_word_arrives_once(step: Step, memory: Memory) -> None:
    """2. No counsellor's word is lost, and a button pressed twice is one word."""
    stored = Counter((row["inbound_key"], row["text"]) for row in step.after.messages if row["author"] == "counsellor")
    for key, (_contact, words) in memory.replies.items():
        assert stored[f"staff-{key}", words] == 1, f"a counsellor's word is lost: {words!r}"
    words_stored = Counter(text for _key, text in stored.elements())
    assert max(words_stored.values(), default=0) <= 1, f"a counsellor's word is there twice: {words_stored}"


def a_word_goes_to_its_person(step: Step, memory: Memory) -> None:
    """7. and 9. A counsellor's word reaches the person whose chat was on the page."""
    for row in step.after.messages:
        if row["author"] == "counsellor":
            contact, words = memory.replies.get(row["inbound_key"].removeprefix("staff-"), (row["contact_id"], ""))
            assert row["contact_id"] == contact, f"for {contact}, and went to {row['contact_id']}: {words!r}"


def danger_leads_to_a_person(step: Step, memory: Memory) -> None:
    """5. The safety gate runs before everything, in every language, and fails towards a human."""
    for person, contact in step.known():
        new = step.new_from(person)
        found = {danger_in(one) for one in new} - {""}
        if not found or step.is_forgotten(contact):
            continue
        tickets = [row for row in step.after.tickets.values()
                   if row["contact_id"] == contact and (row["urgent"] or "T1" not in found)]
        assert tickets, f"nobody looks after {person.name}"
        if danger_in(new[-1]):
            assert any(row["state"] != "closed" for row in tickets), f"the ticket of {person.name} is closed"
        with_a_human = step.before.ticket(contact) is not None and any(row["counsellor_id"] for row in tickets)
        assert _was_told_of_112(step, contact, tickets[-1]) or (with_a_human and "T1" not in found), (
            f"{person.name} was not told of 112")


def _was_told_of_112(step: Step, contact: int, ticket: Row) -> bool:
    """In this talk, and not longer ago than half a day."""
    since = max(ticket["opened_at"], max(row["at"] for row in step.after.heard_from(contact)) - HALF_A_DAY)
    return any(row["at"] >= since and row["content"]["style"] == "card" and says(row["text"], *CARDS, texts.CARD_AGAIN)
               for row in step.after.said_to(contact))


# ------------------------------------------------------------------------------ a way on


def everybody_has_a_way_on(step: Step, memory: Memory) -> None:
    """3. A deploy leaves everybody with a question that makes sense; 4. a human in one tap, everywhere."""
    for person, contact in step.known():
        rows = step.after.said_to(contact)
        if step.after.ticket(contact) or not step.after.reachable(contact) or contact not in memory.asked or not rows:
            continue
        last = max(rows, key=lambda row: row["id"])
        if last["state"] != "sent":
            continue
        buttons = [data for _label, data, _kind in last["content"]["buttons"]]
        assert "!human" in buttons and "!danger" in buttons, f"no way to a person for {person.name}: {last['text']!r}"
        if not says(last["text"], *WITHOUT_QUESTION):
            _asks_what_is_awaited(step, person, contact, last)


def _asks_what_is_awaited(step: Step, person: Person, contact: int, last: Row) -> None:
    run = step.after.current(contact)
    assert run is not None and run["awaiting"], f"nothing is asked of {person.name} after {last['text']!r}"
    asked = f"{run_mark(run['id'])}:{run['awaiting']}"
    own = [data for _label, data, _kind in last["content"]["buttons"] if data[0] != "!"]
    wrong = [data for data in own if not data.startswith((f"{asked}:", f"{asked}!"))]
    assert not wrong, f"{person.name} is asked {asked}, and sees {wrong}"
    if not own:
        conversation = step.town.conversations[run["conversation"]]
        assert isinstance(conversation.find(run["awaiting"]), Ask), f"{person.name} sees no button for {asked}"


# ------------------------------------------------------------------------------ reminders


def reminders_respect_the_person(step: Step, memory: Memory) -> None:
    """8. Reminders respect the person's time zone and quiet hours, and stop when asked to."""
    for row in step.written:
        if row["lane"] == 0:
            continue
        assert step.is_sweep, f"a reminder without the clock: {row['text']!r}"
        contact = step.before.contacts[row["contact_id"]]
        assert contact["stopped_at"] is None, "a reminder to somebody who said stop"
        assert (contact["paused_until"] or 0) <= row["at"], "a reminder in a pause"
        assert step.before.ticket(contact["id"]) is None, "a reminder in a talk"
        assert step.before.reachable(contact["id"]), "a reminder to somebody who is gone"
        _in_the_day(row["at"], contact)


def _in_the_day(at: int, contact: Row) -> None:
    hour = moment(at).astimezone(ZoneInfo(contact["time_zone"])).hour
    assert 9 <= hour < 19, f"a reminder at {hour} o'clock"


def reminders_arrive_in_the_day(step: Step, memory: Memory) -> None:
    """8. Quiet hours also hold for what could not be sent at once."""
    lanes = {(row["channel"], row["address"], row["id"]): row for row in step.after.messages if row["lane"] == 1}
    for one in step.arrived:
        row = lanes.get((one.channel, one.address, one.id))
        if row is not None and row["text"] == one.message.text:
            hour = one.at.astimezone(ZoneInfo(step.after.contacts[row["contact_id"]]["time_zone"])).hour
            assert 9 <= hour < 19, f"a reminder arrived at {hour} o'clock: {row['text']!r}"


def reminders_try_twice(step: Step, memory: Memory) -> None:
    """8. Reminders stop on any answer, and end with a counsellor, never in silence."""
    for person, contact in step.known():
        if step.new_from(person):
            memory.tried[contact] = 0
        before = [row for row in step.before.reminders.values() if row["contact_id"] == contact]
        if not any(row["state"] == "waiting" and row["attempt"] for row in before):
            memory.tried[contact] = 0
        texts_of = [row["text"] for row in step.written_to(contact) if row["lane"] == 1]
        assert len(set(texts_of)) == len(texts_of), f"{person.name} was reminded twice at once"
        memory.tried[contact] += any(_is_tried_again(step, row) for row in step.after.reminders.values()
                                     if row["contact_id"] == contact)
        assert memory.tried[contact] <= MOST_TRIES, f"{person.name} was reminded {memory.tried[contact]} times"


def _is_tried_again(step: Step, row: Row) -> bool:
    """Whether this reminder was sent just now, and is one of those that are sent again; an announcement is not."""
    old = step.before.reminders.get(row["id"])
    return row["opens"] not in ONCE and row["attempt"] > (old["attempt"] if old else 0)


def one_a_day(step: Step, memory: Memory) -> None:
    """8. Nobody gets two messages of ours on one day."""
    wrote = {(row["contact_id"], row["at"]) for row in step.written if row["lane"] == 1}
    for contact, at in wrote:
        day = moment(at).astimezone(ZoneInfo(step.before.contacts[contact]["time_zone"])).date()
        assert (contact, day) not in memory.wrote_on, f"a second message of ours on {day}"
        memory.wrote_on.add((contact, day))


def reminders_end(step: Step, memory: Memory) -> None:
    """8. ... end with a counsellor, never in silence."""
    now = step.town.clock.now()
    tasks = {(row["contact_id"], row["key"]) for row in step.after.tasks}
    for row in step.after.reminders.values():
        assert row["state"] in ("waiting", "answered", "cancelled", "unanswered", "unreachable")
        assert 0 <= row["attempt"] <= MOST_TRIES
        if row["state"] in ("unanswered", "unreachable"):
            assert (row["contact_id"], f"silent:{row['key']}") in tasks, "a reminder ended in silence"
        if step.is_sweep and not step.town.faults.refused and not step.deaths:
            assert row["state"] != "waiting" or moment(row["due_at"]) > now, "what is due is left lying"


# ------------------------------------------------------------------------------ forgetting


def forgets(step: Step, memory: Memory) -> None:
    """7. A person can see, take and delete what is kept about them, in the chat."""
    for person, contact in step.known():
        if step.is_forgotten(contact):
            found = places_of(step.town.view, person.mark)
            assert not found, f"{person.name} had everything deleted, and it is still in {found}"
            memory.since[contact] = len(step.town.arrived)
            person.forgotten += 1
            person.spoken.clear()


def note_the_step(step: Step, memory: Memory) -> None:
    """Not a promise: what later steps are compared with."""
    if step.is_deploy:
        memory.asked.clear()
    for person, contact in step.known():
        gone = [one for one in step.new_from(person) if isinstance(one, Stopped)]
        if step.new_from(person) and not gone:
            memory.asked.add(contact)
        if step.is_forgotten(contact):
            memory.replies = {key: one for key, one in memory.replies.items() if one[0] != contact}


PROMISES: tuple[Promise, ...] = (
    stored_once_and_in_order, a_repeat_changes_nothing, nobody_else_is_touched, nothing_is_set_aside,
    answers_were_asked_for, every_message_has_its_fate, arrives_in_order, repeats_only_what_was_under_way,
    one_repeat_a_death, one_open_ticket, silent_while_a_human_talks, goes_on_after_a_talk, a_word_arrives_once,
    danger_leads_to_a_person, everybody_has_a_way_on, reminders_respect_the_person, reminders_arrive_in_the_day,
    reminders_try_twice, one_a_day, reminders_end, forgets, a_word_goes_to_its_person,
)
__all__ = ["PROMISES", "Memory", "Step", "identity", "note_the_step"]
