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
    """Write the report of a comparison as one HTML file and return its path.

    `manifest` is the study's manifest, whose command and hash tell how to reproduce it; `today`, if given, is marked in
    the charts over time; `theories` is what `across_theories` found of it. The file is written beside its place and
    moved into it, so that a reader never sees half a report. OSError if it cannot be written.
    """
    from sim.report.pages.comparison import told

    return told(comparison, manifest, today, theories).write(path)
