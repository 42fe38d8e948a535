"""What is wrong with conversations, texts, facts, rules and the safety gate, found without running them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conversations.checks.answers import check_answers
from conversations.checks.facts import check_lines, check_register
from conversations.checks.fault import Fault
from conversations.checks.ids import check_ids
from conversations.checks.links import check_links, check_together
from conversations.checks.paths import check_paths
from conversations.checks.safety import check_safety
from conversations.checks.schemes import check_rules, check_schemes
from conversations.checks.terms import check_terms
from conversations.checks.texts import Texts, Wording, check_placeholders, check_texts, check_wordings
from conversations.checks.wording import Said, Termbase, check_plurals, check_wording, read_termbase
from conversations.model import Conversation

__all__ = [
    "Fault", "Said", "Termbase", "Texts", "Wording", "check", "check_all", "check_lines", "check_plurals",
    "check_register", "check_rules", "check_safety", "check_schemes", "check_terms", "check_together", "check_wording",
    "check_wordings", "read_termbase",
]


def check(
    conversation: Conversation,
    conversations: Collection[str],
    facts: Collection[str] = (),
    partners: Collection[str] = (),
    texts: Texts | None = None,
) -> list[Fault]:
    """Everything that is wrong with one conversation, beside the names of all others, facts and partners."""
    found = [
        *check_ids(conversation),
        *check_paths(conversation),
        *check_answers(conversation),
        *check_links(conversation, conversations, facts, partners),
        *check_placeholders(conversation),
    ]
    return found + list(check_texts(conversation, texts)) if texts is not None else found


def check_all(
    conversations: Mapping[str, Conversation],
    starts: Collection[str],
    facts: Collection[str] = (),
    partners: Collection[str] = (),
    texts: Texts | None = None,
) -> list[Fault]:
    """Everything that is wrong with each conversation, and with how they lead to each other."""
    found = [fault for one in conversations.values() for fault in check(one, conversations, facts, partners, texts)]
    return found + list(check_together(conversations, starts))
