"""From a route to what is said and stored. Everything here works on what was loaded; the caller commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal

from bot.channels.base import Limits, OutgoingMessage
from bot.hours import OfficeHours
from bot.receive import (
    alarm,
    asking,
    asking_less,
    back_again,
    discreet,
    effects,
    fact_forms,
    form,
    given,
    kept,
    linking,
    one_phone,
    own_words,
    plan_steps,
    plan_view,
    proposals,
    talk,
    texts,
)
from bot.receive.visit import Visit
from bot.receive.when import allowed_for
from bot.render import Knowledge, Reader, finish, render
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
    asked_by,
    run_mark,
)
from bot.settings import Settings
from bot.translate import Translator
from conversations import ASKING_NAME as ASKING
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations import DISTRESS_NAME as DISTRESS
from conversations import FIRST, HOME
from conversations import LEAVING_NAME as LEAVING
from conversations import NEWS_NAME as NEWS
from conversations import OTHER_LANGUAGE_NAME as OTHER_LANGUAGE
from conversations import RATING_NAME as RATING
from conversations import WELLBEING_NAME as WELLBEING
from conversations import WHO_NAME as WHO
from conversations.answer import ASKED, NONE, WHICH
from conversations.asking import WISH
from conversations.engine import (
    Action,
    Back,
    FactCard,
    Opened,
    Output,
    Picked,
    Progress,
    Record,
    Resumed,
    Said,
    Sent,
    Skip,
    Suggestions,
    Turn,
    advance,
)
from conversations.events import FromPerson, Media, Tap
from conversations.languages import LANGUAGE, ROMANI
from conversations.marking import mark as _
from conversations.model import Choose, Conversation
from conversations.register import Certainty
from conversations.understanding.kindness import kindness
from storage import contacts, messages, reminders, tickets, told
from storage.messages import REMINDER, REPLY
from storage.runs import RunState

BEFORE_CONSENT = frozenset({"language", "help"})
"""What can be opened before a person was told what this is, and asked what we may keep."""
NO_HELP = frozenset({"no", NONE})
"""What somebody says where our answer was none."""
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
            self._is_back(visit, route)
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
                self.command(visit, name)
            case StepAnswer():
                proposals.answer(self, visit, route)
            case Switch(language=language):
                self._switch(visit, language)
            case Answer(action=action, run=run):
                self._answer(visit, event, action, run)
            case Begin():
                self._begin(visit)
            case Gone():
                self._gone(visit)
            case Ignore():
                pass

    def _is_back(self, visit: Visit, route: Route) -> None:
        """Whoever writes can be reached, and is asked again how it goes if they agree to it."""
        if visit.person.stopped_at is not None and not self._says_goodbye(visit, route):
            visit.person.stopped_at, visit.person.changed = None, True
            is_at_home = visit.current is None or visit.current.conversation == self.home
            if back_again.came_back(visit) and is_at_home and not isinstance(route, ToCounsellor):
                self.say(visit, texts.WELCOME_BACK)
        if (visit.channel, visit.address) in visit.blocked:
            contacts.set_blocked(visit.connection, visit.channel, visit.address, None)
            visit.blocked.discard((visit.channel, visit.address))
            reminders.reachable_again(visit.connection, visit.id, allowed_for(visit, timedelta(days=1)))

    def _says_goodbye(self, visit: Visit, route: Route) -> bool:
        """Who answers our question why they leave is not back by that."""
        run = visit.current
        return isinstance(route, Answer) and run is not None and run.conversation == LEAVING

    def _gone(self, visit: Visit) -> None:
        contacts.set_blocked(visit.connection, visit.channel, visit.address, visit.now)
        messages.fail_all(visit.connection, visit.id, visit.channel, visit.address, "blocked")
        visit.blocked.add((visit.channel, visit.address))
        visit.withdrawn |= {REPLY, REMINDER}
        visit.news.add(f"contact:{visit.id}")

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

    def _begin(self, visit: Visit) -> None:
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

    def command(self, visit: Visit, name: str) -> None:
        wish, _, about = name.partition(":")
        if wish in fact_forms.FORMS:
            fact_forms.give(self, visit, wish, about)
            return
        match name:
            case "human":
                talk.wanted(self, visit)
            case "stop":
                self.ask_otherwise(visit, "stop")
            case "leave":
                talk.leave(self, visit)
            case "hide":
                discreet.hide(visit)
            case one_phone.DONE:
                one_phone.done(visit)
            case "thanks" | "greeting" if visit.current is not None and visit.current.conversation == RATING:
                self.say(visit, texts.KIND_WORDS[name])
            case LANGUAGE.name if self._is_asked_which(visit):
                self.resume(visit, greet=False)
            case _ if name in self.conversations and ("keep" in visit.person.consents or name in BEFORE_CONSENT):
                self.open(visit, name)
            case _:
                self.resume(visit, greet=False)

    def ask_otherwise(self, visit: Visit, wish: str) -> None:
        """Done at once, said, and offered to be taken back. Where a counsellor has the chat it is only said."""
        before = asking_less.carry_out(visit, wish, {})
        if visit.ticket is None and "keep" in visit.person.consents:
            self.open(visit, ASKING, begun={WISH: wish, **before})
        else:
            self.say(visit, texts.STOPPED)

    def area(self, visit: Visit) -> str:
        """What the person is busy with."""
        names = [run.conversation for run in reversed(visit.runs)]
        return next((AREA_OF[name] for name in names if name in AREA_OF), "general")

    def _switch(self, visit: Visit, language: str) -> None:
        if language not in self.translator.languages and language != ROMANI:
            self.resume(visit, greet=False)
            return
        run = visit.current
        if run is not None and self._is_asked_which(visit):
            self.turn(visit, run, Picked(run.awaiting or "", language))
            return
        if language == ROMANI:
            self.open(visit, LANGUAGE.name, begun={LANGUAGE.steps[0].id: language})
            return
        effects.set_language(visit, language)
        self.say(visit, texts.SWITCHED)
        self.resume(visit, greet=False)

    def _is_asked_which(self, visit: Visit) -> bool:
        """The question that stands there is already which language somebody wants."""
        step = self.asked(visit.current) if visit.current is not None else None
        return isinstance(step, Choose) and step.records == "language"

    def asked(self, run: RunState) -> Any:
        conversation = self.conversations.get(run.conversation)
        return conversation.find(run.awaiting) if conversation is not None and run.awaiting else None

    def _answer(self, visit: Visit, event: FromPerson, action: Action, run_id: int | None) -> None:
        run, is_another = visit.current, False
        if visit.ticket is not None and not form.is_open(visit):
            self.to_counsellor(visit)
        if run_id is not None:
            run = next((one for one in visit.runs if one.id == run_id), None)
            if run is None or self._is_late(run, event, action):
                self._late(visit)
                return
            if run is not visit.current:
                visit.touch(run)
                is_another = True
        if isinstance(action, Sent) and self._file(visit, event):
            self.say(visit, texts.GOES_WITH_IT)
            self.resume(visit, greet=False)
            return
        if isinstance(action, Said) and linking.is_code(self, visit, action.text):
            return
        if isinstance(action, Said) and (changed := own_words.news_in(self, visit, run, action.text)) is not None:
            self._tells_news(visit, changed)
            return
        if run is None:
            if not (isinstance(action, Said) and own_words.take(self, visit, None, action.text)):
                self._begin(visit)
            return
        if run.conversation not in self.conversations:
            self.resume(visit, greet=False)
            return
        if run.awaiting is None and isinstance(action, Said):
            self.resume(visit, greet=False)
            return
        if isinstance(action, Said) and (wish := own_words.wants_less(self, run, action.text)) is not None:
            self.ask_otherwise(visit, wish)
            return
        if isinstance(action, Said) and own_words.wants_a_person(self, visit, run, action.text):
            talk.wanted(self, visit)
            return
        self.answer(visit, action)
        if is_another and not visit.said and visit.current is run:  # the same again: but another question is shown
            self.resume(visit, greet=False)

    def _tells_news(self, visit: Visit, changed: str) -> None:
        """It answers a check-in that waits: nobody is said to be silent, and its questions about how it was before do
        not come back. Then answers and plan are brought up to date."""
        for run in [one for one in visit.runs if one.conversation == CHECK_IN]:
            run.answers = {**run.answers, "news": changed}
            visit.end(run)
            asking.answered(visit.connection, visit.person, visit.now)
        self.open(visit, NEWS)

    def answer(self, visit: Visit, action: Action) -> None:
        """To the question that is open now; what the bot opened for somebody's own words is left by going back."""
        run = visit.current
        assert run is not None
        if isinstance(action, Back) and run.conversation in own_words.OPENED_FOR_WORDS:
            visit.end(run)
            self.resume(visit, greet=False)
        else:
            self.turn(visit, run, action)

    def _is_late(self, run: RunState, event: FromPerson, action: Action) -> bool:
        """True for the skip or back button of a question that is not the one shown now."""
        return isinstance(action, Skip | Back) and isinstance(event, Tap) and asked_by(event.data) != run.awaiting

    def _late(self, visit: Visit) -> None:
        self.say(visit, texts.OLD_BUTTON)
        self.resume(visit, greet=False)

    def _file(self, visit: Visit, event: FromPerson) -> bool:
        """A person is asked to look at what was sent; True where words under it say what it is about."""
        if isinstance(event, Media) and event.kind in own_words.ANSWERED_BY_A_PERSON:
            tickets.add_task(visit.connection, {
                "contact_id": visit.id, "key": own_words.key_of_media(visit, event.kind), "kind": "media",
                "area": self.area(visit),
                "about": own_words.about_media(event.kind, event.text), "opened_at": visit.now, "due_at": None,
            })
            visit.news.add("queue")
            return bool(event.text.strip())
        return False

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
        self._not_helped(visit, run, turn)
        self._by_another_day(visit, turn)
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
        visit.said += self._rendered(visit, run, turn)
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

    def _not_helped(self, visit: Visit, run: RunState, turn: Turn) -> None:
        """What we said was no answer to what somebody asked: the coordinator sees it."""
        said = (one.value for one in turn.effects if isinstance(one, Record) and one.what == "helped")
        if any(value in NO_HELP for value in said) and ASKED in run.answers:
            fact = self.knowledge.register.facts.get(run.answers.get(WHICH) or "")
            own_words.note_unanswered(visit, run.answers[ASKED], fact.area if fact is not None else None)

    def _by_another_day(self, visit: Visit, turn: Turn) -> None:
        """The person has written by which day they do what a counsellor proposed."""
        for one in turn.effects:
            if isinstance(one, Record) and one.what == "plan:offer" and one.item:
                proposals.agree_by_day(self, visit, one.item, plan_steps.last_day(one.value))

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

    def _rendered(self, visit: Visit, run: RunState, turn: Turn) -> list[OutgoingMessage]:
        reader = self.reader(visit, run)
        self._unknown_facts(visit, turn.output, reader.today)
        self._told_facts(visit, turn.output, reader.today)
        return render(_really_planned(turn.output, visit), reader, self.translator, self.knowledge,
                      lambda form: kept.file_link(visit, form, self.settings.public_url),
                      lambda printed: plan_view.shown(self, visit, printed))

    def _unknown_facts(self, visit: Visit, output: tuple[Output, ...], today: date) -> None:
        """What we cannot state becomes a counsellor's task."""
        for item in output:
            fact = self.knowledge.register.facts.get(item.fact) if isinstance(item, FactCard) else None
            if fact is None or fact.certainty(today, self.knowledge.show_unverified) != Certainty.UNKNOWN:
                continue
            tickets.add_task(visit.connection, {
                "contact_id": visit.id, "key": f"fact:{fact.id}", "kind": "fact", "area": fact.area,
                "about": fact.question["en"], "opened_at": visit.now, "due_at": None,
            })
            visit.news.add("queue")

    def _told_facts(self, visit: Visit, output: tuple[Output, ...], today: date) -> None:
        """Which facts were stated, and in which version: when one changes, it can be told to who was told it."""
        cards = (self.knowledge.register.facts.get(item.fact) for item in output if isinstance(item, FactCard))
        stated = [(fact.id, fact.version) for fact in cards if fact is not None
                  and fact.certainty(today, self.knowledge.show_unverified) != Certainty.UNKNOWN]
        told.note(visit.connection, visit.id, stated, visit.now)

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


def _really_planned(output: tuple[Output, ...], visit: Visit) -> Iterator[Output]:
    """A date is only said to be in the plan while it is: not after the person has done it."""
    for one in output:
        if isinstance(one, Suggestions):
            keys = {step["key"] for step in visit.plan}
            one = replace(one, dates=tuple(date for date in one.dates if date.key in keys))
        yield one
