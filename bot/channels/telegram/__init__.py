"""Telegram, by long polling or by webhook: our own calls, python-telegram-bot's errors."""

from bot.channels.base import TokenRefused
from bot.channels.telegram.channel import Telegram

__all__ = ["Telegram", "TokenRefused"]
