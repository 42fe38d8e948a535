"""Whoever writes can be reached, and is back where they had left; whoever blocks us cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.receive import back_again, texts
from bot.receive.visit import Visit
from bot.receive.when import allowed_for
from bot.routing import Answer, Route, ToCounsellor
from conversations import LEAVING_NAME as LEAVING
from storage import contacts, messages, reminders
from storage.messages import REMINDER, REPLY

if TYPE_CHECKING:
    from bot.receive.turns import Turns


def is_back(turns: Turns, visit: Visit, route: Route) -> None:
    """They are asked again how it goes, if they agree to it."""
    if visit.person.stopped_at is not None and not _says_goodbye(visit, route):
        visit.person.stopped_at, visit.person.changed = None, True
        is_at_home = visit.current is None or visit.current.conversation == turns.home
        if back_again.came_back(visit) and is_at_home and not isinstance(route, ToCounsellor):
            turns.say(visit, texts.WELCOME_BACK)
    if (visit.channel, visit.address) in visit.blocked:
        contacts.set_blocked(visit.connection, visit.channel, visit.address, None)
        visit.blocked.discard((visit.channel, visit.address))
        reminders.reachable_again(visit.connection, visit.id, allowed_for(visit, timedelta(days=1)))


def _says_goodbye(visit: Visit, route: Route) -> bool:
    """Who answers our question why they leave is not back by that."""
    run = visit.current
    return isinstance(route, Answer) and run is not None and run.conversation == LEAVING


def gone(visit: Visit) -> None:
    contacts.set_blocked(visit.connection, visit.channel, visit.address, visit.now)
    messages.fail_all(visit.connection, visit.id, visit.channel, visit.address, "blocked")
    visit.blocked.add((visit.channel, visit.address))
    visit.withdrawn |= {REPLY, REMINDER}
    visit.news.add(f"contact:{visit.id}")
