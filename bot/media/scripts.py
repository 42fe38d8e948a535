"""The script with which the chat's page and the console's make photos smaller before they send them."""

from __future__ import annotations

from pathlib import Path

SMALLER = Path(__file__).parent / "static" / "smaller.js"
