"""What somebody asked about has an answer now, or another one. What is first seen says nothing about it."""

from __future__ import annotations

from collections.abc import Collection

from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, End, HandOff, Say, Tell

HELLO = _("Hello. Here is something new for you.")
SHOW = Choice("now", _("Show it"))


def nothing_new(news_of_facts: Collection[str]) -> bool:
    """It was told meanwhile."""
    return not news_of_facts


def wants_a_talk(more: str | None) -> bool:
    return more == "talk"


FACT_NEWS = Conversation(
    "fact_news",
    (
        Choose("ready", HELLO, SHOW, otherwise="now"),
        Branch("told", when=nothing_new, then="end"),
        Say("intro", _("You asked us about this. This is how it is now:")),
        Tell("facts", answer="news_of_facts"),
        End("end", _("You can write to us at any time.")),
    ),
    title=_("What you asked about"),
)

HELP_NEWS = Conversation(
    "help_news",
    (
        Choose("ready", HELLO, SHOW, otherwise="now"),
        Choose(
            "more",
            _("A counsellor has looked at it. You may ask for this:\n{confirmed}\n\n"
              "We cannot promise it; the office decides."),
            Choice("talk", _("Talk about it")),
            Choice("enough", _("Good")),
        ),
        HandOff("talk", area="general", reason=_("What may I ask for?"), when=wants_a_talk),
        End("end", _("You can write to us at any time.")),
    ),
    title=_("What you asked about"),
)
