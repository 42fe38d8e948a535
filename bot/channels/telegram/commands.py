"""The list of commands behind Telegram's menu button, and what stands in a chat that is still empty. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def command_calls(commands: Mapping[str, Sequence[tuple[str, str]]]) -> list[dict[str, Any]]:
    """One call a language, by its first two letters; "" stands for all others."""
    chosen: dict[str, Sequence[tuple[str, str]]] = {}
    for language, entries in commands.items():
        chosen.setdefault(language[:2].lower(), entries)
    return [_call(language, entries) for language, entries in chosen.items()]


def description_calls(descriptions: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same for the description: at most 512 characters (https://core.telegram.org/bots/api#setmydescription)."""
    chosen: dict[str, str] = {}
    for language, text in descriptions.items():
        chosen.setdefault(language[:2].lower(), text)
    return [{"description": text, **({"language_code": language} if language else {})}
            for language, text in chosen.items()]


def _call(language: str, entries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    listed = [{"command": name.lstrip("/"), "description": text} for name, text in entries]
    return {"commands": listed, **({"language_code": language} if language else {})}
