"""Telegram, by long polling: python-telegram-bot's Bot and errors, over aiohttp."""

from bot.channels.base import TokenRefused
from bot.channels.telegram.channel import Telegram

__all__ = ["Telegram", "TokenRefused"]
