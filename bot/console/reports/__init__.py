"""What the centre did in a period: tables, a chart above each, files to take along, and a month to print."""

from bot.console.reports.pages import Reports

__all__ = ["Reports"]
