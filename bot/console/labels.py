"""The console's words for what the tables hold, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.console import tongue
from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d
from storage.moves import MoveView


class Named(Mapping[str, str]):
    """Key -> its word, in the language of the page."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def __getitem__(self, key: str) -> str:
        return spoken(self.words[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


AREAS: Mapping[str, str] = Named({
    "employment": _d("Employment"), "migration": _d("Migration"), "reintegration": _d("Reintegration"),
    "psychosocial": _d("Psychosocial"), "general": _d("General"),
})
LANGUAGES: Mapping[str, str] = Named({
    "sq": _d("Albanian"), "sr": _d("Serbian"), "de": _d("German"), "en": _d("English"), "tr": _d("Turkish"),
    "bs": _d("Bosnian"), "rom": _d("Romani"),
})
FACT_AREAS: Mapping[str, str] = Named({"centre": _d("Centre"), "emergency": _d("Emergency")})
"""Of facts, beside those."""
WISHES: Mapping[str, str] = Named({
    "human": _d("to talk to a person"), "menu": _d("the menu"), "back": _d("to go back"), "stop": _d("to stop"),
    "pause": _d("a pause"), "language": _d("another language"), "my_data": _d("their own data"),
    "thanks": _d("to thank"), "greeting": _d("to greet"), "yes": _d("to say yes"), "no": _d("to say no"),
    "help": _d("to know what the bot can do"),
})
"""What free text may be taken for, beside a question."""
TABS: Mapping[str, str] = Named({
    "waiting": _d("Waiting"), "mine": _d("Mine"), "team": _d("Team"), "closed": _d("Closed"),
})
NOTHING_IN_TAB: Mapping[str, str] = Named({
    "waiting": _d("Nobody is waiting."), "mine": _d("You have no open chats. Take one from Waiting."),
    "team": _d("Your colleagues have no open chats."), "closed": _d("No chat has been closed yet."),
})
NOTHING_LIKE_THIS = _d("No chat here is like that.")
DAYS = (_d("Monday"), _d("Tuesday"), _d("Wednesday"), _d("Thursday"), _d("Friday"), _d("Saturday"), _d("Sunday"))
KEYS = (
    ("?", _d("Show this sheet")), ("Ctrl Enter", _d("Send what is written")),
    ("/", _d("In an empty reply: canned replies, steps, facts, partners; elsewhere: go to the reply")),
    ("n", _d("Open the chat that is next for you")),
    ("j", _d("Next chat in the queue")), ("k", _d("Chat before it")), ("t", _d("Take this chat")),
    ("r", _d("Write a reply")), ("m", _d("Write a note")),
    ("1 2 3 4", _d("Waiting, mine, team, closed")), ("Esc", _d("Leave the field, close the sheet")),
)
"""What each key does, wherever nothing is being written."""
CHANNELS: Mapping[str, str] = Named({
    "telegram": _d("Telegram"), "viber": _d("Viber"), "web": _d("Web chat"), "web_chat": _d("Web chat"),
    "terminal": _d("Terminal"),
})
EVENTS: Mapping[str, str] = Named({
    "started": _d("Opened the chat"), "stopped": _d("Left the chat or blocked the bot"),
})
STEP_STATES: Mapping[str, str] = Named({
    "proposed": _d("Waits for their answer"), "agreed": _d("Agreed"), "under_way": _d("Under way"),
    "stuck": _d("Stuck"), "done": _d("Done"), "dropped": _d("Dropped"),
})
WHO_DOES_IT: Mapping[str, str] = Named({
    "person": _d("the person"), "counsellor": _d("their counsellor"), "centre": _d("our centre"),
})
REASONS: Mapping[str, str] = Named({
    "declined": _d("They did not want it"), "not_needed": _d("They do not need it any more"),
    "too_hard": _d("It was too hard"), "other_way": _d("They do it in another way"),
})
"""Why a step was let go, where a button said it."""
REFERRAL_STATES: Mapping[str, str] = Named({
    "proposed": _d("Asked, no answer yet"), "consented": _d("Agreed, not sent yet"), "declined": _d("They said no"),
    "sent": _d("Sent"), "received": _d("Has arrived there"), "accepted": _d("They can help"),
    "rejected": _d("They cannot help"), "done": _d("Done"), "no_answer": _d("No answer from there"),
    "withdrawn": _d("Withdrawn"),
})
APPOINTMENT_STATES: Mapping[str, str] = Named({
    "offered": _d("Times offered"), "agreed": _d("Agreed"), "cancelled": _d("Cancelled"), "held": _d("They came"),
    "missed": _d("They did not come"),
})
CLOSED_WHY: Mapping[str, str] = Named({
    "goal": _d("The goal is reached"), "ended": _d("Our support has ended"), "stops": _d("They want to stop"),
    "moved": _d("They have moved"), "leaves": _d("They want to leave again"), "died": _d("They have died"),
})
WHY_LEAVES: Mapping[str, str] = Named({
    "work": _d("Work"), "money": _d("Money"), "family": _d("Family"), "safety": _d("Does not feel safe here"),
    "other": _d("Something else"),
})
HELPED: Mapping[str, str] = Named({
    "yes": _d("It helped them"), "partly": _d("It helped them a little"), "no": _d("It did not help them"),
})
TICKET_STATES: Mapping[str, str] = Named({
    "waiting": _d("Waiting"), "assigned": _d("With a counsellor"), "closed": _d("Closed"),
})
TASK_KINDS: Mapping[str, str] = Named({
    "question": _d("Open question"), "fact": _d("Check a fact"), "silent": _d("Does not answer"),
    "referral": _d("Referral"), "media": _d("Look at what was sent"), "failed": _d("Not delivered"),
    "aside": _d("Not handled"), "care": _d("Look after"), "costs": _d("Not asked"),
    "wellbeing": _d("Five questions"), "pulse": _d("It goes worse"), "minor": _d("Under age"),
    "call_back": _d("Promised"), "appointment": _d("Appointment"), "plan": _d("Answer to a step"),
})
FACT_STATES: Mapping[str, str] = Named({
    "verified": _d("Confirmed by us"), "verify": _d("Not confirmed yet"),
    "ask-counsellor": _d("Only a counsellor says it"),
})
PARTNER_FIELDS: Mapping[str, str] = Named({
    "name": _d("Name"), "what": _d("What they do"), "for_whom": _d("For whom"), "municipality": _d("Municipality"),
    "address": _d("Address"), "phone": _d("Phone"), "hours": _d("Hours"), "web": _d("Web page"),
    "languages": _d("Languages"), "source": _d("Source"), "seen": _d("Date of the source"),
    "confidence": _d("Confidence"), "note": _d("Note for colleagues"), "removed": _d("Not worked with since"),
})
FIELDS = (
    _d("name"), _d("what"), _d("for_whom"), _d("municipality"), _d("address"), _d("phone"), _d("web"),
    _d("languages"), _d("source"), _d("seen"), _d("confidence"), _d("note"), _d("removed"), _d("checked"), _d("papers"),
    _d("question"), _d("answer"), _d("expires"), _d("state"), _d("partner"), _d("area"),
    _d("how people ask"),
)
"""What may differ between two versions of a fact or a partner."""
CALLED: Mapping[str, str] = {"asked": "how people ask"}
CONFIDENCE: Mapping[str, str] = Named({
    "high": _d("Sure"), "medium": _d("Rather sure"), "low": _d("Not sure"),
})
CONSENTS: Mapping[str, str] = Named({
    "keep": _d("Keep answers about work and family"), "sensitive": _d("Keep answers about health"),
    "referral": _d("Pass on to"), "check_in": _d("Write by ourselves and ask how it is going"),
})
MOVES: Mapping[str, str] = {
    "claim": _d("{to} took the chat"), "take_over": _d("{by} took the chat over"),
    "transfer": _d("{by} handed the chat to {to}"), "area": _d("{by} handed the chat to {area}"),
    "back": _d("The chat waits again"), "consult": _d("{by} asked {to}"), "sleep": _d("{by} let the chat sleep"),
    "wake": _d("The chat woke"), "close": _d("{by} closed the chat"),
    "silence": _d("The chat was closed after days without an answer"),
    "reopen": _d("The person wrote again: the chat is open again"),
}
FORMER, A_FORMER = _d("A former colleague"), _d("a former colleague")
THE_PERSON, BY_THE_PERSON = _d("The person"), _d("the person")
AWAY: Mapping[str, str] = Named({
    "break": _d("On a break"), "meeting": _d("In a meeting"), "appointment": _d("At an appointment"),
    "off": _d("Not working"),
})
OUTCOMES: Mapping[str, str] = Named({
    "advised": _d("Advised"), "referred": _d("Referred to a partner"), "appointment": _d("Appointment made"),
    "not_reached": _d("Could not reach the person"), "no_answer": _d("No answer any more"), "other": _d("Other"),
})
ACTIONS: Mapping[str, str] = Named({
    "sign_in": _d("Signed in"), "sign_out": _d("Signed out"), "new_password": _d("Set a new password"),
    "code_on": _d("Set up codes from a phone"), "code_off": _d("Turned codes off"),
    "recovery_code": _d("Used a recovery code"), "end_session": _d("Ended a session"),
    "end_sessions": _d("Ended sessions of"), "add_counsellor": _d("Added"), "make_link": _d("Made a link for"),
    "take_code_away": _d("Took the codes away from"), "remove_counsellor": _d("Removed"),
    "set_work": _d("Changed areas and languages of"), "set_role": _d("Changed the role of"),
    "refused": _d("Was refused"), "link_telegram": _d("Linked a Telegram account"),
    "unlink_telegram": _d("Unlinked the Telegram account"), "see_file": _d("Opened what was sent by"),
    "set_budget": _d("Set the budget for messages"), "set_hours": _d("Set the office hours"),
    "presence": _d("Said whether they are here"), "set_replies": _d("Changed the canned replies"),
    "set_links": _d("Changed the links to hand out"), "see_facts": _d("Read facts"),
    "change_fact": _d("Changed a fact"), "import_facts": _d("Brought facts from a file"),
    "tell_fact": _d("Told people what has changed"), "change_partner": _d("Changed a partner"),
    "see_queue": _d("Read the queue"), "see_ticket": _d("Read the chat"), "see_person": _d("Read the person's page"),
    "see_people": _d("Searched for people"), "see_tasks": _d("Read the tasks"), "see_day": _d("Read their day"),
    "see_team": _d("Read the team page"), "see_record": _d("Read this record"),
    "see_report": _d("Read what is kept"), "see_reports": _d("Read the reports"),
    "export_reports": _d("Took the reports along"), "see_questions": _d("Read the open questions"),
    "settle_questions": _d("Settled open questions"), "claim": _d("Took the chat"),
    "take_over": _d("Took the chat over"), "transfer": _d("Handed the chat on"),
    "consult": _d("Asked a colleague about the chat"), "sleep": _d("Let the chat sleep"), "reply": _d("Answered"),
    "take_back": _d("Took back a message"),
    "note": _d("Wrote a note"), "close": _d("Closed the chat"), "finish_task": _d("Finished a task"),
    "of_age": _d("Noted as not under age"), "retry": _d("Tried again"), "forget": _d("Deleted everything"),
    "ask_form": _d("Let the bot ask questions in the chat"), "end_form": _d("Took the questions back"),
    "merge": _d("Made two records one"), "unmerge": _d("Took two records apart"),
    "change_answer": _d("Changed an answer"), "change_asking": _d("Changed when a person is asked"),
    "add_step": _d("Added a step to the plan"), "change_step": _d("Changed a step"),
    "offer_step": _d("Proposed to change a step"), "print_plan": _d("Took a plan along"),
    "change_referral": _d("Changed a referral"), "propose_referral": _d("Proposed a referral"),
    "see_letter": _d("Took a letter along"), "offer_times": _d("Offered times for an appointment"),
    "set_appointment": _d("Noted how an appointment went"), "close_case": _d("Closed the case"),
    "announce_end": _d("Announced the end of the case"), "reopen_case": _d("Opened the case again"),
    "promise": _d("Promised to get in touch"), "override": _d("Looked over the psychosocial wall"),
    "saw_override": _d("Saw a look over the wall"),
})
KEPT: Mapping[str, str] = Named({
    "messages": _d("Messages"), "wellbeing": _d("Answers about feelings and health"), "cases": _d("People"),
    "people": _d("Addresses of forgotten people"),
})
KEPT_FROM: Mapping[str, str] = Named({
    "messages": _d("after the talk that they belong to"), "wellbeing": _d("after they were given"),
    "cases": _d("after the last contact, where nothing is open"),
})
COUNTED: Mapping[str, str] = Named({
    "person": _d("People"), "talk": _d("Talks with counsellors"), "plan_step": _d("Plan steps"),
    "referral": _d("Referrals"), "closing": _d("Cases closed"),
})
ROLES: Mapping[str, str] = Named({"counsellor": _d("counsellor"), "coordinator": _d("coordinator")})
COUNTED_BY: Mapping[str, Mapping[str, str]] = {
    "talk": AREAS, "plan_step": STEP_STATES, "referral": REFERRAL_STATES, "closing": CLOSED_WHY,
}


def word(words: Mapping[str, str], key: str | None) -> str:
    """The label of a key; of an unknown one, the key itself made readable."""
    if not key:
        return "–"
    return words.get(key) or key.replace("_", " ").replace("-", " ").capitalize()


def move(one: MoveView) -> str:
    """What was done with a chat: "Mira handed the chat to Arben"."""
    by = one.by or spoken(THE_PERSON if one.kind == "close" else FORMER)
    return spoken(MOVES[one.kind], by=by, to=one.to or spoken(A_FORMER), area=word(AREAS, one.area))


def language(code: str) -> str:
    """ "sq" -> "Albanian", "sr-Cyrl" -> "Serbian (Cyrillic)"."""
    base, _, rest = code.replace("_", "-").partition("-")
    name = word(LANGUAGES, base)
    return spoken("{language} (Cyrillic)", language=name) if rest.lower() == "cyrl" else name


def field(name: str) -> str:
    """ "answer, sq": a field, in a language."""
    base, comma, language = name.partition(", ")
    word = inside(spoken("Hours")) if base == "hours" else spoken(CALLED.get(base, base))  # not those of a clock
    return f"{word}{comma}{language}"


def counted_as(what: str, area: str) -> str:
    """An area, or the state of a step or a referral; nothing for people."""
    return word(COUNTED_BY.get(what, {}), area) if area else ""


def first(text: str) -> str:
    """The same at the beginning of a line."""
    return text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """A label in the middle of a sentence. German keeps the capitals of its nouns."""
    return text if tongue.now().code == "de" else text[:1].lower() + text[1:]
