"""JSON read as if anything might stand anywhere: what is not of the right kind counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

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
