"""The list of commands behind Telegram's menu button. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def command_calls(commands: Mapping[str, Sequence[tuple[str, str]]]) -> list[dict[str, Any]]:
    """One call a language, by its first two letters; "" stands for all others."""
    chosen: dict[str, Sequence[tuple[str, str]]] = {}
    for language, entries in commands.items():
        chosen.setdefault(language[:2].lower(), entries)
    return [_call(language, entries) for language, entries in chosen.items()]


def _call(language: str, entries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    listed = [{"command": name.lstrip("/"), "description": text} for name, text in entries]
    return {"commands": listed, **({"language_code": language} if language else {})}
