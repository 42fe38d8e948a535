"""The console's English words for what the tables hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from bot.media.kinds import ENDINGS, SHOWN_AS
from storage.moves import MoveView

AREAS: Mapping[str, str] = {
    "employment": "Employment",
    "migration": "Migration",
    "reintegration": "Reintegration",
    "psychosocial": "Psychosocial",
    "general": "General",
}
LANGUAGES: Mapping[str, str] = {
    "sq": "Albanian", "sr": "Serbian", "de": "German", "en": "English",
    "tr": "Turkish", "bs": "Bosnian", "rom": "Romani",
}
TABS: Mapping[str, str] = {"waiting": "Waiting", "mine": "Mine", "team": "Team", "closed": "Closed"}
NOTHING_IN_TAB: Mapping[str, str] = {
    "waiting": "Nobody is waiting.",
    "mine": "You have no open chats. Take one from Waiting.",
    "team": "Your colleagues have no open chats.",
    "closed": "No chat has been closed yet.",
}
NOTHING_LIKE_THIS = "No chat here is like that."
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KEYS = (
    ("?", "Show this sheet"), ("Ctrl Enter", "Send what is written"), ("/", "In an empty reply: canned replies, steps, "
    "facts, partners; elsewhere: go to the reply"), ("n", "Open the chat that is next for you"),
    ("j", "Next chat in the queue"), ("k", "Chat before it"), ("t", "Take this chat"),
    ("r", "Write a reply"), ("m", "Write a note"),
    ("1 2 3 4", "Waiting, mine, team, closed"), ("Esc", "Leave the field, close the sheet"),
)
"""What each key does, wherever nothing is being written."""
CHANNELS: Mapping[str, str] = {
    "telegram": "Telegram", "viber": "Viber", "web": "Web chat", "web_chat": "Web chat", "terminal": "Terminal",
}
KINDS: Mapping[str, str] = {
    "photo": "Photo", "voice": "Voice message", "audio": "Audio", "video": "Video", "document": "Document",
    "sticker": "Sticker", "location": "Location", "contact": "Contact card", "other": "Attachment",
}
FATES: Mapping[str, tuple[str, str]] = {
    "queued": ("◷", "Waiting to be sent"), "sent": ("✓", "Sent"), "delivered": ("✓✓", "Delivered"),
    "seen": ("✓✓", "Read"),
}
"""How it stands with a message of ours: a sign, and the word that is read out."""
TELLS = frozenset({"viber", "web"})
"""Channels that tell whether a message has arrived and was read."""
EVENTS: Mapping[str, str] = {"started": "Opened the chat", "stopped": "Left the chat or blocked the bot"}
STEP_STATES: Mapping[str, str] = {
    "proposed": "Waits for their answer", "agreed": "Agreed", "under_way": "Under way", "stuck": "Stuck",
    "done": "Done", "dropped": "Dropped",
}
WHO_DOES_IT: Mapping[str, str] = {
    "person": "the person", "counsellor": "their counsellor", "centre": "our centre",
}
REASONS: Mapping[str, str] = {
    "declined": "They did not want it", "not_needed": "They do not need it any more", "too_hard": "It was too hard",
    "other_way": "They do it in another way",
}
"""Why a step was let go, where a button said it."""
REFERRAL_STATES: Mapping[str, str] = {
    "proposed": "Asked, no answer yet", "consented": "Agreed, not sent yet", "declined": "They said no", "sent": "Sent",
    "received": "Has arrived there", "accepted": "They can help", "rejected": "They cannot help", "done": "Done",
    "no_answer": "No answer from there", "withdrawn": "Withdrawn",
}
APPOINTMENT_STATES: Mapping[str, str] = {
    "offered": "Times offered", "agreed": "Agreed", "cancelled": "Cancelled", "held": "They came",
    "missed": "They did not come",
}
CLOSED_WHY: Mapping[str, str] = {
    "goal": "The goal is reached", "ended": "Our support has ended", "stops": "They want to stop",
    "moved": "They have moved", "leaves": "They want to leave again", "died": "They have died",
}
WHY_LEAVES: Mapping[str, str] = {
    "work": "Work", "money": "Money", "family": "Family", "safety": "Does not feel safe here",
    "other": "Something else",
}
HELPED: Mapping[str, str] = {"yes": "It helped them", "partly": "It helped them a little", "no": "It did not help them"}
TICKET_STATES: Mapping[str, str] = {"waiting": "Waiting", "assigned": "With a counsellor", "closed": "Closed"}
TASK_KINDS: Mapping[str, str] = {
    "question": "Open question", "fact": "Check a fact", "silent": "Does not answer", "referral": "Referral",
    "media": "Look at what was sent", "failed": "Not delivered", "aside": "Not handled",
    "care": "Look after", "costs": "Not asked", "wellbeing": "Five questions", "pulse": "It goes worse",
    "minor": "Under age",
    "call_back": "Promised", "appointment": "Appointment", "plan": "Answer to a step",
}
FACT_STATES: Mapping[str, str] = {
    "verified": "Confirmed by us", "verify": "Not confirmed yet", "ask-counsellor": "Only a counsellor says it",
}
PARTNER_FIELDS: Mapping[str, str] = {
    "name": "Name", "what": "What they do", "for_whom": "For whom", "municipality": "Municipality",
    "address": "Address", "phone": "Phone", "hours": "Hours", "web": "Web page", "languages": "Languages",
    "source": "Source", "seen": "Date of the source", "confidence": "Confidence", "note": "Note for colleagues",
    "removed": "Not worked with since",
}
CONFIDENCE: Mapping[str, str] = {"high": "Sure", "medium": "Rather sure", "low": "Not sure"}
CONSENTS: Mapping[str, str] = {
    "keep": "Keep answers about work and family", "sensitive": "Keep answers about health",
    "referral": "Pass on to", "check_in": "Write by ourselves and ask how it is going",
}
MOVES: Mapping[str, str] = {
    "claim": "{to} took the chat", "take_over": "{by} took the chat over", "transfer": "{by} handed the chat to {to}",
    "area": "{by} handed the chat to {area}", "back": "The chat waits again", "consult": "{by} asked {to}",
    "sleep": "{by} let the chat sleep", "wake": "The chat woke", "close": "{by} closed the chat",
    "silence": "The chat was closed after days without an answer",
    "reopen": "The person wrote again: the chat is open again",
}
FORMER = "a former colleague"
AWAY: Mapping[str, str] = {
    "break": "On a break", "meeting": "In a meeting", "appointment": "At an appointment", "off": "Not working",
}
OUTCOMES: Mapping[str, str] = {
    "advised": "Advised", "referred": "Referred to a partner", "appointment": "Appointment made",
    "not_reached": "Could not reach the person", "no_answer": "No answer any more", "other": "Other",
}
ACTIONS: Mapping[str, str] = {
    "sign_in": "Signed in", "sign_out": "Signed out", "new_password": "Set a new password",
    "code_on": "Set up codes from a phone", "code_off": "Turned codes off", "recovery_code": "Used a recovery code",
    "end_session": "Ended a session", "end_sessions": "Ended sessions of",
    "add_counsellor": "Added", "make_link": "Made a link for", "take_code_away": "Took the codes away from",
    "remove_counsellor": "Removed", "set_work": "Changed areas and languages of",
    "set_role": "Changed the role of", "refused": "Was refused",
    "link_telegram": "Linked a Telegram account", "unlink_telegram": "Unlinked the Telegram account",
    "see_file": "Opened what was sent by", "set_budget": "Set the budget for messages",
    "set_hours": "Set the office hours", "presence": "Said whether they are here",
    "set_replies": "Changed the canned replies", "set_links": "Changed the links to hand out",
    "see_facts": "Read facts", "change_fact": "Changed a fact", "import_facts": "Brought facts from a file",
    "tell_fact": "Told people what has changed", "change_partner": "Changed a partner",
    "see_queue": "Read the queue", "see_ticket": "Read the chat", "see_person": "Read the person's page",
    "see_people": "Searched for people",
    "see_tasks": "Read the tasks", "see_day": "Read their day",
    "see_team": "Read the team page", "see_record": "Read this record",
    "see_report": "Read what is kept", "see_reports": "Read the reports", "export_reports": "Took the reports along",
    "see_questions": "Read the open questions", "settle_questions": "Settled open questions",
    "claim": "Took the chat", "take_over": "Took the chat over", "transfer": "Handed the chat on",
    "consult": "Asked a colleague about the chat", "sleep": "Let the chat sleep",
    "reply": "Answered", "note": "Wrote a note", "close": "Closed the chat",
    "finish_task": "Finished a task", "of_age": "Noted as not under age", "retry": "Tried again",
    "forget": "Deleted everything", "ask_form": "Let the bot ask questions in the chat",
    "end_form": "Took the questions back", "merge": "Made two records one", "unmerge": "Took two records apart",
    "change_answer": "Changed an answer", "change_asking": "Changed when a person is asked",
    "add_step": "Added a step to the plan", "change_step": "Changed a step",
    "offer_step": "Proposed to change a step", "print_plan": "Took a plan along",
    "change_referral": "Changed a referral", "propose_referral": "Proposed a referral",
    "see_letter": "Took a letter along",
    "offer_times": "Offered times for an appointment", "set_appointment": "Noted how an appointment went",
    "close_case": "Closed the case", "announce_end": "Announced the end of the case",
    "reopen_case": "Opened the case again",
    "promise": "Promised to get in touch",
    "override": "Looked over the psychosocial wall", "saw_override": "Saw a look over the wall",
}
FAILURES: Mapping[str, str] = {
    "blocked": "The person has blocked the bot.",
    "taken_away": "The person talks to us in another app only.",
    "forbidden": "The person has blocked the bot.",
    "not found": "The chat does not exist any more.",
    "deactivated": "The person's account is gone.",
}

NOT_KEPT: Mapping[str, str] = {
    "too_large": "Too large to be kept: it is on the person's phone only. Ask for a smaller one, or for a photo of it.",
    "full": "Not kept: this person has sent more files than we keep. Ask for what you need by another way.",
    "gone": "It could not be fetched. Ask the person to send it again.",
}
FILE_KINDS: Mapping[str, str] = {
    "jpg": "JPEG picture", "png": "PNG picture", "gif": "GIF picture", "webp": "WebP picture", "ogg": "Ogg sound",
    "mp3": "MP3 sound", "wav": "WAV sound", "m4a": "MPEG-4 sound", "mp4": "MPEG-4 film", "webm": "WebM film",
    "pdf": "PDF", "zip": "ZIP archive", "docx": "Word document", "xlsx": "Excel sheet",
}
KEPT: Mapping[str, str] = {
    "messages": "Messages", "wellbeing": "Answers about feelings and health", "cases": "People",
    "people": "Addresses of forgotten people",
}
KEPT_FROM: Mapping[str, str] = {
    "messages": "after the talk that they belong to", "wellbeing": "after they were given",
    "cases": "after the last contact, where nothing is open",
}
COUNTED: Mapping[str, str] = {
    "person": "People", "talk": "Talks with counsellors", "plan_step": "Plan steps", "referral": "Referrals",
    "closing": "Cases closed",
}
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
    by = one.by or ("The person" if one.kind == "close" else FORMER.capitalize())
    return MOVES[one.kind].format(by=by, to=one.to or FORMER, area=word(AREAS, one.area))


def language(code: str) -> str:
    """ "sq" -> "Albanian", "sr-Cyrl" -> "Serbian (Cyrillic)"."""
    base, _, rest = code.replace("_", "-").partition("-")
    return word(LANGUAGES, base) + (" (Cyrillic)" if rest.lower() == "cyrl" else "")


def counted_as(what: str, area: str) -> str:
    """An area, or the state of a step or a referral; nothing for people."""
    return word(COUNTED_BY.get(what, {}), area) if area else ""


def month(of: str) -> str:
    """ "2026-11" -> "November 2026"."""
    return format_date(datetime.strptime(of, "%Y-%m").replace(tzinfo=UTC), "MMMM y", locale="en")


def failure(error: str | None) -> str:
    """Why a message did not arrive, for people."""
    said = error or "no reason given"
    known = (sentence for part, sentence in FAILURES.items() if part in said.lower())
    return next(known, f"The channel said: {said}")


def shown_as(kind: str) -> str:
    """image, sound or film; empty for what a page does not show."""
    return SHOWN_AS.get(kind, "")


def file_kind(kind: str) -> str:
    return FILE_KINDS.get(ENDINGS.get(kind, ""), "File of an unknown kind")


def file_size(size: int) -> str:
    """ "20 kB", "3.4 MB"."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"


