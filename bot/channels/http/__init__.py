"""HTTP to a messaging company: one origin, kept connections, short ways. Reading is httptools'."""

from bot.channels.http.client import HttpClient
from bot.channels.http.trouble import ConnectionLost, Forbidden, HttpTrouble, NoAnswer, NotSent, TooMuch, Unreadable

__all__ = ["ConnectionLost", "Forbidden", "HttpClient", "HttpTrouble", "NoAnswer", "NotSent", "TooMuch", "Unreadable"]
