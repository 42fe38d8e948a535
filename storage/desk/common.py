"""What every page about people needs: how they are called, and how much one page shows."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import Row, Select

from conversations.marking import Phrase

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
MOST = 200
"""How many rows one page shows."""
SNIPPET = 80
CANNOT_BE_READ = Phrase("Cannot be read")
"""In a list, in the place of what is damaged."""


class DeskError(Exception):
    """Why a counsellor's action did not happen: one plain sentence that the page shows."""


def name_of(contact_id: int, known: dict[str, Any] | None) -> str:
    """How colleagues call a person: the name they told us, or a number."""
    return str((known or {}).get("name") or "") or Phrase("Person {number}", number=contact_id)


def shortened(text: str, most: int = SNIPPET) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
