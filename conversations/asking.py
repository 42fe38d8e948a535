"""How often we ask: a pause, less often, not any more. Done at once, said, and taken back with one tap."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End

BEFORE = "@before"
"""Where a run keeps what held before, so that it can be taken back."""
WISH = "wish"
UNDO = "undo"


def pauses(wish: str | None) -> bool:
    return wish == "pause"


def wants_less(wish: str | None) -> bool:
    return wish == "less"


def stops(wish: str | None) -> bool:
    return wish == "stop"


ASKING = Conversation(
    "asking",
    (
        Choose(
            WISH,
            _("How shall we go on asking how it is going?"),
            Choice("pause", _("Pause for two weeks")),
            Choice("less", _("Less often")),
            Choice("stop", _("Do not ask any more")),
            Choice("same", _("Leave it as it is"), then="same"),
            records="asking",
        ),
        Choose(
            "paused",
            _("All right. For two weeks we do not write by ourselves. You can write to us at any time."),
            Choice(UNDO, _("Undo"), then="as_before"),
            records="asking",
            when=pauses,
        ),
        Choose(
            "less",
            _("All right. We ask you less often from now on. You can write to us at any time."),
            Choice(UNDO, _("Undo"), then="as_before"),
            records="asking",
            when=wants_less,
        ),
        Choose(
            "stopped",
            _("All right. We will not write to you by ourselves any more. You can write to us at any time."),
            Choice(UNDO, _("Undo"), then="as_before"),
            records="asking",
            when=stops,
        ),
        End("same", _("All right. We leave it as it is.")),
        End("as_before", _("All right. It is as it was before.")),
    ),
    title=_("How often we ask"),
)
