"""Telegram, by long polling: python-telegram-bot's Bot and errors, over aiohttp."""

from bot.channels.telegram.channel import Telegram, TokenRefused

__all__ = ["Telegram", "TokenRefused"]
