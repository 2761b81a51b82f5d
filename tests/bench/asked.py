"""Asked: what a bench was asked for; every section gets it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """Sizes, runs of each program, the folder of generated data, one that goes away, that of public tables."""

    rows: tuple[int, ...]
    runs: int
    data: Path
    scratch: Path
    samples: Path | None = None
