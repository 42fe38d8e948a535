"""Two records that turn out to be one person's: made one, shown, and taken apart again.

`rows` moves rows from one person to another and locks them anew, `written` changes values so that they can be put back,
`joined` does both in one transaction, and `found` looks for records that may be one person's."""

from storage.merging.found import Joined, alike, has_had_them, joined_into, of
from storage.merging.joined import NOT_TOGETHER, UNDONE_FOR, cut, merge, tidy, undo

__all__ = ["NOT_TOGETHER", "UNDONE_FOR", "Joined", "alike", "cut", "has_had_them", "joined_into", "merge", "of", "tidy",
           "undo"]
