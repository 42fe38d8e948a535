"""Which answers tell how somebody feels or what their health is: those are kept for a shorter time than the others."""

TALKS = frozenset({"psychosocial"})
"""Conversations of which every answer does."""
QUESTIONS = frozenset({"health", "mood", "someone"})
"""Questions elsewhere."""
