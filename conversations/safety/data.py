"""The gate's data files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli

HERE = Path(__file__).parent


def read_data(name: str) -> dict[str, Any]:
    return tomli.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
