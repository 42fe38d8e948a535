"""Which help a person may ask for: rules as data, walked by pure functions.

`rules` reads the files in conversations/schemes, `fields` says what the rules may know of a person, `judge` holds
the one against the other. Three values: True, False, and None for open. A skipped or unknown answer makes a
condition open, never false and never true. Nothing here promises anything.
"""

from conversations.eligibility.fields import Known, Span, Ticked, fields
from conversations.eligibility.judge import OPERATORS, Three, Verdict, all_of, answer, any_of, holds, judge, suggest
from conversations.eligibility.rules import FOLDER, BadRule, Condition, Deadline, Route, Rules, Scheme, read, schemes

__all__ = [
    "FOLDER", "OPERATORS", "BadRule", "Condition", "Deadline", "Known", "Route", "Rules", "Scheme", "Span", "Three",
    "Ticked", "Verdict", "all_of", "answer", "any_of", "fields", "holds", "judge", "read", "schemes", "suggest",
]
