"""What a person puts into their plan where help must be asked for by a certain day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from conversations.marking import mark as _

REMIND_BEFORE = timedelta(days=7)
"""How long before the day we ask how it is going."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    key: str
    """Schemes with one key need one visit: the step is in the plan once."""
    what: str


URA = PlanStep("deadline.ura", _("Register with URA"))
PLAN_STEPS: Mapping[str, PlanStep] = {
    "ura-counselling": URA,
    "ura-money": URA,
    "customs-household-goods": PlanStep("deadline.goods", _("Clear my household things at customs")),
    "car-import": PlanStep("deadline.car", _("Ask customs about my car")),
}
"""By scheme: of each that must be asked for within some days."""
