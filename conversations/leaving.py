"""Somebody wants to leave again: asked why, without reproach, and shown the legal ways."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, HandOff

LEAVING = Conversation(
    "leaving",
    (
        Choose(
            "why_leave",
            _("You would like to leave again. That is your decision, and nobody holds it against you. "
              "May we ask what it is about?"),
            Choice("work", _("Work")),
            Choice("money", _("Money")),
            Choice("family", _("Family")),
            Choice("safety", _("I do not feel safe here")),
            Choice("other", _("Something else")),
            why=_("It helps us to help others. You need not answer."),
            records="leaving",
            skippable=True,
        ),
        Choose(
            "before_you_go",
            _("There are legal ways to Germany. Would you like to see them, or talk with somebody first?"),
            Choice("ways", _("Show me the legal ways"), then="ways"),
            Choice("talk", _("Ask a counsellor"), then="talk"),
            Choice("no", _("No, thank you"), then="end"),
        ),
        Go("ways", "migration"),
        HandOff("talk", area="migration", reason=_("Wants to leave again, and to talk before")),
        End("end", _("We wish you a good way. The door stays open: write here at any time, wherever you are.")),
    ),
    title=_("Leaving again"),
)
