"""The channels that the settings name, each with the words that its platform shows by itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bot.channels.base import Channel, HasLinks
from bot.channels.web_chat import WebChat
from bot.clock import Clock
from bot.live import Live
from bot.receive.texts import BEGIN, BEGIN_HERE, COMMANDS
from bot.settings import Settings
from bot.translate import Translator

BACK_TO_CHAT = "plan"
"""What the link on a printed plan says of where somebody comes from."""


def chosen(settings: Settings, clock: Clock, live: Live) -> list[Channel]:
    """The web chat, and those of which we have a token."""
    found: list[Channel] = [WebChat(live)]
    if settings.telegram_token:
        from bot.channels.telegram import Telegram

        posted_to = settings.public_url if settings.telegram_mode == "webhook" else ""
        found.append(Telegram(settings.telegram_token, settings.telegram_api_url, clock.now,
                              _telegram_commands(settings), public_url=posted_to,
                              descriptions=_telegram_descriptions(settings)))
    if settings.viber_token:
        from bot.channels.viber import Viber

        found.append(Viber(settings.viber_token, settings.viber_api_url, clock.now, public_url=settings.public_url,
                           sender=settings.centre_name, welcome=partial(_viber_welcome, settings)))
    return found


def _viber_welcome(settings: Settings, language: str | None) -> tuple[str, str]:
    """What everybody sees who opens the chat there for the first time."""
    translator = Translator(default=settings.default_language, waiting=settings.draft_languages)
    code = translator.closest(language)
    return translator.text(code, BEGIN_HERE, centre=settings.centre_name), translator.text(code, BEGIN)


def _telegram_commands(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """The commands that Telegram lists, in each language."""
    translator = Translator(default=settings.default_language, waiting=settings.draft_languages)
    shown = ("menu", "human", "danger", "language", "help", "hide", "stop")
    return {
        code: [(name, translator.text(code, COMMANDS[name])) for name in shown]
        for code, language in translator.languages.items() if not language.cyrillic
    }


def _telegram_descriptions(settings: Settings) -> dict[str, str]:
    """What stands in a chat that is still empty; "" for who reads none of our languages."""
    translator = Translator(default=settings.default_language, waiting=settings.draft_languages)
    codes = {"": translator.closest(None), **{one.code: one.code for one in translator.languages.values()
                                              if not one.cyrillic}}
    return {key: translator.text(code, BEGIN_HERE, centre=settings.centre_name) for key, code in codes.items()}


def door(channels: Mapping[str, Channel], settings: Settings, name: str) -> str:
    """The address that opens our chat on this channel; on the web, our own."""
    channel = channels.get(name)
    if isinstance(channel, HasLinks):
        return channel.link(BACK_TO_CHAT)
    return settings.public_url if isinstance(channel, WebChat) else ""
