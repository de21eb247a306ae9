"""Results stand together only where what made them is the same, and what differs is named."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit
from typer.testing import CliRunner

from sim.cli.commands import app
from sim.engine import provenance
from sim.engine.failures import Failure
from sim.engine.live import STAGES
from sim.engine.provenance import departures_of, differences, rules_digest
from sim.engine.results import Results
from sim.engine.simulate import simulate
from sim.scenario.scenario import Scenario

BASE = Scenario.from_dict({"title": "Base", "months": 3})
KINDS: dict[str, dict[str, Any]] = {
    "uncertainty (prior, not luck)": {"uncertainty": "prior"},
    "seed (1, not 0)": {"seed": 1},
    "events (False, not True)": {"events": False},
    "departs from the model in scenario 1": {"changed": {("courts.filing", 2, 0, 0): 0.5}},
    "whether values by lab were kept": {"labs": True},
}


def tax(world: Any, luck: Any) -> None:  # noqa: ARG001
    world.pay("tax", 0.05 * world.labs.active)


class Levy:
    def collect(self, world: Any, luck: Any) -> None:  # noqa: ARG002
        world.pay("levy", 0.05 * world.labs.active)


def raised(factor: float) -> Any:
    def levy(world: Any, luck: Any) -> None:  # noqa: ARG001
        world.pay("levy", factor * world.labs.active)

    return levy


def runs(scenario: Scenario | list[Scenario] = BASE, first: int = 0, **options: Any) -> Results:
    return simulate(scenario, runs=2, first_run=first, **{"seed": 0, "uncertainty": "luck", **options})


@pytest.fixture(scope="module", name="two")
def _two() -> Results:
    return runs()


# ---- joining -----------------------------------------------------------------------------------------------------
def test_runs_that_belong_together_are_those_of_one_simulation(two: Results) -> None:
    whole = simulate(BASE, runs=4, uncertainty="luck")
    assert two.followed_by(runs(first=2)).hash() == whole.hash()


@pytest.mark.parametrize("told", KINDS)
def test_runs_made_otherwise_do_not_follow_and_the_difference_is_named(two: Results, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        two.followed_by(runs(first=2, **KINDS[told]))


def test_runs_of_another_lever_or_rule_under_the_same_title_do_not_follow(two: Results) -> None:
    before = BASE.levers["regulation.strictness"]
    with pytest.raises(ValueError, match=rf"regulation.strictness of scenario 1 \(0.9, not {before}\)"):
        two.followed_by(runs(BASE.with_({"regulation.strictness": 0.9}), first=2))
    with pytest.raises(ValueError, match=r"in scenario 1 \(rules of one's own: with tax"):
        two.followed_by(runs(first=2, stages=(*STAGES, tax)))


def test_runs_of_other_versions_or_rules_do_not_follow(two: Results) -> None:
    more = runs(first=2)
    for key, told in (("rules", "the rules of the model (x, not"), ("numpy", "the version of numpy (x, not")):
        other = Results(more.scenarios, more.values, more.events, None, more.lab_names, first_run=2,
                        versions={**more.versions, key: "x"}, at_end=more.at_end)
        with pytest.raises(ValueError, match=re.escape(told)):
            two.followed_by(other)


def test_rules_of_ones_own_stand_beside_plain_runs_and_are_told_of_their_scenario(two: Results) -> None:
    taxed = runs(BASE.with_({}, title="Taxed"), stages=(*STAGES, tax))
    assert [text.partition(" (")[0] for text in two.beside(taxed).departures] == ["", "rules of one's own: with tax"]
    for told in ("uncertainty (prior, not luck)", "events (False, not True)"):
        with pytest.raises(ValueError, match=re.escape(told)):
            two.beside(runs(BASE.with_({}, title="Other"), **KINDS[told]))


# ---- rules of one's own --------------------------------------------------------------------------------------------
def test_rules_of_ones_own_are_told_apart_by_name_and_content() -> None:
    def made(rate: float) -> Any:
        return lambda world, luck: world.pay("tax", rate * world.labs.active)  # noqa: ARG005

    found = [departures_of(stages, None, 1)[0] for stages in (
        None, STAGES, (*STAGES, tax), (tax, *STAGES), STAGES[:-1], STAGES[::-1], (*STAGES, made(0.1)),
        (*STAGES, made(0.2)))]
    assert found[:2] == ["", ""]
    assert len(set(found)) == len(found) - 1
    assert found[2] == departures_of((*STAGES, tax), None, 1)[0]
    assert "without comings_and_goings (" in found[4]
    assert "another order (" in found[5]


def test_replaced_draws_are_told_of_each_scenario() -> None:
    one = {("courts.filing", 0, 0, 0): 0.5}
    assert departures_of(None, [{}, one], 2)[0] == ""
    assert departures_of(None, [{}, one], 2)[1] == departures_of(None, one, 1)[0] != departures_of(
        None, {("courts.filing", 0, 0, 0): 0.6}, 1)[0]


# ---- failures --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["an editor's notes\n", '"""left open\n', "  (\n", "if x:\n  y\n z\n", "",
                                  "def levy(world, luck):\n    world.pay('tax', 3.0 + world.labs.active)\n"])
