"""The gate in front of everything: signs of danger in a text, in any of the five languages or a mixture of them.

Deterministic and explainable: words become concepts (`sq.toml`, `sr.toml`, `de.toml`, `en.toml`, `tr.toml`), and rules
say which concepts beside each other mean danger (`rules.toml`). docs/why/safety-gate.md tells how to read and change
them.
"""

from conversations.safety.danger import Danger, Tier
from conversations.safety.gate import check

__all__ = ["Danger", "Tier", "check"]
