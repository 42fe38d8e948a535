"""The numbers as Prometheus reads them. Imported with the first scrape: the library takes a while to load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.metrics import Histogram, Metrics
from storage.health import Figures, Tickets, Unsent

__all__ = ["CONTENT_TYPE_LATEST", "Scrape", "page"]

PREFIX = "returnee_bot_"
LANES = ("reply", "reminder")
NOTHING_UNSENT, NO_TICKETS = Unsent(0, 0, 0.0), Tickets(0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scrape(Collector):
    """All that one scrape shows."""

    metrics: Metrics
    parts: Mapping[str, bool]
    """Which part of the process works."""
    figures: Figures | None
    """None: the database did not tell in time."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("info", "The version that runs; always 1.", ("version",), {(_version(),): 1})
        yield _gauge("part_works", "1 while this part of the process works, as /readyz tells it.", ("part",),
                     {(name,): works for name, works in self.parts.items()})
        yield from _receiving(self.metrics)
        yield from _sending(self.metrics)
        yield from _storing(self.metrics)
        yield _gauge("leader", "1 where this process is the one that polls or paces.", ("role",),
                     {(role,): holds for role, holds in self.metrics.leader_of.copy().items()})
        yield _plain("database_figures", "1 where the figures about queues below are there.", self.figures is not None)
        if self.figures is not None:
            yield from _outbox(self.figures, self.metrics.channels)
            yield from _work(self.figures)


def page(scrape: Scrape) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(scrape)
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _receiving(metrics: Metrics) -> Iterator[Metric]:
    yield _counter("turns", "Events handled, by channel and kind.", ("channel", "kind"), metrics.turns.values)
    yield _histogram("turn_seconds", "From an event's arrival to the commit of what it led to.",
                     {(): metrics.turn_seconds})
    yield _histogram("reply_seconds", "From an event's arrival to the moment when the platform took the reply.",
                     {(): metrics.reply_seconds})
    yield _histogram("batch_events", "How many events were handled in one transaction.", {(): metrics.batch_sizes})
    yield _counter("updates_skipped", "Updates that mean nothing to the bot, by kind.", ("kind",),
                   metrics.updates_skipped.values)
    yield _counter("events_set_aside", "Events that always failed and were given to the staff.", (),
                   {(): metrics.events_set_aside})


def _sending(metrics: Metrics) -> Iterator[Metric]:
    yield _counter("sends", "Tries to send a message, by channel and outcome.", ("channel", "outcome"),
                   metrics.sends.values)
    yield _histogram("send_seconds", "How long the platform took for one try.",
                     {(channel,): spread for channel, spread in metrics.send_seconds.items()}, ("channel",))


def _storing(metrics: Metrics) -> Iterator[Metric]:
    yield _histogram("commit_seconds", "How long one transaction took, its commit included.",
                     {(): metrics.commit_seconds})
    yield _counter("writes", "Works that were committed; many share one transaction.", (), {(): metrics.works})
    yield _counter("commit_repeats", "Transactions done again because another was in their way.", (),
                   {(): metrics.repeats})
    yield _counter("commit_failures", "Transactions that could not be committed.", (), {(): metrics.failures})


def _outbox(figures: Figures, channels: Iterable[str]) -> Iterator[Metric]:
    """Also the empty ones: an alert ends when it sees a 0, not when it sees nothing."""
    keys = {(channel, lane) for channel in channels for lane in range(len(LANES))} | figures.unsent.keys()
    waiting = {(channel, LANES[lane]): figures.unsent.get((channel, lane), NOTHING_UNSENT)
               for channel, lane in sorted(keys)}
    labels = ("channel", "lane")
    yield _gauge("outbox_messages", "Messages that are still to be sent, 50,000 at most.", labels,
                 {key: one.count for key, one in waiting.items()})
    yield _gauge("outbox_retries", "Those of them that were tried in vain and are tried again.", labels,
                 {key: one.retries for key, one in waiting.items()})
    yield _gauge("outbox_oldest_seconds", "How long the oldest unsent message has been waiting.", labels,
                 {key: one.oldest for key, one in waiting.items()})


def _work(figures: Figures) -> Iterator[Metric]:
    """What waits for the staff, and what is overdue."""
    tickets = {(state, "yes" if urgent else "no"): figures.tickets.get((state, urgent), NO_TICKETS)
               for state in ("waiting", "assigned") for urgent in (True, False)}
    yield _gauge("tickets", "Open hand-offs.", ("state", "urgent"), {key: one.count for key, one in tickets.items()})
    yield _gauge("ticket_oldest_seconds", "How long ago the oldest of them was opened.", ("state", "urgent"),
                 {key: one.oldest for key, one in tickets.items()})
    yield _plain("tasks_open", "Tasks that nobody has done yet.", figures.tasks_open)
    yield _plain("tasks_overdue", "Those of them whose time is over.", figures.tasks_overdue)
    yield _plain("reminders_late", "Reminders that were due more than 5 minutes ago, 50,000 at most.",
                 figures.reminders_late)
    yield _plain("reminder_lateness_seconds", "How long ago the latest of them was due.", figures.reminder_lateness)
    yield _plain("facts_expired", "Facts that are not told any more because their time is over.",
                 figures.facts_expired)
    yield _plain("facts_expiring", "Facts that expire within 30 days.", figures.facts_expiring)


def _counter(name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in dict(values).items():
        family.add_metric(key, value)
    return family


def _gauge(name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _plain(name: str, text: str, value: float) -> Metric:
    return _gauge(name, text, (), {(): value})


def _histogram(
    name: str, text: str, spreads: Mapping[tuple[str, ...], Histogram], labels: Sequence[str] = ()
) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, text, labels=labels)
    for key, spread in spreads.items():
        family.add_metric(key, [(bound, float(count)) for bound, count in spread.upto()], spread.total)
    return family


def _version() -> str:
    try:
        return version("returnee-bot")
    except PackageNotFoundError:
        return "unknown"
