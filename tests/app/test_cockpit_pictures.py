"""The cockpit's drawings say what the numbers say, in words, colours of the page and valid markup."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.app import map as maps
from sim.app.fan import HEIGHT, WIDTH, fan_svg
from sim.app.story import one_run
from sim.app.view import View, read
from sim.cli.commands import app
from sim.engine.uncertainty import DEFAULT
from sim.model.outcomes import INDEX, NAMES, OUTCOMES
from sim.report.words.paths import Paths

SVG = "{http://www.w3.org/2000/svg}"


def made_up_paths(name: str = "small_labs", scenarios: int = 2) -> Paths:
    """Straight lines: the second scenario ends ten above the first."""
    months = 120
    centre = np.stack([np.linspace(10.0, 20.0 + 10.0 * s, months) for s in range(scenarios)])
    inner = np.stack([centre - 1.0, centre + 1.0], axis=1)
    outer = np.stack([centre - 3.0, centre + 3.0], axis=1)
    return Paths(OUTCOMES[name], centre, inner, outer, np.repeat(centre[:, None], 200, axis=1),
                 2025.0 + (np.arange(months) + 0.5) / 12.0, False)


def drawn(shown: Paths, names: tuple[str, ...] = ("Baseline", "Your scenario")) -> ET.Element:
    text = fan_svg(shown, names, range(len(names)), "fan", "Small labs", "They grow.")
    return ET.fromstring(text.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def words(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_a_fan_names_its_scenarios_at_the_line_ends_and_has_title_and_description() -> None:
    svg = drawn(made_up_paths())
    assert svg.get("role") == "img"
    assert [svg.findtext(f"{SVG}{part}") for part in ("title", "desc")] == ["Small labs", "They grow."]
    assert svg.get("aria-labelledby") == "fan-t fan-d"
    assert {"Baseline", "Your", "scenario", "2025", "2035"} <= set(words(svg))


def test_a_fan_takes_all_its_colours_from_the_page() -> None:
    text = fan_svg(made_up_paths(), ("a", "b"), (0, 1), "fan", "t", "d")
    assert re.findall(r'(?:fill|stroke)="(?!var\(--|none)[^"]*"', text) == []
    assert {"var(--s0)", "var(--s1)"} <= set(re.findall(r"var\(--\w+\)", text))


def test_the_median_ends_where_its_value_stands_on_the_axis() -> None:
    svg = drawn(made_up_paths())
    medians = [path.get("d", "") for path in svg.iter(f"{SVG}path") if path.get("stroke-width") == "2"]
    ends = [float(line.rpartition(",")[2]) for line in medians]
    ticks = {text.text: float(text.get("y", "nan")) - 4.0 for text in svg.iter(f"{SVG}text")
             if text.get("text-anchor") == "end"}
    per_unit = (ticks["10"] - ticks["20"]) / 10.0
    assert len(medians) == 2
    assert ends[0] == pytest.approx(ticks["20"], abs=0.2)
    assert ends[1] == pytest.approx(ticks["20"] - 10.0 * per_unit, abs=0.2)


def test_a_fan_stays_inside_its_box() -> None:
    numbers = [tuple(map(float, pair.split(","))) for path in drawn(made_up_paths()).iter(f"{SVG}path")
               for pair in re.findall(r"-?[\d.]+,-?[\d.]+", path.get("d", ""))]
    assert len(numbers) > 1000
    assert all(0.0 <= x <= WIDTH and 0.0 <= y <= HEIGHT for x, y in numbers)


def test_a_name_from_a_file_cannot_become_markup() -> None:
    svg = drawn(made_up_paths(), ("<script>alert(1)</script>", "a & b"))
    assert not list(svg.iter(f"{SVG}script"))
    assert "a & b" in words(svg)


def test_money_that_grows_by_multiples_is_drawn_in_logs() -> None:
    shown = made_up_paths("compliance_cost_usd_bn")
    grown = np.stack([10.0 ** np.linspace(-1.0, 3.0, 120)] * 2)
    band = np.stack([grown / 2.0, grown * 2.0], axis=1)
    assert "$10bn" in words(drawn(replace(shown, centre=grown, inner=band, outer=band)))


# ---- the map -----------------------------------------------------------------------------------------------------


def made_up_map(spread: float) -> maps.Heat:
    """Small labs: minus one for each step of strictness, whatever cooperation does."""
    luck = np.random.default_rng(0)
    baseline = luck.normal(0.0, 1.0, (1, maps.RUNS, len(NAMES)))
    points = []
    for row in range(len(maps.VALUES)):
        point = np.repeat(baseline, len(maps.VALUES), axis=0)
        point[..., INDEX["small_labs"]] += -row + luck.normal(0.0, spread, (len(maps.VALUES), maps.RUNS))
        points.append(point)
    return maps.measure("small_labs", baseline, points)


def test_the_map_has_each_points_difference_on_the_same_luck() -> None:
    found = made_up_map(0.0)
    assert found.difference == pytest.approx(np.repeat(-np.arange(5.0)[:, None], 5, axis=1))
    assert found.clear.tolist() == [[False] * 5] + [[True] * 5] * 4


def test_the_map_is_hatched_where_the_interval_covers_zero_and_nowhere_else() -> None:
    found = made_up_map(6.0)
    covers = (found.low <= 0.0) & (found.high >= 0.0)
    assert 5 < covers.sum() < 25
    assert maps.svg(found, 0.5, 0.5).count('fill="url(#map-hatch)"') == covers.sum()


def test_the_ring_stands_where_the_levers_are() -> None:
    def ring(strictness: float, cooperation: float) -> tuple[float, float]:
        drawing = maps.svg(made_up_map(0.0), strictness, cooperation)
        x, y = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawing)[0]
        return float(x), float(y)

    left, bottom = ring(0.0, 0.0)
    right, top = ring(1.0, 1.0)
    assert right > left
    assert top < bottom  # strict rules stand at the top
    assert ring(0.5, 0.5) == pytest.approx(((left + right) / 2.0, (top + bottom) / 2.0))


def test_the_points_of_the_map_keep_all_other_levers() -> None:
    view = View().move("trade.chip_controls", "0").move("regulation.us.strictness", "0.6")
    points = [scenario for row in maps.rows(view.scenario) for scenario in row]
    assert len(points) == 25
    assert {point.levers["trade.chip_controls"] for point in points} == {0.0}
    assert {point.levers["regulation.us.strictness"] for point in points} == {0.6}
    assert {point.levers["regulation.eu.strictness"] for point in points} == set(maps.VALUES)


# ---- one run -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_below_a_run_tells_the_same_run_and_the_page_says_what_the_baseline_lacks() -> None:
    moved = "regulation.strictness=0.8&regulation.us.strictness=0.6&regulation.exempt_below_flop=1e%2B25"
    view = read(f"{moved}&capital.conversion_allowed=false&regulation.information=private&seed=3&run=4")[0]
    told = one_run((view.baseline, view.scenario), view.seed, view.run)
    answer = CliRunner().invoke(app, [*shlex.split(view.command)[1:], "--format", "json"], prog_name="airace")
    assert answer.exit_code == 0, answer.stderr
    terminal = json.loads(answer.stdout)
    assert [row[1] for row in told["tables"]["events"]["rows"]] == [event["text"] for event in terminal["events"]]
    assert (terminal["run"], terminal["seed"], terminal["uncertainty"]) == (4, 3, DEFAULT)
    assert any("not in the baseline" in sentence for sentence in told["told"])
    assert told["tables"]["control"]["rows"]
    for name in ("wide", "narrow", "network"):
        assert told["drawings"][name].startswith("<svg ")
    assert "var(--s1)" in told["drawings"]["wide"]
