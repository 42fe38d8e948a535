"""Texts, values and dates in a person's language. A folder in locales/ is a language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import tomli
from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.settings import LOCALES
from conversations.engine import Shown, Words
from conversations.kept import kept
from conversations.marking import mark as _
from conversations.marking import mark_plural as _n
from conversations.readers import country_names, land_names, municipality_names

SITE = r"[\w.-]+\.(?:com|org|net|de|eu|info|ks|al)\b\S*|\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b\S*"
UNTOUCHED = rf"https?://\S+|\S+@\S+|{SITE}|\{{[^}}]*\}}|\b(?:[A-C][12]|WHO-5)\b"
"""What stays as it is when Serbian is written in Cyrillic: addresses, placeholders, language levels."""

def stored_languages(folder: Path = LOCALES, with_waiting: bool = False) -> tuple[str, ...]:
    """The languages that facts, partners and ready answers are kept in: a folder each, the two official ones first.
    Those that wait until somebody has read them only where asked for."""
    found = (path.parent.name for path in folder.glob("*/language.toml")
             if with_waiting or not any(one.waits for one in _languages(path)))
    return tuple(sorted(found, key=lambda code: (code != "sq", code != "sr", code)))


MOMENT = _("{weekday}, {date}, from {time}")
YEARS = _n("{number} year", "{number} years")
MONTHS = _n("{number} month", "{number} months")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is said in one language: all of it, and what the script of pages says."""

    texts: Mapping[str, tuple[str, ...]]
    script: Mapping[str, str]


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    locale: Locale
    folder: Path
    cyrillic: bool = False
    latin: tuple[str, ...] = ()
    """Names that stay Latin when the rest is written in Cyrillic."""
    next: tuple[str, ...] = ()
    """What its readers read where a text is missing, in this order; English comes last."""
    heard_as: str = ""
    """The language by whose words what they write is understood."""
    also_for: tuple[str, ...] = ()
    """Languages of phones that get this one."""
    places: str = ""
    """Whose names of municipalities it writes, "sq" or "sr"; empty: both."""
    on_weekday: str | tuple[str, ...] = "{}"
    """The weekday with its "on", for the name or for each day."""
    draft: bool = False
    """Not everything need be there: what lacks is said in the next language, and counted by the check."""
    waits: bool = False
    """Offered only where the centre asks for it: nobody who speaks it has read it."""
    voice: str = ""
    """What espeak-ng calls the voice for it."""
    months_in_dates: tuple[str, ...] = ()
    """Where a month changes its form in a date; CLDR has only the bare name."""

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """Message id (of a plural: the singular) -> its forms, read when first needed."""
        return self._read("messages").texts

    @cached_property
    def desk(self) -> Catalogue:
        """The same of the console, read when a counsellor first asks for a page in this language."""
        return self._read("console")

    def _read(self, domain: str) -> Catalogue:
        path = self.folder / "LC_MESSAGES" / f"{domain}.po"
        if not path.exists():
            return Catalogue({}, {})
        return Catalogue(*kept(path.parent, domain, (path, Path(__file__)), partial(_catalogue, path)))

    @cached_property
    def _untouched(self) -> re.Pattern[str]:
        names = "|".join(re.escape(name) for name in sorted(self.latin, key=len, reverse=True))
        return re.compile(rf"{UNTOUCHED}|(?<!\w)(?:{names})(?!\w)" if names else UNTOUCHED)

    def in_script(self, text: str) -> str:
        """The text as it is written in this language: for derived Cyrillic letter by letter, names as they are."""
        if not self.cyrillic:
            return text
        import cyrtranslit

        done, at = [], 0
        for keep in self._untouched.finditer(text):
            done += [cyrtranslit.to_cyrillic(text[at : keep.start()], "sr"), keep.group()]
            at = keep.end()
        return "".join([*done, cyrtranslit.to_cyrillic(text[at:], "sr")])

    @property
    def plural_kinds(self) -> list[str]:
        """The plural forms of this language, in the order of a catalogue, by CLDR's rules."""
        return [one for one in CATEGORIES if one in {*self.locale.plural_form.tags, "other"}]

    def form(self, number: int) -> int:
        """Which plural form a number takes."""
        return self.plural_kinds.index(self.locale.plural_form(number))


