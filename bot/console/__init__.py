"""The counsellors' console: server-made pages under /console."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from bot.console.account import Account
from bot.console.actions import Actions
from bot.console.auth import Auth
from bot.console.cases import Cases
from bot.console.day import MyDay
from bot.console.facts import Facts
from bot.console.files import Files
from bot.console.guard import HOME, ConsoleRoute
from bot.console.hours import Hours
from bot.console.languages import Languages
from bot.console.links import Links
from bot.console.live import Events
from bot.console.look import Look
from bot.console.moves import ChatMoves
from bot.console.new_facts import NewFacts
from bot.console.pages import Pages, add_static
from bot.console.partners import Partners
from bot.console.parts import ConsoleParts, Desk
from bot.console.people import Merging, People
from bot.console.people.words import CaseWords
from bot.console.presence import Presences
from bot.console.pushes import Pushes
from bot.console.questions import Questions
from bot.console.record import Record
from bot.console.replies import Replies
from bot.console.report import Report
from bot.console.reports import Reports
from bot.console.sign_in import SignIn
from bot.console.team import Team

__all__ = ["ConsoleParts", "Desk", "console_routes"]


def console_routes(parts: ConsoleParts) -> APIRouter:
    """All of the console: its paths begin with /console."""
    words = CaseWords(parts.translator, parts.register)
    look = Look(parts.settings, parts.clock, parts.demo, parts.hours, words.partner,
                push_key=parts.push.vapid.public if parts.push else "")
    auth = Auth(parts, look)
    pages = Pages(parts, look)
    doors = SignIn(auth)
    router = APIRouter(prefix=HOME, dependencies=[Depends(auth.require)], route_class=ConsoleRoute)
    add_static(router)
    facts = Facts(auth)
    facts.add_to(router)
    NewFacts(facts).add_to(router)
    Partners(auth).add_to(router)
    for part in (doors, pages, Actions(parts, pages), ChatMoves(parts, pages), Events(parts), MyDay(auth),
                 Cases(auth, words), People(auth, words), Merging(auth, words), Account(auth, doors), Team(auth),
                 Hours(auth), Presences(auth), Replies(auth), Record(auth), Report(auth), Reports(auth, words),
                 Questions(auth, facts), Links(auth), Languages(auth), Pushes(auth)):
        part.add_to(router)
    Files(parts).add_to(router)
    return router
