"""A counsellor asks whether something may go to a partner; and later, the person hears what came of it."""

from conversations.areas import DO_NOT_SEND, NOT_SENT, REFERRAL_QUESTION, REFERRED, YES_SEND
from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, End, HandOff, Say


def not_open(is_open: bool) -> bool:
    return not is_open


def agrees(may_send: str | None) -> bool:
    return may_send == "yes"


def is_rejected(how_it_ended: str | None) -> bool:
    return how_it_ended == "rejected"


def did_not_help(did_it_help: str | None = None) -> bool:
    return did_it_help == "no"


def is_done(how_it_ended: str | None) -> bool:
    return how_it_ended == "done"


def has_no_answer(how_it_ended: str | None) -> bool:
    return how_it_ended == "no_answer"


def has_words(outcome: object) -> bool:
    return outcome is not None


REFERRAL = Conversation(
    "referral",
    (
        Say("asks", _("A counsellor would like to pass you on to an office. You decide.")),
        Choose(
            "may_send",
            REFERRAL_QUESTION,
            Choice("yes", YES_SEND),
            Choice("no", DO_NOT_SEND),
            records="send",
        ),
        Branch("too_late", when=not_open, then="closed"),
        Branch("agreed", when=agrees, then="referred"),
        End("not_sent", NOT_SENT),
        End("referred", REFERRED),
        End("closed", _("Thank you. This has been settled meanwhile, and nothing is sent.")),
    ),
    title=_("Contact with an office"),
    keeps=True,
)

OUTCOME = Conversation(
    "outcome",
    (
        Say("rejected", _("{partner} cannot help with this. That is no judgement of you."), when=is_rejected),
        Say("done", _("{partner} tells us that your request is done."), when=is_done),
        Say("no_answer", _("{partner} has not answered us, although we asked."), when=has_no_answer),
        Say("words", _("They told us: {outcome}"), when=has_words),
        Choose(
            "did_it_help",
            _("Did this contact help you?"),
            Choice("yes", _("Yes")),
            Choice("partly", _("A little")),
            Choice("no", _("No"), then="said_no"),
            records="outcome",
            skippable=True,
            then="end",
            when=is_done,
        ),
        Say("said_no", _("Thank you for saying so."), when=did_not_help),
        Choose(
            "what_now",
            _("Shall a counsellor look with you at what else there is?"),
            Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
            Choice("no", _("Not now"), then="end"),
        ),
        HandOff("hand_off", area="general", reason=_("A contact with an office did not help")),
        End("end", _("Thank you. You can write to us again at any time.")),
    ),
    title=_("What came of it"),
)
