from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from conversations.marking import mark as _
from conversations.readers.base import NotUnderstood, Result, Several, Value
from conversations.readers.fold import squeeze
from conversations.readers.places_index import Index, cases, find, gathered, spellings

_WHICH_TOWN = _("Please write the town or the municipality. Example: Prizren.")
_WHICH_COUNTRY = _("Please write the name of the country. Example: Germany.")
_WHICH_LAND = _("Please write the Land or a big city near it. Example: Bavaria, Stuttgart.")

INFLECTED = {"sq": "sq", "sr": "sr", "bs": "sr"}
"""Languages whose names have cases, and whose."""
_FOLDER = Path(__file__).parent.parent / "places"


@cache
def _data(name: str) -> dict[str, Any]:
    return tomli.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def _municipalities() -> Mapping[str, dict[str, Any]]:
    return {entry["slug"]: entry for entry in _data("municipalities")["municipality"]}


def _municipality_keys() -> Iterator[tuple[str, str]]:
    for slug, entry in _municipalities().items():
        names = [slug, entry["sq"], entry["sq_def"], entry["sr"], *entry["aliases"]]
        names += [*cases(entry["sq"], "sq"), *cases(entry["sr"], "sr")]
        yield from ((key, slug) for name in names for key in spellings(name))


@cache
def _municipality_index() -> Index:
    entries = _data("municipalities")["ambiguous"]
    asked = {squeeze(entry["word"]): tuple(entry["options"]) for entry in entries}
    regions = {word: slugs for word, slugs in asked.items() if slugs}
    return Index(gathered(_municipality_keys()), regions, too_wide=frozenset(asked.keys() - regions.keys()))


def _country_like_keys(file: str) -> Iterator[tuple[str, str]]:
    for code, entry in _data(file).items():
        named = _named(entry)
        names = [*named.values(), *entry["aliases"]]
        inflected = [case for one, way in INFLECTED.items() if one in named for case in cases(named[one], way)]
        inflected += [case for name in entry["aliases"] for case in cases(name, "sq")]
        yield from ((key, code) for name in [*names, *inflected] for key in spellings(name))


def _city_keys(file: str) -> Iterator[tuple[str, str]]:
    for code, entry in _data(file).items():
        yield from ((key, code) for city in entry["cities"] for key in spellings(city))


def _index(file: str, more_cities: Mapping[str, str]) -> Index:
    sure = gathered(_country_like_keys(file))
    cities = gathered([*_city_keys(file), *more_cities.items()])
    return Index(sure, {key: codes for key, codes in cities.items() if key not in sure}, prefix_from=4)


@cache
def _land_index() -> Index:
    return _index("laender", {})


@cache
def _country_index() -> Index:
    """A Land or a city of a Land answers "which country" too."""
    german = [*_city_keys("laender"), *_country_like_keys("laender")]
    return _index("countries", {key: "DE" for key, _land in german if len(key) > 3})


@dataclass(frozen=True, slots=True)
class Place:
    kind: str
    help: str
    index: Callable[[], Index] = field(repr=False)
    codes: Callable[[], Mapping[str, Any]] = field(repr=False)

    def read(self, text: str, today: date) -> Result:
        found: str | Several | None = find(text, self.index())
        return NotUnderstood(self.help) if found is None else found

    def accepts(self, value: Value) -> bool:
        return isinstance(value, str) and value in self.codes()


def _countries() -> Mapping[str, Any]:
    return _data("countries")


def _laender() -> Mapping[str, Any]:
    return _data("laender")


def municipality_names(slug: str) -> tuple[str, str]:
    """Albanian, Serbian."""
    entry = _municipalities()[slug]
    return entry["sq"], entry["sr"]


def country_names(code: str) -> dict[str, str]:
    return _named(_countries()[code])


def land_names(code: str) -> dict[str, str]:
    return _named(_laender()[code])


def _named(entry: Mapping[str, Any]) -> dict[str, str]:
    return {language: name for language, name in entry.items() if isinstance(name, str)}


municipality = Place("municipality", _WHICH_TOWN, _municipality_index, _municipalities)
country = Place("country", _WHICH_COUNTRY, _country_index, _countries)
land = Place("land", _WHICH_LAND, _land_index, _laender)
