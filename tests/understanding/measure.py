"""What is understood of a set of questions: `python -m tests.understanding.measure [FOLDER] [--missed]`. Counts only,
or with `--missed` each line that was not understood."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from conversations.register import seed
from conversations.understanding import understand

LANGUAGES = ("sq", "sr", "de", "en")
FOLDER = Path(__file__).parent / "questions"
AREAS = frozenset({"employment", "migration", "reintegration", "psychosocial"})
HEAD = ("language", "questions", "first", "among three", "fact among three", "nothing where nothing is meant")


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    text: str
    author: str = "first author"
    """Who wrote it; the terms were made with the first."""


def rows(language: str, folder: Path = FOLDER) -> list[Row]:
    lines = (folder / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [Row(*line.split("\t")) for line in lines if line]


def ranked(made: dict[str, object]) -> list[str]:
    """Intents and areas, the best first."""
    why = made["why"]
    assert isinstance(why, dict)
    first = [name for name in (made["intent"], made["area"]) if name]
    more = sorted((*why["intents"], *why["areas"]), key=lambda one: -one["score"])
    return list(dict.fromkeys([*map(str, first), *(one["name"] for one in more)]))


def is_first(row: Row, made: dict[str, object]) -> bool:
    """The intent, or else the area, is the one that was meant."""
    if row.label in AREAS:
        return made["area"] == row.label and made["intent"] is None
    return made["intent"] == row.label


def is_fact(row: Row, made: dict[str, object]) -> bool:
    facts = made["facts"]
    assert isinstance(facts, list)
    return row.label.removeprefix("fact:") in facts[:3]


def area_of(fact: str) -> str:
    return seed().facts[fact.removeprefix("fact:")].area


def wrong(language: str, folder: Path = FOLDER) -> list[tuple[Row, dict[str, object]]]:
    found = []
    for row in rows(language, folder):
        made = understand(row.text, language)
        if row.label == "none":
            fine = made["intent"] is None and made["area"] is None
        elif row.label.startswith("fact:"):
            fine = is_fact(row, made)
        else:
            fine = is_first(row, made)
        if not fine:
            found.append((row, made))
    return found


def counts(language: str, folder: Path) -> list[str]:
    every = [(row, understand(row.text, language)) for row in rows(language, folder)]
    plain = [(row, made) for row, made in every if row.label != "none" and not row.label.startswith("fact:")]
    facts = [(row, made) for row, made in every if row.label.startswith("fact:")]
    nothing = [made for row, made in every if row.label == "none"]

    def share(good: int, of: int) -> str:
        return f"{100 * good / of:.1f} %" if of else "–"

    return [language, str(len(every)), share(sum(is_first(row, made) for row, made in plain), len(plain)),
            share(sum(row.label in ranked(made)[:3] for row, made in plain), len(plain)),
            share(sum(is_fact(row, made) for row, made in facts), len(facts)),
            share(sum(not made["intent"] and not made["area"] for made in nothing), len(nothing))]


def main() -> None:
    names = [one for one in sys.argv[1:] if not one.startswith("--")]
    folder = Path(names[0]) if names else FOLDER
    if "--missed" in sys.argv:
        for language in LANGUAGES:
            for row, made in wrong(language, folder):
                print(language, row.label, "|", row.text, "|", made["intent"], made["area"], made["facts"])
        return
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for language in LANGUAGES:
        print("| " + " | ".join(counts(language, folder)) + " |")


if __name__ == "__main__":
    main()
