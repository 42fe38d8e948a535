"""How people feel. The bot listens in one line, gives a place to turn to, and offers a person."""

from conversations.areas import Subject, Topic, area_conversation
from conversations.marking import mark as _
from conversations.model import Say


def is_new(again: bool) -> bool:
    return not again


def may_keep(keep: bool | None) -> bool:
    """Answers that nobody could read later are not asked for."""
    return keep is True


TALK = _("Have a talk with a counsellor")

PSYCHOSOCIAL = area_conversation(
    "psychosocial",
    _("How I feel"),
    _("What is it about? You can also just write to a person."),
    (
        Subject("self", _("I do not feel well"), _("Many people feel like this after coming back. What is it most?"), (
            Topic("sleep", _("I cannot sleep"), ("psychosocial.cannot-sleep",), TALK),
            Topic("shame", _("I feel ashamed"), ("psychosocial.shame",), TALK),
            Topic("leave", _("I cannot stay here"), ("psychosocial.leave-again",), TALK),
            Topic("addiction", _("Alcohol or drugs"), ("psychosocial.alcohol-drugs",), TALK, "labyrinth"),
            Topic("wellbeing", _("Five short questions"), (), opens="wellbeing", when=may_keep),
        )),
        Subject("family", _("My family"), _("Your family. What is it about?"), (
            Topic("child", _("My child is sad"), ("psychosocial.child-misses-germany",), TALK, "ura"),
            Topic("violence", _("Someone hurts me"), ("emergency.violence-at-home", "emergency.protection-order"),
                  urgent=True),
            Topic("shelter", _("I must leave tonight"), ("emergency.shelter-tonight",), urgent=True),
            Topic("lgbti", _("Not safe for who I am"), ("psychosocial.lgbti",), TALK, "cel-kosova"),
        )),
        Subject("past", _("War and flight"), _("War and flight. You need not tell us anything. What is it about?"), (
            Topic("memories", _("It comes back at night"), ("psychosocial.war-memories",), TALK, "krct"),
            Topic("war_violence", _("Violence in the war"), ("psychosocial.war-sexual-violence",), TALK, "krct"),
        )),
        Subject("therapy", _("Doctor or therapy"), _("Help from experts. What do you want to know?"), (
            Topic("free", _("Is there free therapy?"), ("psychosocial.trauma-therapy-free",), TALK, "diakonie-kosova"),
            Topic("centre", _("Mental health centre"), ("psychosocial.mental-health-centre",),
                  _("Ask for a date at the mental health centre")),
        )),
        Subject("danger", _("Threats or debts"), _("You may tell a person more. What is it about?"), (
            Topic("threats", _("Someone threatens us"), ("emergency.threats-over-money",), urgent=True),
            Topic("trafficking", _("Someone has my papers"), ("emergency.trafficking",), urgent=True),
        )),
    ),
    enquired=_("Thank you for writing this. Someone from our team will read it and write to you here. "
               "If you want to talk now, tap “Ask a counsellor”."),
    intro=(
        Say("listen", _("It is good that you write about this. If you are in danger now, call 112."), when=is_new),
    ),
)
