"""What may be stored, and what may be logged."""

from __future__ import annotations

import traceback
from typing import Any


def clean(text: str) -> str:
    """The text without half characters and zero bytes, which no database takes."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def storable(value: Any) -> Any:
    """A value from JSON with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, list) else value


def described(error: BaseException) -> dict[str, str]:
    """An error for the log: its kind and where it came up. Its own words may hold what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""}
