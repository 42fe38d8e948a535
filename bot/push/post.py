"""One push: an empty message to a push service (RFC 8030)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.channels.http import Forbidden, HttpClient, HttpTrouble
from bot.push.places import Places, origin_of, path_of

ANSWER_WITHIN, CONNECT_WITHIN = 8.0, 4.0
MOST_BYTES = 20_000
"""Of the answer, which nobody reads."""
WORKS_LATER = (408, 425, 429)


class Fate(Enum):
    TAKEN = "taken"
    LATER = "later"
    ENDED = "ended"
    """It is not wanted, or leads nowhere."""


async def post(endpoint: str, headers: Mapping[str, str], places: Places) -> Fate:
    if not places.takes(endpoint):
        return Fate.ENDED
    client = HttpClient(origin_of(endpoint), connections=1, answer_within=ANSWER_WITHIN, connect_within=CONNECT_WITHIN,
                        headers=headers, may_reach=places.may_reach)
    client.open()
    try:
        status, _ = await client.post(path_of(endpoint), b"", "application/octet-stream", most=MOST_BYTES)
    except Forbidden:
        return Fate.ENDED
    except HttpTrouble:
        return Fate.LATER
    finally:
        await client.close()
    return fate_of(status)


def fate_of(status: int) -> Fate:
    """A redirect is not followed: it could lead anywhere."""
    if 200 <= status < 300:
        return Fate.TAKEN
    return Fate.LATER if status in WORKS_LATER or status >= 500 else Fate.ENDED