class Translator:
    """Every language of a folder; of those that wait to be read only the ones named (None: all)."""

    def __init__(self, folder: Path = LOCALES, default: str = "en", waiting: Collection[str] | None = ()) -> None:
        found = [one for path in sorted(folder.glob("*/language.toml")) for one in _languages(path)]
        self.languages = {one.code: one for one in found
                          if not one.waits or waiting is None or one.code in (*waiting, default)}
        self.default = default if default in self.languages else "en"
        self._wordings: dict[tuple[str, str], tuple[str, ...]] = {}

    def names(self) -> dict[str, str]:
        """Language code -> what its speakers call it, the default language first."""
        first = sorted(self.languages.values(), key=lambda one: (one.code != self.default, one.code == "en", one.name))
        return {one.code: one.name for one in first}

    def closest(self, hint: str | None, otherwise: str | None = None) -> str:
        """The language to begin with: what the app says, if we have it. "de-AT" is de."""
        for part in (hint or "").replace(";", ",").split(","):
            code = part.strip().replace("-", "_").split("_")[0].lower()
            if "cyrl" in part.lower() and f"{code}_Cyrl" in self.languages:
                return f"{code}_Cyrl"
            if code in self.languages:
                return code
            for one in self.languages.values():
                if code in one.also_for:
                    return one.code
        return self.default if otherwise is None else otherwise

    def __getitem__(self, code: str) -> Language:
        return self.languages.get(code) or self.languages[self.default]

    # -------------------------------------------------------------------- texts

    def text(self, code: str, message: str, **args: str) -> str:
        """A text in a language, its placeholders filled; without a translation, in the next that its readers read."""
        language = self._reading(code, message)
        return fill(language.in_script(language.texts.get(message, (message,))[0]), args)

    def plural(self, code: str, message: tuple[str, str], number: int) -> str:
        """A text that depends on a number."""
        language = self._reading(code, message[0])
        forms = language.texts.get(message[0], message)
        found = language.in_script(forms[min(language.form(number), len(forms) - 1)])
        return fill(found, {"number": self.number(code, number)})

    def pick(self, code: str, wordings: Mapping[str, Any]) -> Any:
        """What stands in this language, or in the next that its readers read."""
        return wordings.get(self.written_in(code, wordings))

    def written_in(self, code: str, wordings: Mapping[str, Any]) -> str:
        """The language of which `pick` takes it."""
        return next((one.folder.name for one in self._readable(code) if wordings.get(one.folder.name)), "en")

    def _reading(self, code: str, message: str) -> Language:
        """The language that a text is said in; what nobody translates, as names are, is in their own."""
        return next((one for one in self._readable(code)
                     if message in one.texts or (one.code == "en" and message in self._ours)), self[code])

    def untranslated(self, code: str) -> frozenset[str]:
        """The texts of the code that are said in another language meanwhile; they are English."""
        return frozenset() if code == "en" else self._ours - self[code].texts.keys()

    @cached_property
    def _ours(self) -> frozenset[str]:
        """The texts of the code: in English where nothing else is left."""
        return frozenset(message for one in self.languages.values() for message in one.texts)

    def _readable(self, code: str) -> Iterator[Language]:
        yield self[code]
        yield from (self.languages[one] for one in (*self[code].next, "en") if one in self.languages)

    def words(self, code: str, words: Words) -> str:
        return self.text(code, words.text, **{name: self.show(code, value) for name, value in words.args.items()})

    def wordings(self, code: str, message: str) -> tuple[str, ...]:
        """How this text reads in each language, the person's first: what they may type instead of tapping."""
        key = (code, message)
        if key not in self._wordings:
            first = [code, *(one for one in self.languages if one != code)]
            self._wordings[key] = tuple(dict.fromkeys(self.text(one, message) for one in first))
        return self._wordings[key]

    # ------------------------------------------------------------------- values

    def show(self, code: str, shown: Shown) -> str:
        """A value as a person reads it."""
        value, kind = shown.value, shown.kind
        if value is None:
            return ""
        match kind:
            case "text":
                return self.text(code, value)
            case "words":
                return self.words(code, value)
            case "list":
                return self.list(code, [self.show(code, one) for one in value])
            case "date":
                return self.partial_date(code, value)
            case "month":
                return str(get_month_names("wide", "format", self[code].locale)[value])
            case "municipality":
                return self.municipality(code, value)
            case "country":
                return self.place(code, country_names(value))
            case "land":
                return self.place(code, land_names(value))
            case "items":
                return "; ".join(self.show(code, one) for one in value)
            case "pair":
                return ": ".join(self.show(code, one) for one in value)
            case "lines":
                return "\n".join(f"– {self.show(code, one)}" for one in value)
            case "months":
                return self.months(code, int(value))
            case "phone":
                return phone_number(value)
        return self.number(code, value) if isinstance(value, int) and kind == "number" else str(value)

    def place(self, code: str, names: Mapping[str, str]) -> str:
        return self[code].in_script(self.pick(code, names))

    def municipality(self, code: str, slug: str) -> str:
        albanian, serbian = municipality_names(slug)
        if albanian == serbian:
            return self[code].in_script(albanian)
        names = {"sq": albanian, "sr": serbian}
        return self[code].in_script(names.get(self[code].places, f"{albanian} / {serbian}"))

    def months(self, code: str, months: int) -> str:
        years, rest = divmod(months, 12)
        parts = []
        if years:
            parts.append(self.plural(code, YEARS, years))
        if rest or not years:
            parts.append(self.plural(code, MONTHS, rest))
        return self.list(code, parts)

    def number(self, code: str, value: float) -> str:
        return format_decimal(value, locale=self[code].locale)

    def list(self, code: str, items: Iterable[str]) -> str:
        return format_list([one for one in items if one], locale=self[code].locale)

    def partial_date(self, code: str, value: str) -> str:
        """"2019", "2019-03" or "2019-03-05" as a person reads it."""
        parts = [int(part) for part in value.split("-")]
        if len(parts) == 1:
            return value
        if len(parts) == 2:
            name = get_month_names("wide", "stand-alone", self[code].locale)[parts[1]]
            return f"{name} {parts[0]}" + ("." if self[code].months_in_dates else "")
        return self.day(code, date(*parts))

    def day(self, code: str, day: date) -> str:
        if months := self[code].months_in_dates:
            return self[code].in_script(f"{day.day}. {months[day.month - 1]} {day.year}.")
        return format_date(day, "long", locale=self[code].locale)

    def weekday(self, code: str, day: date) -> str:
        """The weekday with its "on": "on Monday", "am Montag", "të hënën", "u ponedeljak"."""
        on = self[code].on_weekday
        if isinstance(on, tuple):
            return self[code].in_script(on[day.weekday()])
        return on.format(get_day_names("wide", "format", self[code].locale)[day.weekday()])

    def date_and_time(self, code: str, at: datetime) -> str:
        """"Monday, 23 November 2026, 14:05", in a list or behind a colon."""
        name = get_day_names("wide", "stand-alone", self[code].locale)[at.weekday()]
        clock = format_time(at, "HH:mm", tzinfo=at.tzinfo, locale=self[code].locale)
        return f"{self[code].in_script(name)}, {self.day(code, at.date())}, {clock}"

    def moment(self, code: str, at: datetime) -> str:
        """"on Monday, 23 November 2026, 14:05"."""
        clock = format_time(at, "HH:mm", tzinfo=at.tzinfo, locale=self[code].locale)
        day = at.date()
        return self.text(code, MOMENT, weekday=self.weekday(code, day), date=self.day(code, day), time=clock)


