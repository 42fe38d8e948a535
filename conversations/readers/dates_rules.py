"""Tokens -> the dates that they mention. A rule is a pattern over the class letters of dates_words.py."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from conversations.readers.dates_model import (
    Context,
    Mention,
    Partial,
    exists,
    first_day,
    full_year,
    of_day,
    one,
    shifted_month,
)
from conversations.readers.dates_words import Token, encoded, tokens_of
from conversations.readers.durations import ONE_QUANTITY, Quantity, quantities

Build: TypeAlias = Callable[[list[Token], Context], Mention | None]


def by_kind(tokens: list[Token], kind: str) -> list[int]:
    return [token.value for token in tokens if token.kind == kind]


def from_today(days: int, ctx: Context) -> Mention:
    return Mention((of_day(ctx.today + timedelta(days=days)),))


# ---- day, month and year as numbers or a month's name ----

def day_month_year(day: int, month: int, year: int) -> Mention:
    if month > 12 >= day:  # 03/15/2024
        day, month = month, day
    return one(year, month, day) if 1 <= month <= 12 else Mention(())


def numeric(tokens: list[Token], ctx: Context) -> Mention | None:
    first, second, third = (t.value for t in tokens)
    if tokens[0].kind == "Y":
        return day_month_year(third, second, first)
    if tokens[2].kind == "Y":
        return day_month_year(first, second, third)
    return day_month_year(first, second, full_year(third, ctx)) if tokens[2].digits == 2 else None


def with_name(tokens: list[Token], ctx: Context) -> Mention | None:
    """15 March 2024, March 15 2024, 2024 March 15, 15 March 24"""
    numbers, (month,), years = by_kind(tokens, "N"), by_kind(tokens, "M"), by_kind(tokens, "Y")
    if not years and tokens[-1].digits != 2:
        return None
    return one(years[0] if years else full_year(numbers[-1], ctx), month, numbers[0])


def month_and_year(tokens: list[Token], ctx: Context) -> Mention | None:
    return one(by_kind(tokens, "Y")[0], by_kind(tokens, "M")[0])


def numbers_month_and_year(tokens: list[Token], ctx: Context) -> Mention | None:
    month, year = by_kind(tokens, "N")[0], by_kind(tokens, "Y")[0]
    return one(year, month) if 1 <= month <= 12 else Mention(())


def nearest_day(month: int, day: int, ctx: Context) -> Partial:
    """The last such day, or the next one."""
    here = Partial(ctx.today.year, month, day)
    step = 1 if ctx.forward else -1
    years = (here._replace(year=ctx.today.year + step * n) for n in range(9))
    return next((p for p in years if exists(p) and (first_day(p) - ctx.today).days * step >= 0), here)


def nearest_month(month: int, ctx: Context, other_than_this: bool = False) -> Partial:
    year, now = ctx.today.year, ctx.today.month
    if month == now:
        return Partial(year + (1 if ctx.forward else -1) * other_than_this, month)
    return Partial(year + (month < now if ctx.forward else -(month > now)), month)


def day_and_month(tokens: list[Token], ctx: Context) -> Mention | None:
    return Mention((nearest_day(by_kind(tokens, "M")[0], by_kind(tokens, "N")[0], ctx),))


def month_and_number(tokens: list[Token], ctx: Context) -> Mention | None:
    """"March 19" is a day or a year."""
    month, number = tokens[0].value, tokens[1].value
    day, year = nearest_day(month, number, ctx), Partial(full_year(number, ctx), month)
    return Mention((day, year) if exists(day) and tokens[1].digits == 2 else (year if number > 31 else day,))


def two_numbers(tokens: list[Token], ctx: Context) -> Mention | None:
    """15.3. is a day, 3/24 a month, 03/12 may be both."""
    first, second = tokens[0].value, tokens[1].value
    if not ctx.dotted:
        return None
    month = Partial(full_year(second, ctx), first) if 1 <= first <= 12 and tokens[1].digits == 2 else None
    if not 1 <= second <= 12:
        return Mention((month,) if month else ())
    day = nearest_day(second, first, ctx)
    return Mention((day, month) if month and ctx.slashed else (day,))


# ---- before and after today ----

_LONGEST = 12 * 200  # months

def moved(amounts: list[Quantity], sign: int, ctx: Context) -> Partial:
    if sum(q.months for q in amounts) > _LONGEST:
        return Partial(1 if sign < 0 else 9999)
    if any(q.unit in "dw" for q in amounts):
        days = sum(round(q.amount * 7) if q.unit == "w" else round(q.months * 30.44) for q in amounts)
        return of_day(ctx.today + timedelta(days=sign * days))
    months = sum(q.months for q in amounts)
    month = shifted_month(ctx.today, sign * round(months))
    return Partial(month.year) if amounts[-1].unit == "y" and months % 12 == 0 else month


def ago(tokens: list[Token], ctx: Context) -> Mention | None:
    numbered = any(t.kind in "NKnaHh" for t in tokens)
    return Mention((moved(list(quantities(tokens)), -1, ctx),), sure=numbered)


def later(tokens: list[Token], ctx: Context) -> Mention | None:
    numbered = any(t.kind in "NKnaHh" for t in tokens)
    return Mention((moved(list(quantities(tokens)), 1, ctx),), sure=numbered)


def without_direction(tokens: list[Token], ctx: Context) -> Mention | None:
    return Mention((moved(list(quantities(tokens)), 1 if ctx.forward else -1, ctx),), sure=False)


def step_of(tokens: list[Token]) -> int:
    return next({"L": -1, "T": 0, "X": 1}[t.kind] for t in tokens if t.kind in "LTX")


def unit_step(tokens: list[Token], ctx: Context) -> Mention | None:
    """last month, this week, next week"""
    step, unit = step_of(tokens), next(t.kind for t in tokens if t.kind in "dwsm")
    if unit == "m" or (step == 0 and unit in "ws"):
        return Mention((shifted_month(ctx.today, step),))
    if unit == "s":  # last week, or last Sunday
        sunday = (6 - ctx.today.weekday()) or 7 if step > 0 else -(ctx.today.weekday() + 1)
        return Mention(tuple(of_day(ctx.today + timedelta(days=days)) for days in (7 * step, sunday)))
    return from_today(step * (1 if unit == "d" else 7), ctx)


def month_step(tokens: list[Token], ctx: Context) -> Mention | None:
    step, month = step_of(tokens), by_kind(tokens, "M")[0]
    if step == 0:
        return one(ctx.today.year, month)
    return Mention((nearest_month(month, Context(ctx.today, step > 0), other_than_this=True),))


def season_years(first_month: int, forward: bool, today: date) -> tuple[Partial, ...]:
    """The years of the last season that is over, or of the next one; a winter lies in two."""
    last = (first_month + 2 - 1) % 12 + 1
    year = today.year + (today.month >= first_month if forward else -(today.month <= last))
    return (Partial(year), Partial(year + 1)) if forward and first_month == 12 else (
        (Partial(year - 1), Partial(year)) if first_month == 12 else (Partial(year),))


def season_step(tokens: list[Token], ctx: Context) -> Mention | None:
    step = step_of(tokens)
    season = by_kind(tokens, "S")[0]
    return Mention(season_years(season, step > 0, ctx.today)) if step else one(ctx.today.year)


def season_alone(tokens: list[Token], ctx: Context) -> Mention | None:
    return Mention(season_years(tokens[0].value, ctx.forward, ctx.today), sure=False)


def weekday(tokens: list[Token], ctx: Context) -> Mention | None:
    """Friday is the last or the next one; next Friday may be this week's or the one after."""
    wanted = next((t.value for t in tokens if t.kind == "W"), 6)
    steps = [step_of([t]) for t in tokens if t.kind in "LTX"]
    if steps == [-1] or (not steps and not ctx.forward):
        return from_today(-((ctx.today.weekday() - wanted - 1) % 7 + 1), ctx)
    near = ctx.today + timedelta(days=(wanted - ctx.today.weekday() - 1) % 7 + 1)
    return Mention((of_day(near), of_day(near + timedelta(days=7))) if steps == [1] else (of_day(near),))


