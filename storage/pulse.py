"""How it went on each side, check-in by check-in: read where the answers are kept, so it goes when they do."""

from __future__ import annotations

from sqlalchemy import Connection, select

from conversations.pulse import MOST, levels
from storage.tables import Run

CHECK_IN = "check_in"


def history(connection: Connection, contact_id: int, without: int) -> list[dict[str, int]]:
    """The oldest first. `without`: the run that is under way."""
    rows = connection.execute(
        select(Run.answers).where(Run.contact_id == contact_id, Run.conversation == CHECK_IN, Run.id != without)
        .order_by(Run.id.desc()).limit(2 * MOST))
    found = [levels(answers) for (answers,) in rows]
    return [one for one in reversed(found) if one]
