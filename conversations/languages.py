"""Which language we write in; and a way to a person for a language that is spoken with us, and not by the program."""

from dataclasses import replace

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, HandOff

ROMANI = "rom"
"""No machine writes it here: people of the team do, or find somebody who does."""


def wants_romani(language: str) -> bool:
    return language == ROMANI


QUESTION = _("Which language do you want to use?")
WHICH = Choose(
    "language",
    QUESTION,
    Choice(ROMANI, _("Romani")),
    over="languages",
    records="language",
)
IN_ROMANI = HandOff(
    "romani",
    "general",
    _("Would like to talk in Romani"),
    text=_("People speak Romani with you, this program does not. Somebody from our team looks for a way and writes to "
           "you here."),
    when=wants_romani,
)
LANGUAGE = Conversation(
    "language",
    (WHICH, replace(IN_ROMANI, then="talked"), End("end", _("From now on I write in this language.")), End("talked")),
    title=_("Language"),
)
OTHER_LANGUAGE = Conversation(
    "other_language",
    (Choose("language", QUESTION, over="languages", records="language"), End("end")),
    title=_("Language"),
)
"""The bot opens it once, where somebody writes in another language than the one that they have chosen."""
