"""A message -> the parameters of Telegram's sendMessage. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from bot.channels import layout
from bot.channels.base import Button, Outgoing
from bot.channels.layout import rows_of

TEXT_LIMIT = 4096
"""In UTF-16 code units: an emoji counts twice."""
CAPTION_LIMIT = 1024
"""The same for what stands under a file."""
FILES = {"photo": "sendPhoto", "voice": "sendVoice", "audio": "sendAudio", "video": "sendVideo",
         "document": "sendDocument"}
"""What can be sent on by the number that Telegram has for it: kind -> method."""
CAN_BE_COVERED = frozenset({"photo", "video"})

MOST_DELETED = 100
"""So many messages one call of deleteMessages takes (https://core.telegram.org/bots/api#deletemessages)."""


def requests_for(outgoing: Outgoing) -> list[dict[str, Any]]:
    """One call for each part of the text; the buttons stand under the last."""
    message, file = outgoing.message, _file_of(outgoing)
    has_caption = file is not None and utf16_length(message.text) <= CAPTION_LIMIT
    parts = [] if has_caption else split(message.text)
    calls = [_call(outgoing, part) for part in parts]
    if message.veiled:
        for call, part, covered_from in zip(calls, parts, _covered_from(parts), strict=True):
            call["entities"] = _covered(part, covered_from)
    if file is not None:
        calls.insert(0, _file_call(outgoing, *file, message.text if has_caption else ""))
    if message.answers is not None and message.answers.isdigit():
        answered = {"message_id": int(message.answers), "allow_sending_without_reply": True}
        calls[0]["reply_parameters"] = answered
    if message.buttons:
        calls[-1]["reply_markup"] = {"inline_keyboard": keyboard(message.buttons, message.columns)}
    return calls


def _call(outgoing: Outgoing, text: str) -> dict[str, Any]:
    call = {"chat_id": chat_id(outgoing.address), "text": text, "link_preview_options": {"is_disabled": True}}
    return {**call, "disable_notification": True} if outgoing.message.quiet else call


File: TypeAlias = str | tuple[str, str, bytes]
"""The number that Telegram has for it, or its name, type and content."""


def _file_of(outgoing: Outgoing) -> tuple[str, File] | None:
    """Kind and file: one that Telegram has already, or one of ours."""
    medium = outgoing.message.medium
    if medium is not None and outgoing.content is not None:
        return medium.kind, (medium.name, medium.type, outgoing.content)
    return outgoing.message.file


def _file_call(outgoing: Outgoing, kind: str, file: File, caption: str) -> dict[str, Any]:
    call: dict[str, Any] = {"chat_id": chat_id(outgoing.address), kind: file}
    if caption:
        call["caption"] = caption
    if outgoing.message.veiled:
        call |= {"has_spoiler": True} if kind in CAN_BE_COVERED else {}
        begin = utf16_length(caption.partition("\n")[0])
        call |= {"caption_entities": _covered(caption, begin)} if caption else {}
    return {**call, "disable_notification": True} if outgoing.message.quiet else call


def album_of(together: Sequence[Outgoing]) -> dict[str, Any]:
    """One call of sendMediaGroup: pictures without words and buttons, which stand in the message behind them."""
    first = together[0]
    call: dict[str, Any] = {"chat_id": chat_id(first.address), "media": []}
    for number, one in enumerate(together):
        assert one.message.medium is not None
        name = f"picture{number}"
        covered = {"has_spoiler": True} if one.message.veiled else {}
        call["media"].append({"type": "photo", "media": f"attach://{name}", **covered})
        call[name] = (one.message.medium.name, one.message.medium.type, one.content)
    return {**call, "disable_notification": True} if first.message.quiet else call


def method_of(call: dict[str, Any]) -> str:
    """Which of Telegram's methods takes this."""
    return next((method for kind, method in FILES.items() if kind in call), "sendMessage")


def _covered(text: str, begin: int) -> list[dict[str, Any]]:
    return [{"type": "spoiler", "offset": begin, "length": utf16_length(text) - begin}]


def _covered_from(parts: Sequence[str]) -> Iterator[int]:
    """Telegram shows what is covered neither in the chat nor in a notification, until it is tapped
    (https://telegram.org/blog/reactions-spoilers-translations). The first line stays open."""
    for number, part in enumerate(parts):
        yield utf16_length(part.partition("\n")[0]) if number == 0 else 0


def deletions_for(outgoing: Outgoing) -> list[dict[str, Any]]:
    """Calls of deleteMessages for what is to be taken away, a hundred messages at a time."""
    numbers = [int(one) for ids in outgoing.hides for one in ids.split(",")]
    return [{"chat_id": chat_id(outgoing.address), "message_ids": numbers[at : at + MOST_DELETED]}
            for at in range(0, len(numbers), MOST_DELETED)]


def chat_id(address: str) -> int | str:
    try:
        return int(address)
    except ValueError:
        return address


def keyboard(buttons: Sequence[Button], columns: int) -> list[list[dict[str, str]]]:
    return [[_key(button) for button in row] for row in rows_of(buttons, columns)]


def _key(button: Button) -> dict[str, str]:
    return {"text": button.label, "url" if button.kind == "link" else "callback_data": button.data}


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """The text in parts that Telegram takes."""
    return layout.split(text, lambda rest: _head(rest, limit))


def _head(text: str, limit: int) -> str:
    """As much of the beginning as fits, without cutting a character in two."""
    if len(text) * 2 <= limit or utf16_length(text) <= limit:
        return text
    units = text[:limit].encode("utf-16-le", "surrogatepass")[: limit * 2]
    return units.decode("utf-16-le", "ignore") or text[:1]


def utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
