"""Several people who use one phone: each has a chat of their own, behind a sign and four digits.

`WHO` is all that is shown while nobody has said who they are: no name, no subject, nothing of what this is about."""

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from conversations.discreet import all_goes, nothing_goes, two_days_go
from conversations.marking import mark as _
from conversations.model import Ask, Choice, Choose, Conversation, End, Go, Say
from conversations.readers import NotUnderstood, Result, Value

SIGNS = {
    "tree": _("🌳 Tree"), "star": _("⭐ Star"), "moon": _("🌙 Moon"), "sun": _("☀️ Sun"), "fish": _("🐟 Fish"),
    "flower": _("🌻 Flower"), "apple": _("🍎 Apple"), "bell": _("🔔 Bell"),
}
"""Pictures that say nothing of anybody: whoever holds the phone sees them."""
FOUR = re.compile(r"[0-9]{4}")
_EXACTLY_FOUR = _("Please write exactly four digits.")
WHICH_SIGN = _("Choose a sign. The others see it. It says nothing about you.")
WHICH_DIGITS = _("Choose four digits that the others do not know. You write them when you come back.")


@dataclass(frozen=True, slots=True)
class FourDigits:
    kind: ClassVar[str] = "plain"

    def read(self, text: str, today: date) -> Result:
        digits = re.sub(r"[\s.-]", "", text)
        return digits if FOUR.fullmatch(digits) else NotUnderstood(_EXACTLY_FOUR)

    def accepts(self, value: Value) -> bool:
        return isinstance(value, str) and FOUR.fullmatch(value) is not None


def is_free(free_signs: list[dict[str, str]]) -> bool:
    return bool(free_signs)


def not_shared(is_shared: bool) -> bool:
    return not is_shared


def shared(is_shared: bool) -> bool:
    return is_shared


def alone(is_alone: bool) -> bool:
    return is_alone


WHO = Conversation(
    "who",
    (
        Choose(
            "whose_sign",
            _("Hello. Who is writing? Tap your sign."),
            Choice("new", _("I am new here"), then="new_sign", when=is_free),
            over="signs",
            columns=2,
        ),
        Ask("digits", _("Please write your four digits."), reads=FourDigits(), records="phone:open", then="known"),
        Choose("new_sign", WHICH_SIGN, over="free_signs", columns=2),
        Ask("new_digits", WHICH_DIGITS, reads=FourDigits(), records="phone:join"),
        End("known"),
    ),
    title=_("Who is writing?"),
)

SHARE = Conversation(
    "share",
    (
        Choose(
            "what",
            _("Several people use this chat. When you have finished, tap “Close my chat”. Then somebody else can "
              "write."),
            Choice("alone", _("Only I use this phone now"), then="alone", when=alone),
            Choice("back", _("Back to my data"), then="my_data"),
            records="phone:what",
            when=shared,
        ),
        Choose(
            "sure",
            _("Do other people use this phone too? Then each of you gets a chat of your own here. A sign and four "
              "digits open it. Whoever does not know your digits does not see your chat."),
            Choice("yes", _("Yes, set it up")),
            Choice("no", _("No"), then="my_data"),
            when=not_shared,
        ),
        Choose("sign", WHICH_SIGN, over="free_signs", columns=2, when=not_shared),
        Ask("digits", WHICH_DIGITS, reads=FourDigits(), records="phone:share", when=not_shared, then="set_up"),
        Say("set_up", _("When you close your chat, we take away all that was said. So we do after 30 minutes without a "
                        "word."), when=all_goes, then="ready"),
        Say("set_up_two_days", _("When you close your chat, we take away the last 2 days. So we do after 30 minutes "
                                 "without a word. Please delete older messages yourself."),
            when=two_days_go, then="ready"),
        Say("set_up_nothing", _("We cannot take away what was said here. When you close your chat, please delete it "
                                "yourself. After 30 minutes without a word your chat is closed too."),
            when=nothing_goes, then="ready"),
        End("alone", _("From now on this chat is only yours. No sign is needed any more.")),
        End("ready", _("Done. From now on each of you has a chat of your own here. When you have finished, tap “Close "
                        "my chat”. Then somebody else can choose a sign.")),
        Go("my_data", "my_data"),
    ),
    title=_("Several people, one phone"),
)
