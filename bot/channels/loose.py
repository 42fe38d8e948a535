"""JSON read as if anything might stand anywhere: what is not of the right kind counts as missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from bot.channels.http import Unreadable
from bot.safely import storable

Json: TypeAlias = Mapping[str, Any]


def an_object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def a_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def a_number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def a_coordinate(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def known(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def parsed(payload: bytes) -> dict[str, Any]:
    """An answer or an update. Raises Unreadable."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = _lenient(payload)
    if not isinstance(found, dict):
        raise Unreadable("Invalid server response")
    return found


def parsed_or_empty(payload: bytes) -> dict[str, Any]:
    """What was posted to us; empty where nobody can read it: that is an update of no kind."""
    try:
        return parsed(payload)
    except (Unreadable, RecursionError):
        return {}


def _lenient(payload: bytes) -> Any:
    """What the strict parser refuses: half characters must not hold up everybody's updates."""
    try:
        return storable(json.loads(payload.decode("utf-8", "replace")))
    except ValueError:
        return None
