"""What a person agrees to: one question for each purpose, asked where it is needed, and each taken back alone."""

from collections.abc import Mapping

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, Go, Recall, Say

VERSIONS: Mapping[str, str] = {"keep": "2026-11", "check_in": "2026-11", "sensitive": "2026-11", "referral": "2026-12"}
"""The wording of each question. It grows when the words change; what people agreed to is kept with it."""
LABELS: Mapping[str, str] = {
    "keep": _("Keep my answers"),
    "check_in": _("Ask how it is going"),
    "sensitive": _("Keep what I say about health"),
    "referral": _("Pass me on to an office"),
}

KEEP = Choose(
    "keep",
    _("May we keep what you tell us about work and family? Then we can help you better. "
      "We delete it {retention_days} days after our last contact. If you say no, we still advise you."),
    Choice("yes", _("Yes, keep it")),
    Choice("no", _("No, do not keep it")),
    records="consent:keep",
)
CHECK_IN = Choose(
    "may_ask",
    _("May we write to you by ourselves and ask how it is going? You can end it at any time."),
    Choice("yes", _("Yes, ask me")),
    Choice("no", _("No, do not ask me")),
    records="consent:check_in",
)
SENSITIVE = Choose(
    "sensitive_ok",
    _("May we ask and keep one thing about your health? Only our team sees it. You can say no."),
    Choice("yes", _("Yes, you may ask")),
    Choice("no", _("No, leave it out")),
    records="consent:sensitive",
)


def age_matters(minor_age: int, is_minor: bool | None) -> bool:
    """The centre has set an age, and this person was not asked yet."""
    return bool(minor_age) and is_minor is None


def is_under_age(is_minor: bool | None) -> bool:
    return is_minor is True


UNDER_AGE = Choose(
    "under_age",
    _("Are you under {minor_age}?"),
    Choice("yes", _("Yes, I am younger"), then="with_grown_up"),
    Choice("no", _("No")),
    why=_("We ask because younger people need a grown-up with them for these questions."),
    records="minor", when=age_matters,
)
"""Before anything personal is asked."""
WITH_GROWN_UP = Say(
    "with_grown_up",
    _("Thank you for telling us. Please talk to a grown-up that you trust. A counsellor helps "
      "you both, and knows it now. Here we ask you nothing about yourself, and keep no "
      "answers. You can still ask us everything."),
)


def may_decide_alone(is_minor: bool | None) -> bool:
    """Who is under age agrees to these together with a grown-up, through a counsellor."""
    return is_minor is not True


def no_more_kept(keep: str | None) -> bool:
    return keep == "no"


def no_more_asked(may_ask: str | None) -> bool:
    return may_ask == "no"


def no_more_health(sensitive_ok: str | None) -> bool:
    return sensitive_ok == "no"


def no_more_referred(still: str | None) -> bool:
    return still == "no"


CONSENTS = Conversation(
    "consents",
    (
        Recall("agreed", _("You decided this:"), none=_("You have not decided anything yet."), lists="agreed"),
        Choose(
            "which",
            _("Which of these would you like to look at or change?"),
            Choice("keep", _("Keep my answers"), then="keep", when=may_decide_alone),
            Choice("check_in", _("Ask how it is going"), then="may_ask"),
            Choice("sensitive", _("Health"), then="under_age", when=may_decide_alone),
            Choice("back", _("Back to my data"), then="my_data"),
            over="referred",
        ),
        Choose(
            "still",
            _("May our counsellor pass your name and your question on to this office: {which}?"),
            Choice("yes", _("Yes, you may")),
            Choice("no", _("No, not any more")),
            records="referral", of="which",
        ),
        Say("not_referred", _("All right. Nothing more goes to this office. A counsellor tells them if they have "
                              "your name already."), when=no_more_referred, then="again"),
        Say("still_referred", _("Thank you. I have noted it. This changes nothing about our counselling."),
            then="again"),
        KEEP,
        Say("answers_gone", _("Your answers are deleted, and we keep no new ones. This changes nothing about our "
                              "counselling."), when=no_more_kept, then="also"),
        Say("kept", _("Thank you. I have noted it. This changes nothing about our counselling."), then="again"),
        Choose(
            "also",
            _("The messages of this chat and your plan are still there. Shall we delete everything?"),
            Choice("no", _("No, leave them"), then="again"),
            Choice("delete", _("Yes, on to deleting everything"), then="forget"),
        ),
        CHECK_IN,
        Say("not_asked", _("All right. We do not write by ourselves any more, and what was planned is cancelled."),
            when=no_more_asked, then="again"),
        Say("asked", _("Thank you. In a week at the latest we ask you how it is going."), then="again"),
        UNDER_AGE,
        SENSITIVE,
        Say("health_gone", _("What you told us about health is deleted, and we do not ask again."),
            when=no_more_health, then="again"),
        Say("health_kept", _("Thank you. I have noted it. This changes nothing about our counselling."), then="again"),
        WITH_GROWN_UP,
        Go("again", "consents"),
        Go("forget", "my_data", {"what": "forget"}),
        Go("my_data", "my_data"),
    ),
    title=_("What I agreed to"),
)
