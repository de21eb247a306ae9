"""What is downloaded works on a command line; where the cockpit cannot start it says so in a sentence."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim.app import downloads
from sim.app.assets import installed_version
from sim.app.engine import Runs
from sim.app.serve import accessible
from sim.app.view import View, read
from sim.cli.commands import app
from sim.model.outcomes import NAMES
from sim.scenario.scenario import Scenario

MOVED = "regulation.strictness=0.8&regulation.us.strictness=0.6&capital.conversion_allowed=false"


@pytest.mark.parametrize("query", [MOVED, f"from=sanctions_war&{MOVED}", ""])
def test_the_scenario_file_holds_the_present_scenario_wherever_it_is_put(
    tmp_path: Path, query: str
) -> None:
    view, refused = read(query)
    assert refused == []
    path = tmp_path / "scenario.toml"
    path.write_bytes(downloads.scenario_file(view))
    loaded = Scenario.load(path)
    assert loaded.levers == view.scenario.levers
    assert loaded.events == view.scenario.events
    assert loaded.warnings == ()
    assert CliRunner().invoke(app, ["validate", str(path)], prog_name="airace").exit_code == 0


def test_the_scenario_file_opens_with_what_it_asks() -> None:
    first = downloads.scenario_file(read(MOVED)[0]).decode().splitlines()[0]
    what = "strictness of rules is 0.8, strictness of rules (US) is 0.6 and conversion allowed is no"
    assert first == f"# Asks: What happens if {what}?"


def test_the_runs_come_with_both_scenarios_as_csv_and_as_parquet() -> None:
    def made_up(scenario: Scenario, seed: int, first_run: int, runs: int) -> Runs:
        luck = np.random.default_rng([seed, first_run]).random((runs, 1, 1))
        level = float(scenario.levers["regulation.strictness"])
        return Runs(luck + np.full((runs, scenario.months, len(NAMES)), level))

    view = read("regulation.strictness=0.8")[0]
    pieces = [made_up(*arguments) for _, arguments in downloads.ensembles(view)]
    csv = pd.read_csv(io.BytesIO(downloads.runs_as_csv(view, pieces)))
    parquet = pd.read_parquet(io.BytesIO(downloads.runs_as_parquet(view, pieces)))
    assert csv.groupby("scenario").size().to_dict() == {"Baseline": 200, "Your scenario": 200}
    assert list(csv.columns) == ["scenario", "run", *NAMES]
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)
    means = csv.groupby("scenario")["hostility"].mean()
    assert means["Your scenario"] - means["Baseline"] == pytest.approx(0.8 - 0.29)  # of 0.29 in force on average


def test_a_report_of_nothing_moved_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="move a lever, or add a policy"):
        downloads.report(View())


# ---- the server ------------------------------------------------------------------------------------------------


def test_the_page_names_its_language_and_lets_a_reader_zoom() -> None:
    pytest.importorskip("solara")
    import solara.server

    template = Path(solara.server.__file__).parent / "templates" / "solara.html.j2"
    page = accessible(template.read_text(encoding="utf-8"), "<style>p {}</style>")
    assert '<html lang="en">' in page
    assert "user-scalable" not in page
    assert "<style>p {}</style></head>" in page


def test_assets_are_taken_from_the_version_that_is_installed(tmp_path: Path) -> None:
    (tmp_path / "@widgetti" / "vuetify@5.1.1").mkdir(parents=True)
    (tmp_path / "@widgetti" / "vuetify@5.1.1" / "main.css").write_text("")
    assert installed_version(tmp_path, "@widgetti/vuetify@5.2.0/main.css") == "@widgetti/vuetify@5.1.1/main.css"
    assert installed_version(tmp_path, "@widgetti/vuetify@5.1.1/main.css") == "@widgetti/vuetify@5.1.1/main.css"
    assert installed_version(tmp_path, "vega@1.0.0/a.js") == "vega@1.0.0/a.js"


def test_a_port_that_is_taken_is_refused_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["app", "--port", str(port), "--no-browser"], prog_name="airace")
    assert result.exit_code == 2
    assert f"port {port} of 127.0.0.1 is taken" in result.stderr
    assert f"airace app --port {port + 1}" in result.stderr


def test_an_address_of_another_machine_is_refused() -> None:
    result = CliRunner().invoke(app, ["app", "--host", "192.0.2.1", "--port", "0", "--no-browser"], prog_name="airace")
    assert result.exit_code == 2
    assert "192.0.2.1 is no address of this machine" in result.stderr


def test_without_solara_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli import app as command

    monkeypatch.setattr(command, "find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["app"], prog_name="airace")
    assert result.exit_code == 2
    assert 'pip install ".[app]"' in result.stderr
