"""A message -> the parameters of Viber's send_message. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from bot.channels.base import Button, Outgoing
from bot.channels.layout import rows_of, split

TEXT_LIMIT = 7000
CAPTION_LIMIT = 768
"""Under a picture (https://developers.viber.com/docs/api/rest-bot-api/#picture-message)."""
GRID = 6
"""A keyboard has so many columns."""
NAME_LIMIT = 28
"""So long a sender's name may be."""
API_VERSION = 6
"""From here on a tap can stay out of the chat (`Silent`)."""
TAP = "tap|"
"""What a button sends begins with this: its id, never its label, so it means the same in each language."""


def requests_for(outgoing: Outgoing, name: str) -> list[dict[str, Any]]:
    """One call for each part of the text; the keyboard comes with the last."""
    message, files = outgoing.message, list(_files(outgoing, name))
    has_caption = bool(files) and files[0]["type"] == "picture" and len(message.text) <= CAPTION_LIMIT
    if has_caption:
        files[0]["text"] = message.text
    parts = [] if has_caption else split(message.text, lambda rest: rest[:TEXT_LIMIT])
    calls = [one | {"receiver": outgoing.address} for one in (*files, *(text_message(part, name) for part in parts))]
    if message.buttons:
        calls[-1]["keyboard"] = keyboard(message.buttons, message.columns)
    return calls


def _files(outgoing: Outgoing, name: str) -> Iterator[dict[str, Any]]:
    """A picture or a file, which Viber fetches from us."""
    medium = outgoing.message.medium
    if medium is None or outgoing.content is None or not outgoing.link:
        return
    more = {"text": ""} if medium.kind == "photo" else {"size": len(outgoing.content), "file_name": medium.name}
    kind = "picture" if medium.kind == "photo" else "file"
    yield {"type": kind, "media": outgoing.link, **_from(name), **more}


def text_message(text: str, name: str) -> dict[str, Any]:
    return {"type": "text", "text": text, **_from(name)}


def _from(name: str) -> dict[str, Any]:
    return {"sender": {"name": name[:NAME_LIMIT]}, "min_api_version": API_VERSION}


def keyboard(buttons: Sequence[Button], columns: int) -> dict[str, Any]:
    rows = [row[at : at + GRID] for row in rows_of(buttons, columns) for at in range(0, len(row), GRID)]
    keys = [_key(button, wide) for row in rows for button, wide in _on_grid(row)]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": keys}


def _on_grid(row: Sequence[Button]) -> list[tuple[Button, int]]:
    """How many of the six columns each has; the last ones take what is left."""
    each, left = divmod(GRID, len(row))
    return [(button, each + (number >= len(row) - left)) for number, button in enumerate(row)]


def _key(button: Button, columns: int) -> dict[str, Any]:
    """Viber reads a label as HTML."""
    is_link = button.kind == "link"
    return {
        "Columns": columns, "Rows": 1, "Text": escape(button.label, quote=False), "TextSize": "regular",
        "ActionType": "open-url" if is_link else "reply", "ActionBody": button.data if is_link else TAP + button.data,
        "Silent": True,
    }