# ---- years ----

def only_year(tokens: list[Token], ctx: Context) -> Mention | None:
    return one(by_kind(tokens, "Y")[0])


def short_year(tokens: list[Token], ctx: Context) -> Mention | None:
    """"98" """
    number = tokens[0].value
    return one(full_year(number, ctx), sure=False) if number > 31 and tokens[0].digits == 2 else None


def relative_year(tokens: list[Token], ctx: Context) -> Token:
    own = [t.value for t in tokens if t.kind == "O"]
    step = own[0] if own else step_of(tokens) if any(t.kind in "LTX" for t in tokens) else -1
    return Token("Y", ctx.today.year + step, 4)


def day_from_today(tokens: list[Token], ctx: Context) -> Mention | None:
    return from_today(tokens[0].value, ctx)


_RELATIVE_YEAR = re.compile(r"[LTX]q?[yv]|[yv]q?[LTX]|O|(?<![NKnahHAqFBY])v(?!h)")
_YEAR_NAMED = re.compile(r"(?<![NKnahH])yY|Yy")
_Q = f"{ONE_QUANTITY}+"

_FIRST: tuple[tuple[re.Pattern[str], Build], ...] = tuple((re.compile(pattern), build) for pattern, build in (
    (r"YNN|NNY|NNN", numeric),
    (r"NMY|NMN|MNY|MNN|YMN", with_name),
    (r"MY|YM", month_and_year),
    (rf"[Aq]{_Q}|{_Q}A", ago),
    (rf"[FB]{_Q}|{_Q}[FB]", later),
    (r"[LTX][dwsm]|[dwsm]q?[LTX]", unit_step),
    (r"[LTX]S|Sq?[LTX]", season_step),
    (r"[LTX]M|Mq?[LTX]", month_step),
    (r"NM", day_and_month),
    (r"MN", month_and_number),
    (r"NY|YN", numbers_month_and_year),
    (r"NN", two_numbers),
    (r"R", day_from_today),
    (r"Y", only_year),
))
_ELSE: tuple[tuple[re.Pattern[str], Build], ...] = tuple((re.compile(pattern), build) for pattern, build in (
    (r"[LTX]W|Wq?[LTX]|W", weekday),
    (r"M", lambda tokens, ctx: Mention((nearest_month(tokens[0].value, ctx),))),
    (r"S", season_alone),
    (r"^s$", weekday),
    (rf"(?=.*[NKnaHh]){_Q}", without_direction),
    (r"^N$", short_year),
))


