"""The table of IAMC: its columns and units keep the template's rules, and its years are those of the runs."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim.cli.commands import app
from sim.cli.compare import _show
from sim.cli.options import TableFormat
from sim.cli.terminal import Terminal
from sim.engine.simulate import simulate
from sim.model.outcomes import OUTCOMES
from sim.scenario.scenario import Scenario
from sim.studies.comparing.compare import compare
from sim.studies.keeping.iamc import COLUMNS, WithoutYearError, iamc_table, unit, variable, whole_years


@pytest.fixture(scope="module", name="results")
def _results():
    base = Scenario.load("baseline")
    return simulate([base, base.with_({"regulation.strictness": 0.8}, title="Strict | \"rules\"")], runs=6, months=30)


@pytest.fixture(scope="module", name="table")
def _table(results):
    return iamc_table(results)


def test_columns_rows_and_units_keep_the_rules_of_the_template(table):
    assert tuple(table.columns[:5]) == COLUMNS == ("Model", "Scenario", "Region", "Variable", "Unit")
    assert list(table.columns[5:]) == [2026, 2027]  # 30 months from January 2026: the third year is not whole
    assert all(isinstance(year, int) for year in table.columns[5:])
    assert not table.duplicated(list(COLUMNS)).any()
    assert (table.groupby("Variable")["Unit"].nunique() == 1).all()
    assert table[list(COLUMNS)].notna().all().all()
    for column in COLUMNS:
        assert all(text == text.strip() and text for text in table[column])
    assert all(re.fullmatch(r"AI(\|[^|]+){1,2}", name) for name in table["Variable"])
    assert all(name.split("|")[0] == "AI" for name in table["Variable"])
    assert set(table["Scenario"]) == {"Baseline", "Strict | \"rules\""}
    assert len(table) == 2 * len(OUTCOMES) * 6


def test_a_reader_of_the_format_takes_every_number_of_the_printed_table(table):
    """By the rules that `pyam.IamDataFrame` reads by, restated here, since pyam cannot stand among the dependencies.

    Its newest version, 3.2.0, needs ixmp4, which fails on import with the SQLAlchemy 2.1 that is chosen for it
    (`ColumnCollection.__init__() takes 1 positional argument but 2 were given`). Held below SQLAlchemy 2.1 it imports,
    but then `requirements.lock` changes the pin of rich that it has already, takes in some forty packages (a web server
    and a database driver among them) and iam-units, which is under the GPL. By hand, in an environment of its own,
    pyam 3.2.0 reads the table of `compare baseline strict_rivalry --format iamc` whole: all numbers, their sum, no
    scenario excluded. Its rules: five columns of index in any case and order, each filled; all others are years, by
    their names whole numbers; values are numbers; empty ones are dropped; no row of the long form twice.
    """
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    index = [column for column in read if column.lower() in ("model", "scenario", "region", "variable", "unit")]
    assert sorted(column.lower() for column in index) == ["model", "region", "scenario", "unit", "variable"]
    years = [column for column in read if column not in index]
    assert all(column.isdecimal() and len(column) == 4 for column in years)
    assert read[index].notna().all().all()
    assert all(pd.api.types.is_numeric_dtype(read[year]) for year in years)
    long = read.melt(index, years, "year").dropna()
    assert not long.duplicated([*index, "year"]).any()
    assert len(long) == len(table) * 2
    assert (long["value"].to_numpy() == table[[2026, 2027]].to_numpy().T.ravel()).all()


def value(table: pd.DataFrame, name: str, told: str, year: int) -> float:
    rows = table[(table["Scenario"] == "Baseline") & (table["Variable"] == variable(name, told))]
    assert len(rows) == 1
    return float(rows[year].iloc[0])


def test_a_year_is_the_total_of_a_flow_the_average_of_what_is_averaged_and_december_of_the_rest(table, results):
    cost, hate, small = (results.outcome(name)[0] for name in ("compliance_cost_usd_bn", "hostility", "small_labs"))
    assert value(table, "compliance_cost_usd_bn", "Mean", 2027) == pytest.approx(cost[:, 12:24].sum(axis=1).mean())
    assert value(table, "hostility", "95th Percentile", 2026) == pytest.approx(
        np.quantile(hate[:, :12].mean(axis=1), 0.95))
    assert value(table, "small_labs", "Median", 2027) == pytest.approx(np.median(small[:, 23]))
    assert unit(OUTCOMES["compliance_cost_usd_bn"]) == "USD bn/yr"
    assert unit(OUTCOMES["hostility"]) == "dimensionless"


def test_one_run_is_told_by_its_own_values():
    results = simulate([Scenario.load("baseline")], runs=1, months=12)
    table = iamc_table(results)
    assert len(table) == len(OUTCOMES)
    row = table[table["Variable"] == variable("hostility")]
    assert row[2026].iloc[0] == pytest.approx(results.outcome("hostility")[0, 0].mean())


@pytest.mark.parametrize(("start", "months", "years"), [
    ("2026-01", 12, [2026]), ("2026-01", 11, []), ("2015-12", 25, [2016, 2017]), ("2026-02", 22, []),
    ("2026-02", 23, [2027]),
])
def test_only_years_that_are_whole_have_a_column(start, months, years):
    assert whole_years(start, months) == years


def test_results_without_a_whole_year_are_refused(results):
    with pytest.raises(WithoutYearError, match="3 months from 2026-01 hold none"):
        iamc_table(simulate(results.scenarios[:1], runs=1, months=3))


def test_compare_prints_it_and_both_commands_refuse_too_few_months_before_anything_runs(
    results, table, capsys, monkeypatch, tmp_path
):
    _show(Terminal(), compare(results), TableFormat.iamc, False, None)
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(printed.columns) == [*COLUMNS, "2026", "2027"]
    assert printed["2027"].to_numpy() == pytest.approx(table[2027].to_numpy())
    monkeypatch.chdir(tmp_path)
    for command in (["compare", "baseline", "strict_rivalry", "--out", "other"], ["run", "baseline"]):
        short = CliRunner().invoke(app, [*command, "--months", "6", "--format", "iamc"])
        assert short.exit_code == 2
        assert "ask for more --months" in short.stderr
    assert not (tmp_path / "other").exists()
    done = CliRunner().invoke(app, ["run", "baseline", "--months", "12", "--format", "iamc"])
    assert done.exit_code == 0, done.stderr
    assert len(pd.read_csv(io.StringIO(done.stdout))) == len(OUTCOMES)


def test_pyam_reads_the_table(table, tmp_path):
    """Where it is installed, as in the environment of `make test-pyam`: it brings some fifty packages of its own."""
    pyam = pytest.importorskip("pyam", exc_type=ImportError)
    table.to_csv(tmp_path / "table.csv", index=False)
    read = pyam.IamDataFrame(tmp_path / "table.csv")
    assert read.year == [2026, 2027]
    assert read.scenario == sorted(set(table["Scenario"]))
    assert len(read.variable) == table["Variable"].nunique()
    found = read.filter(scenario="Baseline", variable=variable("hostility", "Mean"), year=2027).data["value"]
    assert found.iloc[0] == pytest.approx(value(table, "hostility", "Mean", 2027))
