"""What the gate is developed on: `phrases/<language>.tsv`, each with the tier that it must give; plain sentences put
together from their parts; and the ordinary talk of this bot."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from conversations.register import seed

LANGUAGES = ("sq", "sr", "de", "en")
TURKISH = "tr"
"""Few phrases, of one author, who wrote the words of the gate too."""
FOLDER = Path(__file__).parent / "phrases"
SENTENCES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
OF_DANGER = ("danger", "distress", "gefahr", "opasnost", "rrezik", "tehlike", "psychosocial", "wellbeing",
             "wie-es-mir-geht")


@dataclass(frozen=True, slots=True)
class Row:
    expect: str
    """T1, T2, T3 or quiet."""
    near: str
    """The tier that it belongs to or imitates."""
    kind: str
    text: str


def rows(language: str, folder: Path = FOLDER) -> list[Row]:
    lines = (folder / f"{language}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [Row(*line.split("\t")) for line in lines]


def sentences(language: str, kind: str) -> Iterator[str]:
    """Each combination; `kind`: danger or quiet."""
    for slots in SENTENCES[language][kind]["rows"]:
        for parts in product(*(slot.split("|") for slot in slots)):
            yield " ".join(" ".join(parts).split())


def typed() -> list[str]:
    """What people type in the transcripts that are not about danger."""
    return sorted({line[2:].strip(" []\n") for path in TRANSCRIPTS.glob("*.txt") if not path.stem.startswith(OF_DANGER)
                   for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("> ")})


def asked() -> list[str]:
    """The questions about work, papers and places in the register."""
    return sorted({text for fact in seed().facts.values() if fact.area in ("employment", "migration", "reintegration")
                   for text in fact.question.values()})