def test_a_rule_whose_file_holds_something_else_by_now_is_told_by_what_it_does(tmp_path: Path, text: str) -> None:
    path, rules = tmp_path / "page.md", {}
    path.write_text(text, encoding="utf-8")
    for cost in (1.0, 2.0):
        names: dict[str, Any] = {}
        code = f"def levy(world, luck):\n    world.pay('tax', {cost} + world.labs.active)\n"
        exec(compile(code, str(path), "exec"), names)
        rules[cost] = names["levy"]
    found = [departures_of((*STAGES, rule), None, 1)[0] for rule in rules.values()]
    assert all(told.startswith("rules of one's own: with levy (") for told in found)
    assert len(set(found)) == 2, "rules that differ are told apart"


@pytest.mark.parametrize("rule", [tax, Levy.collect, Levy().collect, raised(2.0), partial(tax, luck=None)])
def test_a_rule_whose_file_still_holds_it_is_told_by_its_source(rule: Any) -> None:
    """So that another version of Python tells it as the same."""
    assert not re.search(r"[0-9a-f]{40}", provenance._source(rule))


def test_results_of_rules_from_an_edited_file_do_not_pass_for_each_others(tmp_path: Path) -> None:
    path, made = tmp_path / "rules.py", []
    for cost in (0.01, 0.02):
        names: dict[str, Any] = {}
        text = f"def levy(world, luck):\n    world.pay('tax', {cost} * world.labs.active)\n"
        exec(compile(text, str(path), "exec"), names)
        made.append(names["levy"])
    path.write_text(text, encoding="utf-8")  # the file as it is by now
    first, second = (runs(first=number * 2, stages=(*STAGES, levy)) for number, levy in enumerate(made))
    with pytest.raises(ValueError, match="departs from the model"):
        first.followed_by(second)


def half(world: Any) -> Any:
    return 0.5 * world.labs.active


def whole(world: Any) -> Any:
    return 1.0 * world.labs.active


def by(share: Any) -> Any:
    def levy(world: Any, luck: Any) -> None:  # noqa: ARG001
        world.pay("levy", share(world))

    return levy


def test_rules_that_leave_their_work_to_others_are_told_apart_by_what_those_do() -> None:
    """As a compiled rule does: what Python calls names what is compiled."""
    assert provenance._source(by(half)) != provenance._source(by(whole))
    compiled = [njit(function) for function in (half, whole)]
    assert provenance._source(by(compiled[0])) != provenance._source(by(compiled[1]))
    assert provenance._source(by(half)) == provenance._source(by(compiled[0]))


class Events:
    """Events that can be told at the second attempt, as after Ctrl-C."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> dict[str, list[Any]]:
        self.asked += 1
        if self.asked == 1:
            raise KeyboardInterrupt
        return {"scenario": [0], "run": [0], "month": [1], "kind": ["bust"], "actor": [""], "target": [""],
                "amount": [0.0], "text": ["Investors' confidence in AI breaks."]}


def test_events_whose_telling_was_interrupted_are_not_lost(two: Results) -> None:
    told = Events()
    results = Results(two.scenarios[:1], two.values[:1], told)
    with pytest.raises(KeyboardInterrupt):
        _ = results.events
    assert len(results.events) == 1
    assert len(results.events) == 1
    assert told.asked == 2


def test_failures_of_scenarios_of_one_title_are_those_of_their_own_scenario() -> None:
    def breaks(world: Any, luck: Any) -> None:
        strict = np.broadcast_to(np.asarray(world.policy.regulation.strictness, float), (world.rows, 5))[:, 0] > 0.6
        world.labs.cash[strict & (world.month == 1) & (luck.runs % 4 == 1), 0] = np.nan

    twins = simulate([BASE, BASE.with_({"regulation.strictness": 0.8})], runs=8, stages=(*STAGES, breaks))
    assert [(failure.scenario, failure.run) for failure in twins.failures] == [("Base (2)", 1), ("Base (2)", 5)]
    assert twins.complete.sum(axis=1).tolist() == [8, 6]


def test_a_failure_of_nowhere_is_refused(two: Results) -> None:
    for failure in (Failure("Other", 0, 0, "cash", "became nan"), Failure("Base", 2, 0, "cash", "became nan")):
        with pytest.raises(ValueError, match="a failure is of a scenario or run that these results do not have"):
            Results(two.scenarios, two.values, failures=[failure])


# ---- the digest of rules and data ------------------------------------------------------------------------------------
def test_the_digest_changes_with_rules_and_data_and_not_with_pages(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "sim"
    shutil.copytree(provenance.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "PACKAGE", package)
    fresh = rules_digest.__wrapped__
    before = fresh()
    assert before == rules_digest()
    for name, changes in (("report/pages/page.py", False), ("cli/run.py", False),
                          ("studies/sweeping/sweep.py", False), ("model/agents/labs.py", True),
                          ("engine/live.py", True), ("data/parameters.toml", True),
                          ("data/posterior.csv", True), ("data/starts/2025-01.toml", True)):
        file = package / name
        text = file.read_bytes()
        file.write_bytes(text + b"\n")
        assert (fresh() != before) is changes, name
        file.write_bytes(text)


def test_no_digest_is_taken_for_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "rules_digest", lambda: pytest.fail("not for help"))
    assert CliRunner().invoke(app, ["sweep", "--help"]).exit_code == 0


def test_differences_are_named_and_many_are_counted() -> None:
    assert differences({"a": 1}, {"a": 1}) == ""
    assert differences({"a": 1, "b": 2}, {"a": 2, "b": 3}, besides=["b"]) == "a (1, not 2)"
    assert differences(dict.fromkeys("abcde", 1), dict.fromkeys("abcde", 2)).endswith("c (1, not 2) and 2 more")
