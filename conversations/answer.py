"""What follows a question in a person's own words: the fact that answers it, or what it could be about."""

from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, End, Go, Say, Tell

FOUND = "found"
"""The given value with the facts that could be meant."""
WHICH = "which"
"""The answer that is a fact's id."""
NONE = "none"
ASKED = "@asked"
"""Where a run keeps the words that it was opened for."""


def nothing_found(found: list[object]) -> bool:
    return not found


def something_found(found: list[object]) -> bool:
    return bool(found)


ANSWER = Conversation(
    "answer",
    (
        Branch("unclear", when=nothing_found, then="unsure"),
        Choose(
            WHICH,
            _("Do you mean one of these?"),
            Choice(NONE, _("None of these"), then="area"),
            over=FOUND,
            records="helped",
        ),
        Tell("fact", answer=WHICH),
        Choose(
            "helped",
            _("Did this help?"),
            Choice("yes", _("Yes"), then="end"),
            Choice("no", _("No"), then="not_helped"),
            records="helped",
        ),
        Say("not_helped", _("Thank you for telling us. Let us look further.")),
        Branch("understood", when=something_found, then="area"),
        Say("unsure", _("I am not sure what you need.")),
        Choose(
            "area",
            _("What is it about?\nYou can also talk to a person from our team."),
            Choice("employment", _("Work and career"), then="employment"),
            Choice("migration", _("Legal ways to Germany"), then="migration"),
            Choice("reintegration", _("Settling in again"), then="reintegration"),
            Choice("psychosocial", _("How I feel"), then="psychosocial"),
            Choice("other", _("Something else"), then="end"),
        ),
        Go("employment", "employment"),
        Go("migration", "migration"),
        Go("reintegration", "reintegration"),
        Go("psychosocial", "psychosocial"),
        End("end"),
    ),
    title=_("Your question"),
)
"""The bot opens it with the facts that could be meant, or with the one that it is, as the answer to `which`."""
