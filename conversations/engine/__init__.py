"""walk() and advance(): the only logic of conversations. Pure: no database, network, clock or channel.

The position is not stored; it follows from the answers. Stored are the answers, by the path of their question
(`town`, `children/0/age`, `children/1?`), and which question the person was shown last. A skipped question is
stored as None.
"""

from conversations.engine.advance import advance
from conversations.engine.read import NOT_UNDERSTOOD
from conversations.engine.show import THAT_IS_ALL, names_in, shown
from conversations.engine.turn import (
    Action,
    AddStep,
    Answers,
    Back,
    Effect,
    FactCard,
    Given,
    Heading,
    Kept,
    Labels,
    Line,
    Opened,
    OpenTask,
    OpenTicket,
    Option,
    Output,
    Picked,
    Progress,
    Prompt,
    Propose,
    Record,
    Resumed,
    Said,
    Schedule,
    Sent,
    Shown,
    Skip,
    Suggestions,
    Turn,
    Withdraw,
    Words,
    only_itself,
)
from conversations.engine.walk import CONFIRM, ENOUGH, MORE, SKIPPED, At, Walk, answered, migrate, walk

__all__ = [
    "CONFIRM", "ENOUGH", "MORE", "NOT_UNDERSTOOD", "SKIPPED", "THAT_IS_ALL", "Action", "AddStep", "Answers",
    "At", "Back", "Effect", "FactCard", "Given", "Heading", "Kept", "Labels", "Line", "OpenTask",
    "OpenTicket", "Opened", "Option", "Output", "Picked", "Progress", "Prompt", "Propose", "Record",
    "Resumed", "Said", "Schedule", "Sent", "Shown", "Skip", "Suggestions", "Turn", "Walk", "Withdraw",
    "Words", "advance", "answered", "migrate", "names_in", "only_itself", "shown", "walk",
]