def map_of(place: tuple[float, float]) -> str:
    latitude, longitude = place
    at = f"{latitude:.5f}", f"{longitude:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map=16/{at[0]}/{at[1]}"


def waited(since: datetime, now: datetime) -> str:
    """ "3 h 20 min", "2 d 4 h", "under 1 min"."""
    minutes = max(now - since, timedelta(0)) // timedelta(minutes=1)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "under 1 min"


def worked(time: timedelta) -> str:
    """The same for office hours, which make no days of 24 hours: "31 h 5 min"."""
    hours, minutes = divmod(time // timedelta(minutes=1), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "under 1 min"


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    return format_time(at.astimezone(zone), "HH:mm", locale="en")


def day(at: datetime, zone: ZoneInfo) -> str:
    """ "Monday, 23 November 2026"."""
    return format_date(at.astimezone(zone).date(), "EEEE, d MMMM y", locale="en")


def short_date(at: datetime, zone: ZoneInfo) -> str:
    return format_date(at.astimezone(zone).date(), "d MMMM y", locale="en")


def plain_day(day: date) -> str:
    """ "23 November 2026"."""
    return format_date(day, "d MMMM y", locale="en")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """ "23 November 2026, 14:30"."""
    return f"{short_date(at, zone)}, {clock_time(at, zone)}"


def when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "today, 14:30", otherwise with the date."""
    today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return f"today, {clock_time(at, zone)}" if today else moment(at, zone)
