"""Somebody wants what they were told in large letters, or read aloud: by the button under it, or in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.receive.visit import Visit
from bot.render import fact_card, forms
from conversations.register import Certainty
from storage import told

if TYPE_CHECKING:
    from bot.receive.turns import Turns

FORMS = (forms.PAPER, forms.VOICE)


def give(turns: Turns, visit: Visit, kind: str, fact_id: str) -> None:
    """`fact_id`: empty for the one that they were told last. What was open is asked again below it."""
    fact = turns.knowledge.register.facts.get(fact_id or told.last(visit.connection, visit.id) or "")
    reader = turns.reader(visit)
    if fact is not None and fact.certainty(visit.today, turns.knowledge.show_unverified) != Certainty.UNKNOWN:
        if kind == forms.PAPER and visit.limits.media:
            card = fact_card(fact, reader, turns.translator, turns.knowledge)
            settings = turns.settings
            centre = (settings.centre_name, settings.centre_address, settings.centre_phone)
            visit.said.append(forms.printed(fact, card, reader, turns.translator, turns.knowledge, centre,
                                            turns.door(visit.channel)))
        elif kind == forms.VOICE and reader.listens and visit.limits.media:
            card = fact_card(fact, forms.plain(reader), turns.translator, turns.knowledge)
            visit.said.append(forms.spoken(card, reader, turns.translator))
        else:
            card = fact_card(fact, reader, turns.translator, turns.knowledge)
            visit.said.append(replace(card, buttons=()))
    turns.resume(visit, greet=False)
