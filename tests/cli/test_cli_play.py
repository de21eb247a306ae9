"""`airace play`: what cannot be played is told before anything is served; the server says where it is and for whom."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.app.place import Place
from sim.app.play.serve import Tables
from sim.cli.play import _tell
from sim.cli.terminal import Terminal
from sim.scenario.scenario import Scenario

AiraceCommand = Callable[..., Any]


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["no_such_world"], 4, "no_such_world"),
    (["baseline", "--set", "regulation.strictness=7"], 3, "out of range"),
    (["baseline", "--host", "192.0.2.1"], 2, "192.0.2.1 is no address of this machine"),
    (["baseline", "--out", "short.toml"], 2, "--out short.toml is a file"),
    (["baseline", "--port", "70000"], 2, "--port"),
])
def test_what_cannot_be_played_is_told_in_words_before_anything_is_served(
        airace: AiraceCommand, folder: Path, arguments: list[str], code: int, message: str) -> None:
    told = airace("play", *arguments, "--no-browser")
    assert told.exit_code == code, told.stderr
    assert message in told.stderr
    assert "Traceback" not in told.stderr
    assert not (folder / "games").exists()


def test_a_port_in_use_is_told_with_another_to_take(airace: AiraceCommand) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = airace("play", "--port", port, "--no-browser")
    assert told.exit_code == 2
    assert f"port {port} of 127.0.0.1 is taken" in told.stderr
    assert "airace play --port" in told.stderr


@pytest.mark.parametrize(("host", "rooms"), [("127.0.0.1", False), ("127.0.0.1", True), ("0.0.0.0", True)])
def test_it_is_said_where_games_are_and_a_warning_where_others_can_reach_them(
        host: str, rooms: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = Tables(Scenario.load("baseline"), 0, tmp_path, rooms=rooms, key="secret" if rooms else "")
    _tell(Terminal(quiet=True), Place(host, 8766), tables, False)
    said = capsys.readouterr().err
    assert ("#key=secret" in said) == rooms  # who may open games must read it even where all else is silenced
    _tell(Terminal(), Place(host, 8766), tables, False)
    said = capsys.readouterr().err
    assert ("warning: other machines can reach these games" in said) == (host == "0.0.0.0")
    assert re.search(r"answers at http://127\.0\.0\.1:8766/", said)


def test_asking_what_play_does_loads_no_arrays() -> None:
    code = ("import sys; from typer.testing import CliRunner; from sim.cli.commands import app; "
            "CliRunner().invoke(app, ['play', '--help']); print('numpy' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=True).stdout.strip() == "False"
