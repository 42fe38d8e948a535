"""The phrases that the gate is developed on: `phrases/<language>.tsv`, each with the tier that it must give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("sq", "sr", "de", "en")
FOLDER = Path(__file__).parent / "phrases"


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