def _catalogue(path: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The texts that are translated, and those of them that a script says."""
    from babel.messages.pofile import read_po

    texts: dict[str, tuple[str, ...]] = {}
    script: dict[str, str] = {}
    for one in read_po(BytesIO(path.read_bytes())):
        key = one.id[0] if isinstance(one.id, tuple | list) else one.id
        forms = one.string if isinstance(one.string, tuple | list) else (one.string,)
        if key and all(forms) and not one.fuzzy:
            texts[str(key)] = tuple([str(form) for form in forms])
            if any(file.endswith(".js") for file, _line in one.locations):
                script[str(key)] = str(forms[0])
    return texts, script


def _languages(path: Path) -> list[Language]:
    about: dict[str, Any] = tomli.loads(path.read_text(encoding="utf-8"))
    days = about.get("on_weekday", "{}")
    more = {
        "next": tuple(about.get("next", ())), "heard_as": about.get("heard_as", path.parent.name),
        "places": about.get("places", ""), "voice": about.get("voice", ""),
        "draft": about.get("draft", False), "waits": about.get("waits", False),
        "on_weekday": days if isinstance(days, str) else tuple(days),
        "months_in_dates": tuple(about.get("months_in_dates", ())),
    }
    found = [Language(path.parent.name, about["name"], Locale.parse(about["babel"]), path.parent,
                      also_for=tuple(about.get("also_for", ())), **more)]
    if derived := about.get("derived"):
        found.append(Language(derived["code"], derived["name"], Locale.parse(derived["babel"]), path.parent, True,
                              tuple(derived.get("latin", ())), **more))
    return found


def fill(text: str, args: Mapping[str, str]) -> str:
    for name, value in args.items():
        if value.endswith("."):  # a Serbian date has its own full stop
            text = text.replace("{" + name + "}.", value)
        text = text.replace("{" + name + "}", value)
    return text


def phone_number(value: str) -> str:
    """An E.164 number in groups."""
    import phonenumbers

    return phonenumbers.format_number(
        phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )

