"""The report: charts, sentences and tables of a comparison, in one HTML file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_report"]


def write_report(
    comparison: Any,
    path: str | Path,
    manifest: Mapping[str, Any] | None = None,
    today: datetime.date | None = None,
    theories: Any = None,
) -> Path:
    """Write the report of a comparison as one HTML file and return its path; see `sim.report.pages.comparison`."""
    from sim.report.pages.comparison import write_report as write

    return write(comparison, path, manifest, today, theories)
