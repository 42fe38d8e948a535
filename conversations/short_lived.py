"""Which answers tell how somebody feels or what their health is: those are kept for a shorter time than the others."""

from collections.abc import Iterator

from conversations import CONVERSATIONS
from conversations.model import all_steps


def _personal() -> Iterator[str]:
    for conversation in CONVERSATIONS.values():
        yield from (step.id for step in all_steps(conversation) if getattr(step, "personal", False))


TALKS = frozenset({"psychosocial", "distress", "wellbeing", "wellbeing_again", "answer", "other_language"})
"""Conversations of which every answer does, or may: some keep the words that they were opened for."""
QUESTIONS = frozenset({"mood", "someone", *_personal()})
"""Questions anywhere: of the check-in, and all that are asked with the separate consent."""
