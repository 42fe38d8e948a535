"""Five questions about how a person has felt: asked only on wish, read by a counsellor, never judged by the bot.

The questions follow the meaning of the WHO-5 well-being index in our own words; the official wording is the WHO's and
is not copied here (docs/why/wellbeing.md). A centre puts the official translation in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversations.consents import UNDER_AGE, WITH_GROWN_UP, is_under_age
from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, End, Enquire, Go, Remind

POINTS: Mapping[str, int] = {"always": 5, "mostly": 4, "over_half": 3, "under_half": 2, "sometimes": 1, "never": 0}
QUESTIONS = ("mood", "calm", "energy", "rest", "interest")
LOW, VERY_LOW = 50, 28
"""Scores up to these, of 100, are low and very low: a counsellor should talk with the person."""
ASK_AGAIN_AFTER = timedelta(days=14)


def score(answers: Mapping[str, Any]) -> int | None:
    """0 to 100: the points of the five answers, times four. None until all are there."""
    points = [POINTS.get(answers.get(name) or "") for name in QUESTIONS]
    known = [one for one in points if one is not None]
    return 4 * sum(known) if len(known) == len(QUESTIONS) else None


def not_allowed_yet(sensitive: bool | None) -> bool:
    return sensitive is not True


def wants_no_questions(check_in: bool | None) -> bool:
    """Whoever does not want us to write by ourselves is not asked whether we may do so with this."""
    return check_in is False


def is_very_low(mood: str, calm: str, energy: str, rest: str, interest: str) -> bool:
    found = score({"mood": mood, "calm": calm, "energy": energy, "rest": rest, "interest": interest})
    return found is not None and found <= VERY_LOW


def is_low(mood: str, calm: str, energy: str, rest: str, interest: str) -> bool:
    found = score({"mood": mood, "calm": calm, "energy": energy, "rest": rest, "interest": interest})
    return found is not None and VERY_LOW < found <= LOW


def _question(name: str, text: str) -> Choose:
    return Choose(
        name,
        text,
        Choice("always", _("Always")),
        Choice("mostly", _("Most of the time")),
        Choice("over_half", _("More than half the time")),
        Choice("under_half", _("Less than half the time")),
        Choice("sometimes", _("Now and then")),
        Choice("never", _("Never")),
        personal=True,
    )


SENSITIVE = Choose(
    "sensitive_ok",
    _("The questions are about your health. May we keep your answers for our team?\n"
      "You can delete them at any time, under “My data”."),
    Choice("yes", _("Yes, keep them")),
    Choice("no", _("No, do not ask me"), then="not_now"),
    records="consent:sensitive",
    when=not_allowed_yet,
)

WELLBEING = Conversation(
    "wellbeing",
    (
        Branch("known_minor", when=is_under_age, then="with_grown_up"),
        Choose(
            "begin",
            _("Five short questions: how have you felt in the last two weeks?\n"
              "A counsellor reads your answers, to see how we can help you.\n"
              "It is no test and no diagnosis. You can stop at any time."),
            Choice("yes", _("Yes, begin")),
            Choice("no", _("Not now"), then="not_now"),
        ),
        UNDER_AGE,
        SENSITIVE,
        _question("mood", _("In the last two weeks: how often were you in a good mood?")),
        _question("calm", _("How often did you feel calm inside?")),
        _question("energy", _("How often did you have the strength for what you wanted to do?")),
        _question("rest", _("How often did you wake up rested?")),
        _question("interest", _("How often was there something in your day that you enjoyed or cared about?")),
        Enquire("very_low", area="psychosocial", reason=_("Five questions, very low: talk with this person today"),
                kind="wellbeing", within="today", when=is_very_low),
        Enquire("low", area="psychosocial", reason=_("Five questions, low: get in touch with this person"),
                kind="wellbeing", within="working_day", when=is_low),
        Branch("wants_no_questions", when=wants_no_questions, then="read"),
        Choose(
            "ask_again",
            _("Thank you. A counsellor reads your answers.\nMay we ask you these questions again in two weeks?"),
            Choice("yes", _("Yes, you may ask")),
            Choice("no", _("No, thank you")),
        ),
        Remind("remind", opens="wellbeing_again", after={"yes": ASK_AGAIN_AFTER}, by=("ask_again",)),
        End("end", _("Thank you. If you want to talk, tap “Talk to a counsellor”.")),
        End("read", _("Thank you. A counsellor reads your answers.\nIf you want to talk, tap “Talk to a counsellor”.")),
        End("not_now", _("All right. We do not ask you these questions.")),
        WITH_GROWN_UP,
        End("younger"),
    ),
    title=_("Five short questions"),
)

WELLBEING_AGAIN = Conversation(
    "wellbeing_again",
    (
        Choose(
            "ready",
            _("Hello. We have a short question for you."),
            Choice("now", _("Go on")),
            Choice("no", _("Not now"), then="not_now"),
            otherwise="now",
        ),
        Go("questions", "wellbeing"),
        End("not_now", _("All right. We do not ask you these questions.")),
    ),
    title=_("Five short questions"),
)
