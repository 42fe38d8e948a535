"""Texts, values and dates in a person's language. A folder in locales/ is a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import tomli
from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.settings import LOCALES
from conversations.engine import Shown, Words
from conversations.marking import mark as _
from conversations.marking import mark_plural as _n
from conversations.readers import country_names, land_names, municipality_names

UNTOUCHED = r"https?://\S+|[\w.-]+\.(?:com|org|net|de|eu|info|ks|al)\b\S*|\{[^}]*\}|\b(?:[A-C][12]|WHO-5)\b"
"""What stays as it is when Serbian is written in Cyrillic: addresses, placeholders, language levels."""

MOMENT = _("{weekday}, {date}, from {time}")
YEARS = _n("{number} year", "{number} years")
MONTHS = _n("{number} month", "{number} months")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")


@dataclass(frozen=True, slots=True)
class DeskTexts:
    """What counsellors read: all of it, and what the pages' script says."""

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

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """Message id (of a plural: the singular) -> its forms, read when first needed."""
        return {key: forms for key, forms, _files in self._read("messages")}

    @cached_property
    def desk(self) -> DeskTexts:
        """The same of the console, read when a counsellor first asks for a page in this language."""
        found = list(self._read("console"))
        return DeskTexts(
            {key: forms for key, forms, _files in found},
            {key: forms[0] for key, forms, files in found if any(one.endswith(".js") for one in files)},
        )

    def _read(self, domain: str) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
        """Message id, its forms, the files that it stands in."""
        path = self.folder / "LC_MESSAGES" / f"{domain}.po"
        if not path.exists():
            return
        for one in read_po(BytesIO(path.read_bytes())):
            key = one.id[0] if isinstance(one.id, tuple | list) else one.id
            forms = one.string if isinstance(one.string, tuple | list) else (one.string,)
            if key and all(forms) and not one.fuzzy:
                yield str(key), tuple(str(form) for form in forms), [file for file, _line in one.locations]

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
    """Every language of a folder."""

    def __init__(self, folder: Path = LOCALES, default: str = "en") -> None:
        self.languages = {one.code: one for path in sorted(folder.glob("*/language.toml")) for one in _languages(path)}
        self.default = default if default in self.languages else "en"
        self._wordings: dict[tuple[str, str], tuple[str, ...]] = {}

    def names(self) -> dict[str, str]:
        """Language code -> what its speakers call it, the default language first."""
        first = sorted(self.languages.values(), key=lambda one: (one.code != self.default, one.code == "en", one.name))
        return {one.code: one.name for one in first}

    def closest(self, hint: str | None, otherwise: str | None = None) -> str:
        """The language to begin with: what the app says, if we have it. "de-AT" is de, "bs" reads Serbian."""
        for part in (hint or "").replace(";", ",").split(","):
            code = part.strip().replace("-", "_").split("_")[0].lower()
            if "cyrl" in part.lower() and f"{code}_Cyrl" in self.languages:
                return f"{code}_Cyrl"
            if code in ("bs", "hr", "cnr", "sh", "me"):
                code = "sr"
            if code in self.languages:
                return code
        return self.default if otherwise is None else otherwise

    def __getitem__(self, code: str) -> Language:
        return self.languages.get(code) or self.languages[self.default]

    # -------------------------------------------------------------------- texts

    def text(self, code: str, message: str, **args: str) -> str:
        """A text in a language, its placeholders filled. Without a translation it is English."""
        language = self[code]
        found = language.texts.get(message, (message,))[0]
        return fill(language.in_script(found), args)

    def plural(self, code: str, message: tuple[str, str], number: int) -> str:
        """A text that depends on a number."""
        language = self[code]
        forms = language.texts.get(message[0], message)
        found = language.in_script(forms[min(language.form(number), len(forms) - 1)])
        return fill(found, {"number": self.number(code, number)})

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
        return self[code].in_script(names.get(code.split("_")[0]) or names["en"])

    def municipality(self, code: str, slug: str) -> str:
        albanian, serbian = municipality_names(slug)
        if albanian == serbian:
            return self[code].in_script(albanian)
        names = {"sq": albanian, "sr": serbian}
        return self[code].in_script(names.get(code.split("_")[0], f"{albanian} / {serbian}"))

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
            return f"{name} {parts[0]}" + ("." if code.startswith("sr") else "")
        return self.day(code, date(*parts))

    def day(self, code: str, day: date) -> str:
        if code.startswith("sr"):
            return self[code].in_script(f"{day.day}. {SERBIAN_MONTHS[day.month - 1]} {day.year}.")
        return format_date(day, "long", locale=self[code].locale)

    def weekday(self, code: str, day: date) -> str:
        """The weekday with its "on": "on Monday", "am Montag", "të hënën", "u ponedeljak"."""
        base = code.split("_")[0]
        if base in ON_WEEKDAY:
            return self[code].in_script(ON_WEEKDAY[base][day.weekday()])
        name = get_day_names("wide", "format", self[code].locale)[day.weekday()]
        return {"de": "am {}", "en": "on {}"}.get(base, "{}").format(name)

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


ON_WEEKDAY = {
    "sq": ("të hënën", "të martën", "të mërkurën", "të enjten", "të premten", "të shtunën", "të dielën"),
    "sr": ("u ponedeljak", "u utorak", "u sredu", "u četvrtak", "u petak", "u subotu", "u nedelju"),
}
"""Albanian and Serbian change the form of the day; CLDR has only the bare name."""
SERBIAN_MONTHS = ("januara", "februara", "marta", "aprila", "maja", "juna", "jula", "avgusta", "septembra", "oktobra",
                  "novembra", "decembra")
"""In a date the month stands in the genitive; CLDR's Serbian has the nominative."""


def _languages(path: Path) -> list[Language]:
    about: dict[str, Any] = tomli.loads(path.read_text(encoding="utf-8"))
    found = [Language(path.parent.name, about["name"], Locale.parse(about["babel"]), path.parent)]
    if derived := about.get("derived"):
        found.append(Language(derived["code"], derived["name"], Locale.parse(derived["babel"]), path.parent, True,
                              tuple(derived.get("latin", ()))))
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

