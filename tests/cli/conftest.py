"""Commands run in this process, on scenarios of a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli.commands import app

Airace = Callable[..., Result]


@pytest.fixture
def airace(folder: Path) -> Airace:  # noqa: ARG001
    """A function that runs a command in `folder`: `airace("run", "baseline").stdout`."""

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="airace")

    return invoke


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with two short scenarios, and one that is wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "short.toml").write_text(
        '# Asks: what if little time passes?\ntitle = "Short"\nmonths = 12\n'
    )
    (tmp_path / "strict.toml").write_text(
        'title = "Strict"\nmonths = 12\n[regulation]\nstrictness = 0.8\n'
        # A bill would take longer than these months.
        '[[event]]\ndate = "2026-02"\nkind = "new_law"\nactor = "us"\nseverity = 0.8\n'
        '[[event]]\ndate = "2026-02"\nkind = "new_law"\nactor = "eu"\nseverity = 0.8\n'
    )
    (tmp_path / "wrong.toml").write_text(
        'title = "Wrong"\n[regulation]\nstrictnes = 0.8\n[trade]\nenforcement = 7\n'
    )
    return tmp_path
