"""What is wrong with the words by which free text is understood."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from conversations.checks.fault import Fault
from conversations.register import seed_words
from conversations.understanding import INTENTS
from conversations.understanding.terms import WAITING, Term, terms

AREAS = frozenset({"employment", "migration", "reintegration", "psychosocial"})
WITHOUT_A_COMMAND = frozenset({"yes", "no"})


def check_terms(facts: Collection[str]) -> Iterator[Fault]:
    """Every term speaks for something that there is, and has letters to be found by."""
    known = {"intent": INTENTS.keys() | WITHOUT_A_COMMAND, "area": AREAS, "fact": facts, "other": {"other"}}
    for name in seed_words().keys() - set(facts):
        yield Fault("the terms", name, "term-of", "There is no fact of this name.")
    for term in terms(tuple(path.stem for path in WAITING)).all:
        where = f"the terms in {term.language}"
        if term.name not in known[term.kind]:
            yield Fault(where, term.name, "term-of", f"There is no {term.kind} of this name.")
        if not _can_be_found(term):
            yield Fault(where, term.name, "term-empty", "A term is empty, or begins with fewer than two letters.")


def _can_be_found(term: Term) -> bool:
    return bool(term.parts) and all(len(part.sound) > part.begins for part in term.parts)
