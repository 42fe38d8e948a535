"""Which clock a person goes by: that of Kosovo, or of the country in which they still are.

Of countries with one clock each the zone that is kept under a name everywhere. Where a country has several, the one in
which most people live; a counsellor sets another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANSWERS = ("situation", "country")
"""What decides it."""
OF_COUNTRY: Mapping[str, str] = {
    "DE": "Europe/Berlin", "CH": "Europe/Zurich", "AT": "Europe/Vienna", "FR": "Europe/Paris", "IT": "Europe/Rome",
    "SE": "Europe/Berlin", "NO": "Europe/Berlin", "DK": "Europe/Berlin", "FI": "Europe/Helsinki",
    "IS": "Africa/Abidjan", "BE": "Europe/Brussels", "NL": "Europe/Brussels", "LU": "Europe/Brussels",
    "GB": "Europe/London", "IE": "Europe/Dublin", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "GR": "Europe/Athens",
    "CY": "Asia/Nicosia", "MT": "Europe/Malta", "SI": "Europe/Belgrade", "HR": "Europe/Belgrade",
    "BA": "Europe/Belgrade", "RS": "Europe/Belgrade", "ME": "Europe/Belgrade", "MK": "Europe/Belgrade",
    "AL": "Europe/Tirane", "BG": "Europe/Sofia", "RO": "Europe/Bucharest", "HU": "Europe/Budapest",
    "CZ": "Europe/Prague", "SK": "Europe/Prague", "PL": "Europe/Warsaw", "LI": "Europe/Zurich",
    "EE": "Europe/Tallinn", "LV": "Europe/Riga", "LT": "Europe/Vilnius", "UA": "Europe/Kyiv", "MD": "Europe/Chisinau",
    "BY": "Europe/Minsk", "RU": "Europe/Moscow", "MC": "Europe/Paris", "SM": "Europe/Rome", "AD": "Europe/Andorra",
    "VA": "Europe/Rome", "TR": "Europe/Istanbul", "US": "America/New_York", "CA": "America/Toronto",
    "AU": "Australia/Sydney", "NZ": "Pacific/Auckland", "AE": "Asia/Dubai", "QA": "Asia/Qatar",
}
OTHERS = ("America/Chicago", "America/Denver", "America/Los_Angeles", "America/Vancouver", "Australia/Perth")
"""Of the countries with several clocks."""


def zone_of(known: Mapping[str, Any], home: str) -> str:
    """`home`: the zone of the centre. Whoever has not said that they are still abroad is there."""
    if known.get("situation") != "returning":
        return home
    return OF_COUNTRY.get(str(known.get("country")), home)


def choices(now: str, home: str) -> list[str]:
    """The zones that a counsellor can choose, by the name of the town; the one that holds is among them."""
    return sorted({*OF_COUNTRY.values(), *OTHERS, now, home}, key=lambda one: one.rpartition("/")[2])
