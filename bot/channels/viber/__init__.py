"""Viber: a thin client of its REST API, by webhook."""

from bot.channels.viber.channel import Viber

__all__ = ["Viber"]
