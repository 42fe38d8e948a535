"""Reports: what is counted, what is not told, and files that no spreadsheet calculates."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.console.people.words import CaseWords
from bot.console.reports import export
from bot.console.reports.charts import drawn
from bot.console.reports.tables import Cell, Row, Table, _Maker, tables
from conversations.register import seed
from storage import reports
from storage.reports import Figures, Period, Took
from storage.statistics import LEAST
from storage.tables import Contact, PlanStep, Referral, Run, Ticket
from tests.support.rows import change, put
from tests.support.world import shared_translator

from .conftest import NOW, World, ago, handed_off, say, someone
from .test_console_person import words_of

TOO_FEW = "fewer than 5"

MONTH = Period(NOW - timedelta(days=30), NOW)
NOTHING = Figures(0, Took((), ()), 0, Took((), ()), {}, {}, {}, {}, 0, 0, {}, 0, 0, {}, {}, {}, {}, {}, {})


@pytest.fixture
def coordinator(world: World) -> World:
    world.sign_in("arben")
    return world


def all_day(since: datetime, until: datetime) -> timedelta:
    return (until - since) / 2


def figures(world: World, period: Period = MONTH) -> Figures:
    return world.change(lambda connection: reports.load(connection, period, all_day))


# ------------------------------------------------------------- what is counted


def test_replies_and_ends_in_wall_time_and_office_hours(world: World) -> None:
    one = world.change(lambda c: someone(c, "One", "sr_Cyrl"))
    world.change(lambda c: handed_off(c, one, "migration", ago(days=5), state="closed", closed_at=ago(days=3),
                                      closed_by="counsellor", rating="yes"))
    world.change(lambda c: say(c, one, "person", "Hello?", ago(days=5)))
    world.change(lambda c: say(c, one, "bot", "Somebody comes", ago(days=5)))
    world.change(lambda c: say(c, one, "counsellor", "Before", ago(days=6), counsellor_id=world.mira))
    world.change(lambda c: say(c, one, "counsellor", "Good morning", ago(days=4), counsellor_id=world.mira))
    world.change(lambda c: say(c, one, "counsellor", "Later", ago(days=2), counsellor_id=world.mira))
    found = figures(world)
    assert found.first_reply == Took([timedelta(days=1)], [timedelta(hours=12)])
    assert timedelta(days=2) in found.resolution.wall and timedelta(days=1) in found.resolution.office
    assert found.unanswered == 6, "the others, and the closed one too"
    assert found.by_language["sr"] == 2 and found.by_channel == {"telegram": 7}
    assert found.by_area == {"employment": 2, "migration": 2, "psychosocial": 1, "reintegration": 1, "general": 1}
    assert found.ratings == {"yes": 1}


@pytest.mark.parametrize(("said", "first"), [
    ({"10": ("A", "11")}, None),
    ({"10": ("A", "11"), "12": ("B", None)}, "12"),
    ({"10": ("A", "13"), "12": ("B", None)}, "10"),
    ({"10": ("A", "13"), "11": ("B", "12")}, None),
    ({"10": ("A", "12"), "11": ("B", "13")}, "10"),
    ({"10": ("A", "11"), "12": ("B", "13"), "14": ("C", None)}, "14"),
])
def test_an_answer_that_was_taken_back_before_another_was_none(
    world: World, said: dict[str, tuple[str, str | None]], first: str | None
) -> None:
    """When each was said, and when it was taken back. The person waited on; where more had followed, they did not."""
    one = world.change(lambda c: someone(c, "One"))
    midnight = ago(days=4)
    world.change(lambda c: handed_off(c, one, "migration", midnight))

    def at(hour: str) -> datetime:
        return midnight + timedelta(hours=int(hour))

    ids = {hour: world.change(lambda c, h=hour, t=text: say(c, one, "counsellor", t, at(h), counsellor_id=world.mira))
           for hour, (text, _) in said.items()}
    for hour, (_, undone) in said.items():
        if undone is not None:
            world.change(lambda c, h=hour, u=undone: say(
                c, one, "bot", "", at(u), kind="take_back", edits=ids[h], counsellor_id=world.mira))
    found = figures(world)
    assert list(found.first_reply.wall) == ([timedelta(hours=int(first))] if first else [])
    assert found.unanswered == (6 if first else 7)


def test_a_period_ends_where_the_next_begins(world: World) -> None:
    edge = ago(days=100)
    world.change(lambda c: handed_off(c, someone(c, "Edge"), "general", edge))
    for period, count in ((Period(edge, edge + timedelta(days=1)), 1), (Period(edge - timedelta(days=1), edge), 0)):
        assert sum(figures(world, period).by_area.values()) == count
        assert sum(figures(world, Period(period.until, period.until + timedelta(days=1))).by_area.values()) == 1 - count
    assert MONTH.before() == Period(NOW - timedelta(days=60), NOW - timedelta(days=30))


def test_the_intake_says_where_it_is_left(world: World) -> None:
    for awaiting, ended in (("housing", None), ("housing", None), ("children/0?", None), ("children/2/age", None),
                            (None, NOW), ("summary", ago(days=200))):
        begun = ago(days=200) if ended == ago(days=200) else ago(days=4)
        world.change(lambda c, a=awaiting, e=ended, b=begun: put(
            c, Run, contact_id=someone(c, "x"), conversation="intake", answers={}, touched=1, awaiting=a, started_at=b,
            updated_at=b, ended_at=e))
    found = figures(world)
    assert (found.intake_begun, found.intake_done) == (6, 2), "with Vesna's, who has finished"
    assert found.intake_left == {"housing": 2, "children": 2}


def test_check_ins_steps_referrals_and_how_talks_ended(world: World) -> None:
    for ended in (NOW, None, None):
        world.change(lambda c, e=ended: put(
            c, Run, contact_id=world.people["agon"], conversation="check_in", answers={}, touched=1,
            started_at=ago(days=2), updated_at=ago(days=2), ended_at=e))
    world.change(lambda c: put(c, PlanStep, contact_id=world.people["agon"], key="a", what="x", state="done", by=None,
                               created_at=ago(days=2), changed_at=NOW))
    world.change(lambda c: put(c, Referral, contact_id=world.people["agon"], key="a", partner="ura", state="sent",
                               created_at=ago(days=2), changed_at=NOW))
    found = figures(world)
    assert (found.asked, found.answered) == (3, 1)
    assert found.steps == {"agreed": 1, "done": 1} and found.referrals == {"consented": 1, "sent": 1}
    assert found.outcomes == {"advised": 1}


def test_invented_people_count_only_in_the_demo(world: World) -> None:
    world.change(lambda c: c.execute(update(Contact).values(demo=True)))
    assert sum(figures(world).by_area.values()) == 0
    demo = world.change(lambda c: reports.load(c, MONTH, all_day, invented=True))
    assert sum(demo.by_area.values()) == 6


def test_a_damaged_outcome_is_not_counted_and_fails_nothing(world: World) -> None:
    from sqlalchemy import text

    world.change(lambda c: change(c, Ticket, world.tickets["ilir"], outcome="advised"))
    world.change(lambda c: c.execute(text("UPDATE tickets SET outcome = 'AAAA' || outcome WHERE outcome IS NOT NULL")))
    assert figures(world).outcomes == {}


# ------------------------------------------------------------- what is not told


def made(small: bool = False, **now: Any) -> dict[str, Table]:
    words = CaseWords(shared_translator(), seed())
    return {one.id: one for one in tables(replace(NOTHING, **now), NOTHING, words, small)}


def shown(table: Table) -> dict[str, str]:
    return {row.label: row.now.shown for row in table.rows}


def test_small_numbers_are_not_told_nor_one_that_would_give_them_away() -> None:
    areas = {"employment": 20, "migration": 9, "psychosocial": 2}
    assert shown(made(by_area=areas)["areas"]) == {
        "Employment": "20", "Migration": "not told", "Psychosocial": TOO_FEW}
    assert shown(made(by_area=areas, small=True)["areas"]) == {
        "Employment": "20", "Migration": "9", "Psychosocial": "2"}
    assert shown(made(by_area={"employment": 20, "migration": 1, "psychosocial": 2})["areas"]) == {
        "Employment": "20", "Migration": TOO_FEW, "Psychosocial": TOO_FEW}


def test_rates_and_durations_of_few_are_not_told() -> None:
    for answered, asked, words in ((3, 4, TOO_FEW), (2, 20, TOO_FEW), (18, 20, TOO_FEW), (10, 20, "50 %"),
                                   (0, 0, "none"), (20, 20, "100 %")):
        assert shown(made(answered=answered, asked=asked)["check-ins"]) == {"Answered": words}, (answered, asked)
    few = [timedelta(hours=1)] * (LEAST - 1)
    assert set(shown(made(first_reply=Took(few, few))["reply"]).values()) == {TOO_FEW}
    ten = [timedelta(hours=hour) for hour in range(1, 11)]
    assert shown(made(first_reply=Took(ten, ten))["reply"])["Half of them, by the clock"] == "5.5 h"
    assert shown(made(first_reply=Took(ten, ten))["reply"])["Nine of ten, by the clock"] == "9.0 h"


COUNTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(1, 60), max_size=5)


@given(counts=COUNTS)
def test_no_small_number_can_be_worked_out_from_the_rest(counts: dict[str, int]) -> None:
    table = _Maker(small=False).breakdown("t", "T", counts, {}, {one: one for one in "abcde"})
    told = {row.label: row.now for row in table.rows}
    hidden = [one for one in counts if told[one].number is None]
    assert all(one.number is None or one.number >= LEAST for one in told.values())
    assert len(hidden) != 1 or len(counts) == 1, "the sum less the others would be it"
    assert all(one in hidden for one, number in counts.items() if number < LEAST)


# ------------------------------------------------------------- pages, charts, files


def busy(world: World, many: int = 8) -> None:
    for number in range(many):
        world.change(lambda c, n=number: handed_off(c, someone(c, f"New {n}"), "employment", ago(days=2)))


def test_the_page_has_a_chart_and_a_table_for_everything(coordinator: World) -> None:
    busy(coordinator)
    html = coordinator.page("/console/reports?first=2026-11-01&last=2026-11-23")
    words = words_of(html)
    assert "1 November 2026 to 23 November 2026" in words and "Employment: 9" in words
    for title in ("First human reply", "Until a talk was closed", "Talks by area", "Talks by language",
                  "Talks by channel", "Intake", "Where the intake is left", "Check-ins answered", "Steps agreed",
                  "Referrals, and how they stand", "What people say of a talk", "How talks ended"):
        assert title in words, title
    assert html.count("<svg class=\"chart\"") >= 3 and "style=" not in html
    for chart in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(chart)
    assert "Agon" not in words and "Vesna" not in words


@pytest.mark.parametrize("query", [
    "first=x&last=y", "first=2026-11-02&last=2026-11-01", "first=1026-01-01&last=2026-01-01", "first=2026-11-02",
    "first=9999-12-31&last=9999-12-31",
])
def test_days_that_cannot_be_are_said_to_be_so(coordinator: World, query: str) -> None:
    for path in ("/console/reports", "/console/reports/csv", "/console/reports/xlsx"):
        answer = coordinator.client.get(f"{path}?{query}")
        assert answer.status_code == 422 and "Write both days as" in answer.text, path


def test_a_month_to_print_never_tells_small_numbers(coordinator: World) -> None:
    words = words_of(coordinator.page("/console/reports/month?month=2026-11"))
    assert "The Centre, November 2026" in words and TOO_FEW in words
    assert "1 November 2026 to 30 November 2026" in words
    assert "November 2026" in words_of(coordinator.page("/console/reports/month?month=nonsense"))
    assert "December 2025" in words_of(coordinator.page("/console/reports/month?month=2025-12"))
    small = words_of(coordinator.page("/console/reports?small=1"))
    assert "Psychosocial 1 0" in small


def rows_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def cells_of_xlsx(content: bytes) -> Iterator[tuple[str, str]]:
    """Kind and text of each cell."""
    with ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            ElementTree.fromstring(file.read(name))
        space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        for cell in ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml")).iter(f"{space}c"):
            yield cell.attrib["t"], "".join(cell.itertext())


def test_files_hold_what_the_page_tells(coordinator: World) -> None:
    busy(coordinator)
    query = "first=2026-11-01&last=2026-11-23"
    answer = coordinator.client.get(f"/console/reports/csv?{query}")
    assert 'filename="report-2026-11-01-2026-11-23.csv"' in answer.headers["content-disposition"]
    rows = rows_of_csv(answer.content)
    assert ["Talks by area", "Employment", "10", "0", "number"] in rows
    cells = [text for _, text in cells_of_xlsx(coordinator.client.get(f"/console/reports/xlsx?{query}").content)]
    assert [cell for row in rows for cell in row] == cells
    assert "export_reports" in Counter(one.action for one in coordinator.change(_audit))


def _audit(connection: Any) -> Any:
    from storage import audit

    return audit.entries(connection)


EVIL = st.one_of(
    st.sampled_from(["=1+1", "@SUM(A1)", "+1", "-1", "\t=1", "|calc", "%x", '"=1', "\x00=1", "＝1"]),
    st.text(max_size=30))


@given(evil=EVIL)
def test_no_cell_is_a_formula_whatever_is_in_it(evil: str) -> None:
    table = Table("t", evil, "", "count", [Row(evil, Cell(1, evil), Cell(None, evil))])
    for row in rows_of_csv(export.as_csv([table], evil)):
        assert not any(cell.startswith(export.FORMULA) for cell in row)
    assert {kind for kind, _ in cells_of_xlsx(export.as_xlsx([table], evil))} == {"inlineStr"}


@given(label=st.text(min_size=1, max_size=80), number=st.floats(0, 1e6))
def test_any_table_can_be_drawn(label: str, number: float) -> None:
    clean = "".join(one for one in label if one.isprintable())
    table = Table("t", clean, "", "count", [Row(clean, Cell(number, clean), Cell(None, TOO_FEW))])
    if picture := drawn(table):
        ElementTree.fromstring(picture)


def test_only_coordinators(world: World) -> None:
    world.sign_in("mira")
    for path in ("", "/csv", "/xlsx", "/month"):
        assert world.client.get(f"/console/reports{path}").status_code == 403


def test_days_of_the_centre_not_of_the_world(coordinator: World) -> None:
    """An hour after midnight in Pristina is still yesterday in London."""
    at = datetime.fromisoformat("2026-06-30T22:30:00+00:00")
    for _ in range(LEAST):
        coordinator.change(lambda c: handed_off(c, someone(c, "x"), "migration", at))
    assert "Migration 5 0" in words_of(
        coordinator.page("/console/reports?first=2026-07-01&last=2026-07-01"))
