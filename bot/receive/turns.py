"""From a route to what is said and stored. Everything here works on what was loaded; the caller commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from bot.channels.base import Limits, OutgoingMessage
from bot.hours import OfficeHours
from bot.receive import (
    alarm,
    answering,
    asking,
    asking_less,
    back_again,
    commands,
    discreet,
    effects,
    form,
    given,
    kept,
    one_phone,
    own_words,
    proposals,
    reachable,
    showing,
    talk,
    texts,
)
from bot.receive.visit import Visit
from bot.render import Knowledge, Reader, finish
from bot.routing import (
    Alarm,
    Answer,
    Begin,
    Command,
    Distress,
    Gone,
    Ignore,
    Route,
    StepAnswer,
    Switch,
    ToCounsellor,
    run_mark,
)
from bot.settings import Settings
from bot.translate import Translator
from conversations import DISTRESS_NAME as DISTRESS
from conversations import FIRST, HOME
from conversations import OTHER_LANGUAGE_NAME as OTHER_LANGUAGE
from conversations import RATING_NAME as RATING
from conversations import WELLBEING_NAME as WELLBEING
from conversations import WHO_NAME as WHO
from conversations.engine import (
    Action,
    Back,
    Opened,
    Progress,
    Resumed,
    Said,
    Turn,
    advance,
)
from conversations.events import FromPerson
from conversations.marking import mark as _
from conversations.model import Conversation
from conversations.understanding.kindness import kindness
from storage.messages import REMINDER, REPLY
from storage.runs import RunState

MOST_IN_A_ROW = 8
"""How many conversations one event may open one after the other."""
AREA_OF = {"employment": "employment", "migration": "migration", "reintegration": "reintegration",
           "psychosocial": "psychosocial", DISTRESS: "psychosocial", WELLBEING: "psychosocial"}
"""What a conversation is about, for the counsellor who is asked for in it."""
WROTE_AGAIN = _("Wrote again after the talk was closed")


@dataclass(frozen=True, slots=True)
class Turns:
    translator: Translator
    knowledge: Knowledge
    settings: Settings
    hours: OfficeHours
    limits: Mapping[str, Limits]
    titles: Mapping[str, str]
    conversations: Mapping[str, Conversation]
    door: Callable[[str], str] = lambda _channel: ""
    """The address that opens our chat on a channel; empty where none can be told."""
    speaks: Callable[[str], bool] = lambda _language: False
    """Whether a text in this language can be read aloud."""
    first: str = FIRST
    home: str = HOME

    # ------------------------------------------------------------------ one event

    def take(self, visit: Visit, event: FromPerson, route: Route, unasked: bool = False) -> None:
        """Everything that one event of a person leads to. `unasked`: it is late, they do not wait for it any more."""
        visit.channel, visit.address, visit.limits = event.channel, event.address, self.limits[event.channel]
        visit.forgotten = False
        route = one_phone.counts_as(visit, event, route)
        if visit.person.died_at is not None:
            back_again.from_the_phone(visit)
            return
        if (words := back_again.only_kind(visit, event, route)) is not None:
            self.say(visit, words)
            self.speak(visit, unasked=unasked)
            return
        if not isinstance(route, Gone):
            reachable.is_back(self, visit, route)
        if visit.is_nobody:
            one_phone.take(self, visit, event, route)
        elif form.is_open(visit):
            form.take(self, visit, event, route)
        else:
            self.follow(visit, event, route)
        self.speak(visit, unasked=unasked)

    def follow(self, visit: Visit, event: FromPerson, route: Route) -> None:
        match route:
            case Alarm(danger=danger):
                alarm.alarm(self, visit, danger, event)
            case Distress():
                alarm.distress(self, visit, event, route)
            case ToCounsellor():
                self.to_counsellor(visit)
            case Command(name=name):
                commands.carry_out(self, visit, name)
            case StepAnswer():
                proposals.answer(self, visit, route)
            case Switch(language=language):
                commands.switch(self, visit, language)
            case Answer(action=action, run=run):
                answering.take(self, visit, event, action, run)
            case Begin():
                self.begin(visit)
            case Gone():
                reachable.gone(visit)
            case Ignore():
                pass

    def speak(self, visit: Visit, lane: int = REPLY, unasked: bool = False) -> None:
        """Put what is to be said into the outbox. `unasked`: we begin, the person does not wait for it."""
        if visit.hidden:
            visit.said = discreet.hidden(visit, self.translator)
        begins = (unasked or lane == REMINDER) and not visit.is_nobody
        mode = discreet.mode_of(visit) if visit.said and begins else None
        reader = self.reader(visit, neutral=visit.hidden or mode is not None or visit.is_nobody)
        visit.hidden = False
        menu = visit.current is not None and visit.current.conversation not in (self.first, self.home, WHO)
        has_ticket = visit.ticket is not None
        if visit.said:
            in_talk = has_ticket and not form.is_open(visit)
            done = visit.is_shared and not visit.is_nobody
            said = finish(visit.said, reader, self.translator, in_talk, menu and not has_ticket, done)
            visit.queue(discreet.veiled(said, mode, visit.person.language, self.translator), lane)
            visit.said.clear()

    def say(self, visit: Visit, text: str, style: Literal["plain", "card"] = "plain", **args: str) -> None:
        visit.said.append(OutgoingMessage(self.translator.text(visit.person.language, text, **args), style=style))

    # ------------------------------------------------------------------- the routes

    def begin(self, visit: Visit) -> None:
        if visit.current is not None:
            self.resume(visit, greet=False)
        else:
            self.open(visit, self.beginning(visit))

    def beginning(self, visit: Visit) -> str:
        """Where somebody is of whom nothing is open."""
        if visit.is_nobody:
            return WHO
        return self.home if "keep" in visit.person.consents else self.first

    def to_counsellor(self, visit: Visit) -> None:
        assert visit.ticket is not None
        visit.ticket.unread += 1
        visit.ticket.changed = True
        visit.news |= {"queue", f"contact:{visit.id}"}

    def area(self, visit: Visit) -> str:
        """What the person is busy with."""
        names = [run.conversation for run in reversed(visit.runs)]
        return next((AREA_OF[name] for name in names if name in AREA_OF), "general")

    def asked(self, run: RunState) -> Any:
        conversation = self.conversations.get(run.conversation)
        return conversation.find(run.awaiting) if conversation is not None and run.awaiting else None

    def answer(self, visit: Visit, action: Action) -> None:
        """To the question that is open now; what the bot opened for somebody's own words is left by going back."""
        run = visit.current
        assert run is not None
        if isinstance(action, Back) and run.conversation in own_words.OPENED_FOR_WORDS:
            visit.end(run)
            self.resume(visit, greet=False)
        else:
            self.turn(visit, run, action)

    def next_opening(self, visit: Visit) -> str:
        """When somebody reads again, in the person's language."""
        opening = self.hours.next_opening(visit.now)
        return self.translator.moment(visit.person.language, opening) if opening else ""

    # ----------------------------------------------------------------------- runs

    def open(self, visit: Visit, name: str, depth: int = 0, begun: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Begin a conversation, with answers that are there already, or take it up where it keeps its place."""
        conversation = self.conversations[name]
        known = next((run for run in visit.runs if run.conversation == name), None)
        if known is not None and conversation.keeps:
            visit.touch(known)
            self.turn(visit, known, Resumed(), depth)
            return
        if known is not None:
            visit.end(known)
        answers = {path: value for path, value in visit.person.known.items() if kept.is_remembered(conversation, path)}
        answers |= begun
        run = visit.add_run(name, answers)
        self.turn(visit, run, Opened(), depth)

    def resume(self, visit: Visit, greet: bool = True, depth: int = 0) -> None:
        """Back to the question that is open; where none is, to the menu."""
        run = visit.current
        while run is not None and (run.conversation not in self.conversations or asking_less.is_settled(run)
                                   or asking.is_past(visit, run)):
            visit.end(run)
            run = visit.current
        if run is None:
            self.open(visit, self.beginning(visit), depth)
            return
        if greet and not visit.is_nobody and run.conversation != self.home:
            self.say(visit, texts.GO_ON)
        self.turn(visit, run, Resumed(), depth)

    def turn(self, visit: Visit, run: RunState, action: Action, depth: int = 0) -> None:
        """One step of one run, and whatever it opens."""
        conversation = self.conversations[run.conversation]
        before = Progress(run.answers, run.awaiting, run.misses, run.offered)
        turn = advance(conversation, before, action, self._given(visit, run), self._labels(visit))
        self._store(visit, run, conversation, turn)
        own_words.not_helped(self, visit, run, turn)
        proposals.by_another_day(self, visit, turn)
        register = self.knowledge.register
        area = self.area(visit)
        ticket = effects.apply(visit, run, conversation, turn, area, register, self.hours, self.translator)
        if conversation.name == RATING and turn.progress.misses > before.misses:
            if isinstance(action, Said) and (kind := kindness(action.text)) is not None:
                self.say(visit, texts.KIND_WORDS[kind])
            else:
                self._wrote_again(visit, run)
            return
        if isinstance(action, Said) and turn.progress.misses > before.misses and not visit.is_nobody and own_words.take(
                self, visit, run, action.text, turn.progress.misses):
            return
        visit.said += showing.shown(self, visit, run, turn.output)
        if turn.ended:
            visit.end(run)
        if ticket is not None:
            talk.hand_off(self, visit, ticket.area, ticket.reason, ticket.urgent, ticket.text)
            return
        if conversation.name == OTHER_LANGUAGE and turn.ended:
            own_words.asked_before(self, visit, run)
            return
        may_go_on = not visit.forgotten and not visit.hidden and visit.joins is None and visit.hands_to is None
        if turn.ended and may_go_on and depth < MOST_IN_A_ROW:
            self._after(visit, turn, depth + 1, conversation.name)

    def _wrote_again(self, visit: Visit, run: RunState) -> None:
        """Words instead of a rating: the person still has something to say to the counsellor."""
        visit.end(run)
        talk.hand_off(self, visit, self.area(visit), WROTE_AGAIN, goes_on=True)
        assert visit.ticket is not None
        visit.ticket.unread, visit.ticket.changed = max(visit.ticket.unread, 1), True

    def _after(self, visit: Visit, turn: Turn, depth: int, name: str) -> None:
        if turn.goes_to is not None:
            visit.end_passing(self.conversations)
            begun = {**turn.goes_with, **({"@again": True} if turn.goes_to == name else {})}
            self.open(visit, turn.goes_to, depth, begun)
        elif visit.ticket is None:
            self.resume(visit, greet=visit.current is not None and visit.current.conversation != self.home, depth=depth)

    def _store(self, visit: Visit, run: RunState, conversation: Conversation, turn: Turn) -> None:
        known = visit.person.known
        effects.remember(visit, conversation, run.answers, turn.progress.answers)
        asking.moved(visit, known, self.settings.time_zone)
        run.answers, run.awaiting = turn.progress.answers, turn.progress.awaiting
        run.misses, run.offered, run.changed = turn.progress.misses, turn.progress.offered, True

    # ------------------------------------------------------- what a turn is given

    def reader(self, visit: Visit, run: RunState | None = None, neutral: bool = False) -> Reader:
        mark = run_mark(run.id) if run is not None else ""
        language = visit.person.language
        return Reader(language, visit.limits, mark, visit.today, neutral, self.speaks(language))

    def _labels(self, visit: Visit) -> Any:
        language = visit.person.language
        return lambda text: self.translator.wordings(language, text)

    def _given(self, visit: Visit, run: RunState) -> dict[str, Any]:
        register = self.knowledge.register
        return given.to_turn(visit, run, self.translator, self.settings, register, self.titles, self.conversations)

    def tap_label(self, visit: Visit, data: str) -> str:
        """The words on the button that was tapped."""
        return given.tap_label(visit, data, self.translator, self.knowledge.register, self.conversations)
