"""The numbers: what is counted, what a label may be, what is shown, and that rules and dashboard name what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, Engine, event, insert

from bot.metrics import MOST_WORDS, OTHER, Histogram, Metrics
from bot.web.exposition import Scrape, page
from conversations.events import Message as Said
from conversations.events import ReminderDue
from storage.database import connect
from storage.health import MOST, Figures, Tickets, Unsent, figures
from storage.sealed.keys import prepare
from storage.tables import Contact, Fact, Message, Reminder, Table, Task, Ticket
from tests.support import database

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
FULL = Figures(
    unsent={("telegram", 0): Unsent(3, 1, 42.0)}, tickets={("waiting", True): Tickets(1, 60.0)}, tasks_open=4,
    tasks_overdue=2, reminders_late=5, reminder_lateness=900.0, facts_expired=6, facts_expiring=7,
)


def a_message(channel: str) -> Said:
    return Said(channel=channel, address="1", key="1", at=NOW, text="words")


def busy() -> Metrics:
    """Everything was counted at least once."""
    metrics = Metrics(["telegram", "web"])
    metrics.batch([a_message("telegram")] * 7 + [ReminderDue(reminder_id=1, at=NOW)], 0.004)
    metrics.replied(0.3)
    metrics.sent("telegram", "sent", 0.05)
    metrics.sent("telegram", "retry", 2.0)
    metrics.skipped("message:group:text")
    metrics.set_aside()
    metrics.leads("sender", True)
    metrics.commit(12, 0.002)
    metrics.commit_repeated()
    metrics.commit_failed()
    return metrics


def shown(metrics: Metrics, figured: Figures | None = FULL, **parts: bool) -> dict[tuple[str, str], float]:
    """What a scrape reads: (name, its labels) -> value."""
    families = text_string_to_metric_families(page(Scrape(metrics, parts, figured)).decode())
    return {
        (sample.name.removeprefix("returnee_bot_"), " ".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))):
        sample.value
        for family in families for sample in family.samples
    }


# ------------------------------------------------------------------------ what is counted


def test_what_was_counted_is_shown() -> None:
    found = shown(busy(), database=True, channels=False)
    expected = {
        ("turns_total", "channel=telegram kind=message"): 7, ("turns_total", "channel=clock kind=reminder"): 1,
        ("turn_seconds_count", ""): 8, ("turn_seconds_sum", ""): 0.032, ("batch_events_count", ""): 1,
        ("turn_seconds_bucket", "le=0.0025"): 0, ("turn_seconds_bucket", "le=0.005"): 8,
        ("turn_seconds_bucket", "le=+Inf"): 8,
        ("reply_seconds_count", ""): 1, ("sends_total", "channel=telegram outcome=sent"): 1,
        ("sends_total", "channel=telegram outcome=retry"): 1, ("send_seconds_count", "channel=telegram"): 2,
        ("updates_skipped_total", "kind=message:group:text"): 1, ("events_set_aside_total", ""): 1,
        ("leader", "role=sender"): 1, ("commit_seconds_count", ""): 1, ("writes_total", ""): 12,
        ("commit_repeats_total", ""): 1, ("commit_failures_total", ""): 1,
        ("part_works", "part=database"): 1, ("part_works", "part=channels"): 0, ("database_figures", ""): 1,
        ("outbox_messages", "channel=telegram lane=reply"): 3, ("outbox_retries", "channel=telegram lane=reply"): 1,
        ("outbox_oldest_seconds", "channel=telegram lane=reply"): 42,
        ("tickets", "state=waiting urgent=yes"): 1, ("ticket_oldest_seconds", "state=waiting urgent=yes"): 60,
        ("tasks_open", ""): 4, ("tasks_overdue", ""): 2, ("reminders_late", ""): 5,
        ("reminder_lateness_seconds", ""): 900, ("facts_expired", ""): 6, ("facts_expiring", ""): 7,
    }
    assert {key: found.get(key) for key in expected} == pytest.approx(expected)


def test_what_did_not_happen_yet_is_shown_as_none() -> None:
    """Otherwise a rate misses the first one, and an alert ends because nothing is seen."""
    found = shown(Metrics(["viber"]), Figures())
    for key in (("turns_total", "channel=viber kind=message"), ("sends_total", "channel=viber outcome=blocked"),
                ("outbox_oldest_seconds", "channel=viber lane=reminder"),
                ("ticket_oldest_seconds", "state=waiting urgent=yes")):
        assert found[key] == 0


def test_without_the_database_the_rest_is_shown() -> None:
    found = shown(busy(), None)
    assert found["database_figures", ""] == 0
    assert found["turn_seconds_count", ""] == 8
    assert not [name for name, _ in found if name.startswith(("outbox", "ticket"))]


def test_a_leader_that_is_none_any_more() -> None:
    metrics = busy()
    metrics.leads("sender", False)
    assert shown(metrics)["leader", "role=sender"] == 0


def test_commits_are_counted_by_many_threads() -> None:
    metrics = Metrics()
    threads = [Thread(target=lambda: [metrics.commit(2, 0.001) for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (metrics.works, sum(metrics.commit_seconds.counts)) == (16_000, 8000)


def test_a_clock_that_was_put_back_takes_no_time() -> None:
    spread = Histogram()
    spread.add(-3600.0)
    assert spread.total == 0.0
    assert spread.upto()[0] == ("0.001", 1)


@pytest.mark.parametrize("odd", ["383123456", "+383 44 123 456", "Ana Krasniqi", "ana@example.org", "4711:AA", "", "Ç"])
def test_no_label_is_a_person(odd: str) -> None:
    metrics = Metrics(["telegram"])
    metrics.batch([a_message(odd)], 0.1)
    metrics.skipped(odd)
    metrics.sent(odd, "sent", 0.1)
    assert {word for counts in (metrics.turns, metrics.updates_skipped, metrics.sends) for key in counts.values
            for word in key} >= {OTHER}
    labels = {value for _, values in shown(metrics) for value in re.findall(r"=(\S+)", values)}
    assert odd not in labels - {""}


def test_labels_do_not_grow_without_end() -> None:
    metrics = Metrics()
    for number in range(5000):
        metrics.skipped("kind_" + "".join(chr(97 + int(digit)) for digit in str(number)))
    assert len(metrics.updates_skipped.values) <= MOST_WORDS + 1
    assert sum(metrics.updates_skipped.values.values()) == 5000


# ---------------------------------------------------------------------- what is looked up


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path / 'figures.db'}", database.keys())
    with made.execution_options(writes=True).begin() as connection:
        Table.metadata.create_all(connection)
        prepare(connection)
        connection.execute(insert(Contact), [
            {"id": number, "created_at": NOW, "language": "sq", "time_zone": "Europe/Belgrade", "known": {},
             "consents": {}} for number in range(1, 5)
        ])
    yield made
    made.dispose()


def _message(
    state: str, lane: int = 0, attempts: int = 0, minutes: int = 0, channel: str = "telegram"
) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minutes)
    return {"contact_id": 1, "channel": channel, "address": "1", "author": "bot", "text": "", "content": None,
            "state": state, "lane": lane, "attempts": attempts, "due_at": at + timedelta(hours=attempts), "at": at}


def _ticket(contact: int, state: str, urgent: bool, minutes: int) -> dict[str, Any]:
    return {"contact_id": contact, "area": "general", "reason": "", "urgent": urgent, "state": state,
            "opened_at": NOW - timedelta(minutes=minutes)}


def _fact(number: int, days: int | None, state: str = "verified") -> dict[str, Any]:
    return {"id": f"f{number}", "area": "general", "state": state, "content": {}, "seed": "",
            "expires": None if days is None else TODAY + timedelta(days=days)}


def _fill(connection: Connection) -> None:
    connection.execute(insert(Message), [
        _message("queued", minutes=7), _message("queued", attempts=3, minutes=9), _message("sent", minutes=90),
        _message("queued", lane=1, minutes=2), _message("queued", minutes=1, channel="web"), _message("failed"),
    ])
    connection.execute(insert(Ticket), [
        _ticket(1, "waiting", True, 20), _ticket(2, "waiting", False, 50), _ticket(3, "waiting", False, 80),
        _ticket(4, "assigned", False, 500), _ticket(1, "closed", True, 9000),
    ])
    connection.execute(insert(Task), [
        {"contact_id": 1, "key": str(number), "kind": "question", "area": "general", "about": "", "opened_at": NOW,
         "due_at": due, "done_at": done}
        for number, (due, done) in enumerate([(None, None), (NOW - timedelta(days=1), None), (NOW, NOW),
                                              (NOW + timedelta(days=1), None)])
    ])
    connection.execute(insert(Reminder), [
        {"contact_id": 1, "key": str(minutes), "opens": "check_in", "state": state,
         "due_at": NOW - timedelta(minutes=minutes)}
        for minutes, state in ((4, "waiting"), (6, "waiting"), (30, "waiting"), (600, "answered"), (-60, "waiting"))
    ])
    connection.execute(insert(Fact), [_fact(number, *of) for number, of in enumerate(
        [(-1,), (0,), (1,), (30,), (31,), (None,), (-5, "ask-counsellor")])])


def test_the_figures(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        _fill(connection)
    with engine.connect() as connection:
        found = figures(connection, NOW, TODAY)
    assert found == Figures(
        unsent={("telegram", 0): Unsent(2, 1, 540.0), ("telegram", 1): Unsent(1, 0, 120.0),
                ("web", 0): Unsent(1, 0, 60.0)},
        tickets={("waiting", True): Tickets(1, 1200.0), ("waiting", False): Tickets(2, 4800.0),
                 ("assigned", False): Tickets(1, 30_000.0)},
        tasks_open=3, tasks_overdue=1, reminders_late=2, reminder_lateness=1800.0, facts_expired=2, facts_expiring=2,
    )


def test_an_empty_database_has_figures_too(engine: Engine) -> None:
    with engine.connect() as connection:
        assert figures(connection, NOW, TODAY) == Figures()


def test_a_long_queue_is_looked_at_only_so_far(engine: Engine) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(Message), [_message("queued") for _ in range(MOST + 5)])
    with engine.connect() as connection:
        assert figures(connection, NOW, TODAY).unsent["telegram", 0].count == MOST


def test_only_indexes_are_asked(engine: Engine) -> None:
    """Tables that grow are never read whole. The facts are a few hundred, and they are."""
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, text, values, _x, _m: asked.append((text, values)))
    with engine.connect() as connection:
        figures(connection, NOW, TODAY)
        plans = [[row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
                 for text, values in list(asked)]
    steps = " | ".join(step for plan in plans for step in plan)
    for index in ("messages_unsent", "tickets_state", "tasks_open", "reminders_due"):
        assert re.search(rf"(SCAN|SEARCH) \w+ USING (COVERING )?INDEX {index}\b", steps), steps
    assert re.findall(r"SCAN (messages|tickets|tasks|reminders|contacts)(?! USING)", steps) == []


# ------------------------------------------------------- rules, dashboard and reference agree

GIVEN_BY_OTHERS = re.compile(r"up|process_\w+|node_filesystem_\w+")
NOT_METRICS = frozenset({
    "sum", "max", "min", "by", "and", "or", "on", "rate", "increase", "absent", "changes", "histogram_quantile", "time",
    "count", "vector", "day_of_week", "hour", "le", "channel", "role", "instance", "part", "kind", "outcome", "lane",
    "state", "urgent", "version",
})


def named_in(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"", "", expression)
    return set(re.findall(r"[a-z_]\w*", bare)) - NOT_METRICS


def exported() -> set[str]:
    return {name if name.startswith("process_") else f"returnee_bot_{name}"
            for name, _ in shown(busy(), database=True)}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "deploy/grafana/returnee-bot.json").read_text(encoding="utf-8"))
    return found


def reference() -> str:
    return (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")


def test_every_metric_of_a_rule_is_exported() -> None:
    for rule in rules():
        unknown = {one for one in named_in(rule["expr"]) - exported() if not GIVEN_BY_OTHERS.fullmatch(one)}
        assert not unknown, rule["alert"]


def test_every_label_of_a_rule_has_such_a_value() -> None:
    """A rule about a lane or an outcome that does not exist never fires."""
    samples = {f"returnee_bot_{name} {labels}" for name, labels in shown(busy(), database=True)}
    for rule in rules():
        for name, selector in re.findall(r"(returnee_bot_\w+)\{([^}]*)\}", rule["expr"]):
            for label, operator, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', selector):
                for word in value.split("|") if operator == "=~" else [value]:
                    assert any(name in one and f"{label}={word}" in one for one in samples), (rule["alert"], word)


def test_every_alert_says_what_it_means_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "meaning", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "work", "note"}
        assert f"| `{rule['alert']}` |" in reference()


def test_the_rules_own_tests_name_alerts_that_are_there() -> None:
    tests = yaml.safe_load((ROOT / "deploy/prometheus/alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    named = {case["alertname"] for test in tests for case in test["alert_rule_test"]}
    assert named <= {rule["alert"] for rule in rules()}


def test_the_dashboard_shows_what_is_exported() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        for target in panel.get("targets", ()):
            assert named_in(target["expr"]) <= exported(), panel["title"]


def test_no_panel_lies_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_everything_exported_is_in_the_reference_and_on_the_dashboard() -> None:
    expressions = " ".join(target["expr"] for panel in board()["panels"] for target in panel.get("targets", ()))
    families = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in exported() if "process_" not in name}
    for name in sorted(families):
        assert f"`{name.removeprefix('returnee_bot_')}`" in reference(), name
        assert name in expressions, name
