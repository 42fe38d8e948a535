"""The language of the page that is being made. Whoever answers a request sets it once; whatever is said on the page
asks here. Outside of a request it is English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal
from starlette.requests import Request

from bot.translate import Language, Translator, fill
from conversations.marking import Phrase
from conversations.readers import municipality as places

SPOKEN: Mapping[str, str] = {"en": "English", "sq": "Shqip", "de": "Deutsch", "sr": "Srpski"}
"""What the console is written in, as each is called by who speaks it."""
COOKIE = "console-language"
"""What this browser has chosen at the door."""


@dataclass(frozen=True, slots=True)
class Tongue:
    translator: Translator
    code: str

    @property
    def language(self) -> Language:
        return self.translator[self.code]

    @property
    def locale(self) -> Locale:
        return self.language.locale


_now: ContextVar[Tongue] = ContextVar("tongue")


@cache
def _english() -> Tongue:
    return Tongue(Translator(), "en")


def now() -> Tongue:
    found = _now.get(None)
    return found if found is not None else _english()


def speak(translator: Translator, code: str) -> None:
    """From here on, for this request."""
    _now.set(Tongue(translator, code if code in SPOKEN else "en"))


@contextmanager
def speaking(translator: Translator, code: str) -> Iterator[None]:
    """For a while, where no request is answered."""
    before = _now.set(Tongue(translator, code if code in SPOKEN else "en"))
    try:
        yield
    finally:
        _now.reset(before)


def of_browser(request: Request, translator: Translator) -> str:
    """What was chosen in this browser; otherwise the first of its languages that the console has."""
    if (chosen := request.cookies.get(COOKIE, "")) in SPOKEN:
        return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        known = translator.closest(wanted.partition(";")[0].strip(), otherwise="").partition("_")[0]
        for one in (known, *(translator[known].next if known else ())):
            if one in SPOKEN:
                return one
    return "en"


# ------------------------------------------------------------------------ words


def spoken(text: str, **places: object) -> str:
    """A sentence of ours in the reader's language. One that counsellors' catalogue does not have may be one that
    people read too: why a talk was handed over."""
    if isinstance(text, Phrase):
        places = dict(text.places)
        text = text.text
    language = now().language
    found = language.desk.texts.get(text) or language.texts.get(text) or (text,)
    return fill(found[0], {name: _place(value) for name, value in places.items()})


def is_known(text: str) -> bool:
    """Whether it is a sentence of ours, in a language that is not English."""
    language = now().language
    return text in language.desk.texts or text in language.texts


def spoken_many(one: str, many: str, number: int, **places: object) -> str:
    """A sentence that depends on a number."""
    language = now().language
    forms = language.desk.texts.get(one) or (one, many)
    found = forms[min(language.form(number), len(forms) - 1)]
    return fill(found, {"number": whole(number), **{name: _place(value) for name, value in places.items()}})


def _place(value: object) -> str:
    return spoken(value) if isinstance(value, Phrase) else value if isinstance(value, str) else str(value)


def reason_of(error: Exception) -> str:
    """The sentence of an error that a page shows."""
    said = error.args[0] if error.args else ""
    return spoken(said) if isinstance(said, str) else str(error)


def script_words() -> Mapping[str, str]:
    """What the page's script says."""
    return now().language.desk.script


def municipality(slug: str) -> str:
    """By its name; what somebody typed there stays as it is."""
    return now().translator.municipality(now().code, slug) if places.accepts(slug) else slug


# ------------------------------------------------------------------------ numbers and days


def whole(number: int) -> str:
    return str(format_decimal(number, locale=now().locale))


def decimal(number: float, digits: int = 1) -> str:
    return str(format_decimal(number, f"#,##0.{'0' * digits}", locale=now().locale))


def listed(items: list[str]) -> str:
    return str(format_list(items, locale=now().locale)) if items else ""


def day(of: date) -> str:
    """ "23 November 2026"."""
    tongue = now()
    return tongue.translator.day(tongue.code, of)


def short_day(of: date) -> str:
    """ "23 Nov 2026"."""
    return str(format_date(of, "medium", locale=now().locale))


def day_of_week(of: date) -> str:
    """ "Monday, 23 November 2026"."""
    name = str(get_day_names("wide", "stand-alone", now().locale)[of.weekday()])
    return f"{name}, {day(of)}"


def month(of: date) -> str:
    """ "November 2026"."""
    return str(format_date(of, "LLLL y", locale=now().locale))
