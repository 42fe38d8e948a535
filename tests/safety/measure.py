"""What the gate finds in a set of phrases: `python -m tests.safety.measure [FOLDER]`. Counts only."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from conversations.safety import check
from tests.safety.corpus import FOLDER, LANGUAGES, TURKISH, rows

HEAD = ("language", "T1 found", "T2 found", "T1 as T1", "T2 as T2", "T3 as T3", "T3 as T1 or T2", "false alarms",
        "of them T1 or T2")


def counts(language: str, folder: Path) -> list[str]:
    of: Counter[str] = Counter()
    said: Counter[tuple[str, str]] = Counter()
    for row in rows(language, folder):
        found = check(row.text)
        of[row.expect] += 1
        said[row.expect, found.tier if found else "quiet"] += 1

    def share(expect: str, *tiers: str) -> str:
        return f"{100 * sum(said[expect, tier] for tier in tiers) / of[expect]:.1f} %" if of[expect] else "–"

    return [language, share("T1", "T1", "T2"), share("T2", "T1", "T2"), share("T1", "T1"), share("T2", "T2"),
            share("T3", "T3"), share("T3", "T1", "T2"), share("quiet", "T1", "T2", "T3"), share("quiet", "T1", "T2")]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for language in (*LANGUAGES, TURKISH):
        print("| " + " | ".join(counts(language, folder)) + " |")


if __name__ == "__main__":
    main()
