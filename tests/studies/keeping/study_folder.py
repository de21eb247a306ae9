"""What a study leaves in its folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.engine.results import Results

Make = Callable[..., Results]
FILES = {"runs.parquet", "months.parquet", "events.parquet", "values.parquet", "manifest.json"}


@dataclass
class Snapshot:
    """A folder's files with their content, hidden ones included."""

    folder: Path

    def __call__(self) -> dict[str, bytes]:
        paths = list(self.folder.iterdir()) if self.folder.exists() else []
        return {path.name: path.read_bytes() for path in paths}
