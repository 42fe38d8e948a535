"""What Telegram answers instead of a result."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    def __init__(self, status: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters
