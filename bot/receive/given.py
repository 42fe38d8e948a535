"""What a turn is given beside the answers, and what a tapped button reads like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.receive import appointing, asking, asking_less, discreet, kept, linking, one_phone, proposals, referring, texts
from bot.receive.visit import Visit
from bot.routing import run_mark
from bot.settings import Settings
from bot.translate import Translator
from conversations import HOME
from conversations import pulse as sides
from conversations.eligibility.questions import offered
from conversations.engine import THAT_IS_ALL, Line, Shown, shown, uses
from conversations.model import Ask, Choose, Conversation, Group, Review
from conversations.register import Register
from storage import appointments, pulse, told
from storage.runs import RunState


def to_turn(
    visit: Visit, run: RunState, translator: Translator, settings: Settings, register: Register,
    titles: Mapping[str, str], conversations: Mapping[str, Conversation],
) -> dict[str, Any]:
    """The given values (model.GIVEN) for one turn of one run; what takes work only where its conversation uses it."""
    person, used = visit.person, uses(conversations[run.conversation])
    given = {
        "today": visit.today,
        "again": False,
        "keep": person.consents.get("keep"),
        "sensitive": person.consents.get("sensitive"),
        "check_in": person.consents.get("check_in"),
        "is_minor": person.is_minor,
        "minor_age": settings.minor_age,
        "known": person.known,
        "unverified": settings.show_unverified_facts,
        "centre": settings.centre_name,
        "centre_address": settings.centre_address,
        "centre_phone": settings.centre_phone,
        "channel": titles.get(visit.channel, visit.channel),
        "by_company": visit.limits.by_company,
        "taken_away": discreet.taken_away(visit.limits),
        "covers": visit.limits.covers,
        "retention_days": settings.retention_case_days,
    }
    if "partner" in used:
        given |= referring.given(visit, run, used, translator, register, conversations)
    given |= appointing.given(visit, run.conversation, used, translator, settings)
    if "gone_offices" in used:
        given["gone_offices"] = [slug for slug, one in register.partners.items() if one.removed is not None]
    if "open_run" in used:
        given["open_run"] = _open_run(visit, run)
    if "plan" in used:
        given["plan"] = given["plan_now"] = [{**one, "what": translator.text(person.language, one["what"])}
                                             for one in visit.plan]
    if "asked_already" in used:
        given["asked_already"] = asking.is_settled(visit)
    if "as_planned" in used:
        given["as_planned"] = asking.as_planned(visit)
    if "news_of_facts" in used:
        given["news_of_facts"] = tuple(told.waiting(visit.connection, visit.id))
    if "is_expected" in used:
        given["is_expected"] = appointments.is_expected(visit.connection, visit.id, visit.now)
    if "offers" in used:
        given |= _help_found(visit, run, translator, settings)
    if "pulse" in used:
        given["pulse"], given["pulse_before"] = _pulse(visit, run)
    if "soon" in used:
        given["soon"] = tuple(Line(what, what, Shown("date", by.isoformat()))
                              for what, by in asking.soon(visit.connection, person, visit.now))
    if "languages" in used:
        given["languages"] = [{"key": code, "what": name} for code, name in translator.names().items()]
    if "found" in used:
        given["found"] = visit.found
    if "kept" in used:
        given["kept"] = kept.answers(person.known, conversations)
    if "can_fetch" in used:
        given["can_fetch"] = visit.limits.own_page or bool(settings.public_url)
    if "own_page" in used:
        given["own_page"] = visit.limits.own_page and not visit.is_shared
    if "other_apps" in used:
        given["other_apps"] = linking.other_apps(visit, titles)
    if "app_code" in used:
        given["app_code"] = linking.code(visit)
    given |= one_phone.given(visit, used, translator)
    if "counted" in used:
        given["counted"] = kept.counted(visit)
    if "agreed" in used:
        given["agreed"] = kept.agreed(visit, translator, register)
    if "referred" in used:
        given["referred"] = kept.referred(visit, translator, register)
    return given


def _pulse(visit: Visit, run: RunState) -> tuple[tuple[Line, ...], dict[str, int] | None]:
    """The curve with what was answered now, from the second check-in on; and how it was before."""
    before = pulse.history(visit.connection, visit.id, without=run.id)
    whole = [*before, sides.levels(run.answers)]
    lines = [Line(side, label, Shown("plain", sides.curve(side, whole))) for side, label in sides.SIDES.items()]
    return tuple(lines) if before else (), before[-1] if before else None


def _open_run(visit: Visit, run: RunState) -> str | None:
    """What else is open, and was left at a question."""
    others = [one for one in visit.runs
              if one is not run and one.awaiting is not None and one.conversation != HOME
              and not asking_less.is_settled(one) and not asking.is_past(visit, one)]
    return others[-1].conversation if others else None


def _help_found(visit: Visit, run: RunState, translator: Translator, settings: Settings) -> dict[str, Any]:
    """By name, in the order in which it was told; what is probably not for them stands behind a button of its own."""
    carried, language = run.answers.get("@carried") or {}, visit.person.language
    known = {**visit.person.known, **carried}
    subject = known.get("about", "")
    found = offered(known, subject, visit.today, settings.show_unverified_facts)
    spoken = translator[language]
    return {
        "carried": carried, "subject": subject, "has_unlikely": any(one.may_ask is False for one in found),
        "offers": [{"key": one.scheme.id, "what": spoken.in_script(translator.pick(language, one.scheme.name))}
                   for one in found if one.may_ask is not False],
    }


def tap_label(
    visit: Visit, data: str, translator: Translator, register: Register, conversations: Mapping[str, Conversation]
) -> str:
    """The words on the button that was tapped."""
    language = visit.person.language
    if (label := proposals.label_of(data)) is not None:
        return translator.text(language, label)
    if data.startswith("!"):
        return translator.text(language, texts.COMMANDS.get(data[1:].partition(":")[0], ""))
    mark, _, rest = data.partition(":")
    path, _, choice = rest.partition(":")
    for move in ("skip", "back"):
        if path.endswith(f"!{move}"):
            return translator.text(language, texts.COMMANDS[move])
    run = next((one for one in visit.runs if run_mark(one.id) == mark), None)
    conversation = conversations.get(run.conversation) if run is not None else None
    if conversation is None:
        return "…"
    answers = run.answers if run is not None else {}
    return _choice_label(visit, conversation, path, choice, translator, register, answers)


def _choice_label(
    visit: Visit, conversation: Conversation, path: str, choice: str, translator: Translator, register: Register,
    answers: Mapping[str, Any],
) -> str:
    """`answers` hold what was listed when the run began."""
    language = visit.person.language
    step = conversation.find(path)
    if isinstance(step, Ask):
        return translator.show(language, shown(step, choice)) if step.reads.accepts(choice) else "…"
    labels: dict[str, str] = {}
    if isinstance(step, Choose):
        listed: dict[str, Callable[[], Iterable[dict[str, str]]]] = {
            "plan": lambda: visit.plan,
            "languages": lambda: [{"key": code, "what": name} for code, name in translator.names().items()],
            "referred": lambda: kept.referred(visit, translator, register),
        }
        over = listed[step.over]() if step.over in listed else answers.get(f"@{step.over}", ())
        labels = {"done": THAT_IS_ALL, **{one["key"]: one["what"] for one in over},
                  **{one.id: one.label for one in step.choices}}
    elif isinstance(step, Group):
        labels = {"add": step.add, "done": step.done}
    elif isinstance(step, Review):
        changed = conversation.find(choice)
        labels = {choice: getattr(changed, "label", None) or "", "yes": step.confirm}
    return translator.text(language, labels.get(choice) or "…")