def _with_years(tokens: list[Token], ctx: Context) -> list[Token]:
    """"last year" becomes a year; the word in "viti 2015", "2015. godine" goes."""
    result = list(tokens)
    for match in reversed(list(_RELATIVE_YEAR.finditer(encoded(tokens)))):
        result[match.start():match.end()] = [relative_year(tokens[match.start():match.end()], ctx)]
    named = {at for match in _YEAR_NAMED.finditer(encoded(result)) for at in range(*match.span())}
    return [token for at, token in enumerate(result) if at not in named or token.kind == "Y"]


def _applied(
    rules: tuple[tuple[re.Pattern[str], Build], ...], tokens: list[Token], ctx: Context
) -> Iterator[tuple[int, Mention]]:
    """Each token serves one mention; what a number or "before" touches is not sure."""
    kinds = encoded(tokens)
    for pattern, build in rules:
        for match in pattern.finditer(kinds):
            start, end = match.span()
            mention = build(tokens[start:end], ctx)
            if mention is None:
                continue
            sure = mention.sure and kinds[max(start - 1, 0):start] not in ("A", "B", "N", "K")
            kinds = kinds[:start] + "_" * (end - start) + kinds[end:]
            yield start, Mention(mention.options, sure)


def mentions(text: str, ctx: Context) -> list[Mention]:
    tokens = _with_years(tokens_of(text), ctx)
    found = sorted(_applied(_FIRST, tokens, ctx), key=lambda at: at[0]) or list(_applied(_ELSE, tokens, ctx))
    negated = any(t.kind == "!" for t in tokens)
    return [Mention(mention.options, mention.sure and not negated) for _at, mention in found]
