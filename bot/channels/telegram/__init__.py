"""Telegram, by long polling or by webhook: python-telegram-bot's Bot and errors, over aiohttp."""

from bot.channels.base import TokenRefused
from bot.channels.telegram.channel import Telegram

__all__ = ["Telegram", "TokenRefused"]
