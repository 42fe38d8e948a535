"""What is asked before any legal way to Germany: a ban and the 24 months decide which answer helps."""

from collections.abc import Mapping
from typing import Any

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Say, Tell


def is_banned(entry_ban: str | None) -> bool:
    return entry_ban == "active"


def may_be_banned(entry_ban: str | None) -> bool:
    return entry_ban == "unknown"


def had_benefits(asylum_benefits: str | None) -> bool:
    return asylum_benefits == "within_24"


def has_not_said(known: Mapping[str, Any]) -> bool:
    """Nobody is asked for the passport who has ticked it among their papers, or has said that they have none."""
    papers = known.get("papers")
    picked = papers.get("picked", ()) if isinstance(papers, dict) and papers.get("done") else ()
    return not {"biometric_passport", "none"} & set(picked)


ENTRY_BAN = Choose(
    "entry_ban",
    _("Do you have an entry ban for Germany?"),
    Choice("none", _("No")),
    Choice("active", _("Yes")),
    Choice("unknown", _("I don't know")),
    why=_("We ask because it decides which visa is possible. We give the answer to no office."),
    label=_("Entry ban"),
    skippable=True,
    remember=True,
)
ASYLUM_BENEFITS = Choose(
    "asylum_benefits",
    _("Did you get money for asylum seekers in Germany in the last 24 months?"),
    Choice("never", _("No")),
    Choice("within_24", _("Yes")),
    Choice("unknown", _("I don't know")),
    why=_("We ask because one way to work in Germany depends on it."),
    label=_("Asylum money in the last 24 months"),
    skippable=True,
    remember=True,
)
HAS_PASSPORT = Choose(
    "has_passport",
    _("Do you have a valid biometric passport?"),
    Choice("yes", _("Yes")),
    Choice("no", _("No")),
    why=_("You need it for every legal way."),
    label=_("Biometric passport"),
    skippable=True,
    remember=True,
    when=has_not_said,
)

GUARD = (
    ENTRY_BAN,
    Say("banned", _("With an entry ban, no visa is possible as long as it runs. It may be possible to shorten it."),
        when=is_banned),
    Tell("ban_fact", ("migration.am-i-banned",), when=may_be_banned),
    ASYLUM_BENEFITS,
    Tell("benefits_fact", ("migration.asylum-benefits-24-months",), when=had_benefits),
    HAS_PASSPORT,
)
