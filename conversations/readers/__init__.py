"""What a person typed -> a value that can be stored as JSON, or a helpful refusal."""

from conversations.readers.base import NotUnderstood, Reader, Result, Several, Value
from conversations.readers.choices import match_choice, match_many
from conversations.readers.dates import FutureDate, PastDate, Year, future_date, past_date, year
from conversations.readers.durations import DurationMonths, duration_months
from conversations.readers.fold import fold
from conversations.readers.numbers import Number, number
from conversations.readers.phones import Phone, phone
from conversations.readers.places import (
    Place,
    country,
    country_names,
    land,
    land_names,
    municipality,
    municipality_names,
)
from conversations.readers.texts import Text, long_text, short_text

__all__ = [
    "DurationMonths", "FutureDate", "NotUnderstood", "Number", "PastDate", "Phone", "Place", "Reader",
    "Result", "Several", "Text", "Value", "Year", "country", "country_names", "duration_months", "fold",
    "future_date", "land", "land_names", "long_text", "match_choice", "match_many", "municipality",
    "municipality_names", "number", "past_date", "phone", "short_text", "year",
]
