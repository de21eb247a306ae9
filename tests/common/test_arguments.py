"""What makes no sense is refused by the argument's name, before any work and by every public call alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.common.arguments import ArgumentError, choice, flag, number, probability, shown, takes, title, whole
from sim.engine.live import STAGES
from sim.model.channels import CHANNELS
from sim.model.parameters import attributes

ROOT = Path(sim.__file__).parent
BASELINE = sim.Scenario.from_dict({"title": "Base", "months": 3})
STRICT = BASELINE.with_({"regulation.strictness": 0.8}, title="Strict")
RESULTS = sim.simulate([BASELINE, STRICT], runs=2)
COMPARISON = sim.compare(RESULTS)
HUGE = 10**5000
NO_NUMBERS: tuple[Any, ...] = ("3", None, [], [1], {}, object(), 1j, float("nan"), float("inf"), HUGE, True, b"1", {1},
                               np.array([1, 2]), np.datetime64("2026-01"), "\ud800", lambda: 3)


def refusal(call: Callable[[], Any]) -> str:
    """The message of a refusal: an error raised on purpose by the project, on one line without an escape."""
    with pytest.raises((ValueError, TypeError, KeyError)) as caught:
        call()
    told = str(caught.value)
    assert told.isprintable(), told
    assert len(told) < 500, told
    raised_in = caught.traceback[-1].path
    assert isinstance(raised_in, Path)
    assert ROOT in raised_in.parents, f"{told!r} was raised in {raised_in}"
    return told


# ---- checks ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("check", [whole(0, 600), whole(0, 10**9), number(), number(0.0, most=1e9), probability])
@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_refused_by_name(check: Any, value: Any) -> None:
    assert refusal(lambda: check("speed", value)).startswith("speed ")


def test_numbers_of_numpy_and_fractions_are_numbers() -> None:
    from fractions import Fraction

    assert whole(1, 5)("n", np.int32(5)) == 5
    assert number(0.0, 1.0)("x", np.float32(0.5)) == 0.5
    assert probability("p", Fraction(1, 4)) == 0.25
    assert flag("f", np.bool_(True)) is True


def test_limits_are_told_as_they_are() -> None:
    assert refusal(lambda: whole(1, 600)("months", 601)) == "months must be a whole number from 1 to 600, not 601"
    assert refusal(lambda: whole(0, 0)("slot", 1)) == "slot must be 0, not 1"
    assert refusal(lambda: number(above=0.0, most=1.0)("x", 0)) == "x must be a number above 0 and at most 1, not 0"
    told = refusal(lambda: choice(("luck", "prior"))("u", "pior"))
    assert told == "u is one of luck, prior, not 'pior'; did you mean 'prior'?"
    assert refusal(lambda: title("title", "a\x1b[2J")).startswith("title must be one line of ordinary text")


def test_what_came_is_shown_on_one_short_line() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (HUGE, deep, "x" * 10_000, "\x1b\n\u202e", np.zeros((100, 100))):
        assert shown(value).isprintable()
        assert len(shown(value)) <= 60
    while deep:  # so that it is taken apart without recursion
        deep = deep[0]


def test_a_declared_check_names_an_argument_that_is_there() -> None:
    with pytest.raises(TypeError, match="has no argument spead"):
        takes(spead=whole())(lambda speed: speed)


# ---- every public call -----------------------------------------------------------------------------------------------
def simulated(**given: Any) -> Callable[[], Any]:
    return lambda: sim.simulate(BASELINE, **{"runs": 2, "months": 2, **given})


BAD_CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "a name for a scenario": (lambda: sim.simulate("baseline"), "scenarios must be a Scenario"),  # type: ignore[arg-type]
    "no scenario in a list": (lambda: sim.simulate([BASELINE, None]), r"scenarios\[1\] must be a Scenario"),  # type: ignore[list-item]
    "a table of scenarios": (lambda: sim.simulate({"a": BASELINE}), "scenarios must be a Scenario"),  # type: ignore[arg-type]
    "labs": (simulated(labs="no"), "labs must be True or False, not 'no'"),
    "events": (simulated(events="no"), "events must be True or False"),
    "check": (simulated(check=0), "check must be True or False, not 0"),
    "months": (simulated(months=1200), "months must be a whole number from 1 to 600, not 1200"),
    "runs": (simulated(runs=10**400), "runs must be a whole number from 1 to 1,000,000, not 1000"),
    "a run's number": (simulated(first_run=2**62), "first_run must be a whole number from 0 to 1,000,000,000,000"),
    "a seed": (simulated(seed=HUGE), r"seed must be a whole number from 0 to 10\^100, not something too large"),
    "beliefs that are drawn in any case": (simulated(changed={("posterior.draw", 0, 0, 0): 0.5}), "no channel of luck"),
    "no stage": (simulated(stages=[]), "stages must be a list of functions.* it is empty"),
    "a number for a stage": (simulated(stages=[1]), r"stages\[0\] must be a function of 2 arguments, not 1"),
    "another function": (simulated(stages=[*STAGES, len]), r"stages\[6\] must be a function of 2 arguments; .* others"),
    "a text for stages": (simulated(stages="politics"), "stages must be a list of functions"),
    "uncertainty": (simulated(uncertainty="prio"), "uncertainty is one of luck.* not 'prio'; did you mean 'prior'"),
    "progress": (simulated(progress=3), "progress must be a function of 3 arguments, not 3"),
    "executor": (simulated(executor=3), "executor must be a concurrent.futures.Executor, not 3"),
    "workers": (simulated(workers=10**6), "workers must be a whole number from 1 to 256"),
    "why of names": (lambda: sim.why("a", "b"), "baseline must be a Scenario"),  # type: ignore[arg-type]
    "why of an outcome": (lambda: sim.why(BASELINE, STRICT, outcome="hostilty"), "did you mean 'hostility'"),
    "compare nothing": (lambda: sim.compare(None), "results must be a Results, as simulate gives it, not None"),  # type: ignore[arg-type]
    "compare a list": (lambda: sim.compare([RESULTS, RESULTS]), "results must be a Results"),  # type: ignore[arg-type]
    "a level in words": (lambda: sim.compare(RESULTS, level="a"), "level must be a number above 0 and below 1"),  # type: ignore[arg-type]
    "a baseline of True": (lambda: sim.compare(RESULTS, baseline=True), "no scenario True; there are: Base, Strict"),
    "a baseline of 1.0": (lambda: sim.compare(RESULTS, baseline=1.0), "no scenario 1.0"),  # type: ignore[arg-type]
    "a baseline of -1": (lambda: sim.compare(RESULTS, baseline=-1), "no scenario -1"),
    "a position between": (lambda: RESULTS.position(1.5), "no scenario 1.5"),  # type: ignore[arg-type]
    "a list for an outcome": (lambda: RESULTS.outcome(["hostility"]), "no outcome"),  # type: ignore[arg-type]
    "runs to follow": (lambda: RESULTS.followed_by(None), "more must be a Results"),  # type: ignore[arg-type]
    "runs beside": (lambda: RESULTS.beside("x"), "other must be a Results"),  # type: ignore[arg-type]
    "all": (lambda: COMPARISON.to_text(all="yes"), "all must be True or False"),  # type: ignore[arg-type]
    "a run of a story": (lambda: RESULTS.plot.timeline(run="a"), "no run 'a'; these results have runs 0 to 1"),  # type: ignore[arg-type]
    "a run between": (lambda: COMPARISON.contrast(run=0.5), "no run 0.5"),  # type: ignore[arg-type]
    "a month between": (lambda: RESULTS.plot.network(month=1.5), "no month 1.5; these results have months 0"),  # type: ignore[arg-type]
    "a date for a month": (lambda: RESULTS.plot.network(month="2026-02"), "no month '2026-02'.*2026-02 is month 1"),  # type: ignore[arg-type]
    "a list for a chart": (lambda: RESULTS.plot.fan(["a"]), "no outcome"),  # type: ignore[arg-type]
    "hairlines": (lambda: RESULTS.plot.fan("trust", highlight_runs=-1), "highlight_runs must be a whole number"),
    "a milestone": (lambda: COMPARISON.incidence("first treatie"), "did you mean 'first treaty'"),
    "a lever": (lambda: sim.levers()["regulation.strictnes"], "no lever .* did you mean 'regulation.strictness'"),
    "a parameter": (lambda: sim.parameters()["herdin"], "no parameter 'herdin'; did you mean 'herding'"),
    "an outcome": (lambda: sim.OUTCOMES["hostilty"], "no outcome 'hostilty'; did you mean 'hostility'"),
    "a model of a name": (lambda: sim.IndustryModel("baseline"), "scenario must be a Scenario"),  # type: ignore[arg-type]
    "a model without a seed": (lambda: sim.IndustryModel(BASELINE, seed=None), r"rng=\[0\].*sim.simulate"),  # type: ignore[arg-type]
    "a model without stages": (lambda: sim.IndustryModel(BASELINE, stages=[]), "stages must be a list of functions"),
    "options that are no texts": (lambda: sim.Scenario.load("baseline.toml", set=[1]), "set must be a list of texts"),  # type: ignore[list-item]
    "no path": (lambda: sim.Scenario.load(None), "path must be"),  # type: ignore[arg-type]
    "nothing to compare": (lambda: sim.compare(), r"compare\(\): missing a required argument: 'results'"),  # type: ignore[call-arg]
}


@pytest.mark.parametrize("call", BAD_CALLS)
def test_a_call_that_makes_no_sense_is_refused_in_words(call: str) -> None:
    asked, message = BAD_CALLS[call]
    told = refusal(asked)
    assert re.search(message, told), told


def test_what_is_none_by_default_may_be_given_as_none() -> None:
    plain = sim.simulate(BASELINE, runs=2, months=2)
    spelt_out = sim.simulate(BASELINE, 2, 0, 2, stages=None, changed=None, progress=None, batch=None, executor=None)
    assert spelt_out.hash() == plain.hash()


@pytest.mark.parametrize("table", [sim.OUTCOMES, sim.levers(), sim.parameters(), attributes(), CHANNELS])
def test_public_tables_cannot_be_changed(table: Any) -> None:
    with pytest.raises(TypeError):
        table["x"] = 1
    with pytest.raises(AttributeError):
        table.clear()


# ---- changed draws ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("draws", "message"), [
    ({("foo", 0, 0, 0): 0.5}, "no channel of luck 'foo'"),
    ({("capital.bst", 0, 0, 0): 0.5}, "did you mean 'capital.bust'"),
    ({("capital.bust", 99, 0, 0): 0.5}, "the run must be a whole number from 3 to 4, not 99"),
    ({("capital.bust", 3, 999, 0): 0.5}, "the month must be a whole number from 0 to 1, not 999"),
    ({("capital.bust", 3, 0, 1): 0.5}, "the slot must be 0, not 1"),
    ({("courts.filing", 3, 0, -1): 0.5}, "the slot must be a whole number from 0 to 47"),
    ({("capital.bust", 3, 0, 0): 2.0}, "the number must be a number of at least 0 and below 1, not 2.0"),
    ({("capital.bust", 3, 0, 0): 1.0}, "below 1, not 1.0"),
    ({("capital.bust", 3, 0.0, 0): 0.5}, "the month must be a whole number"),
    ({("parameters.herding", 3, 0, 0): 0.5}, "no channel of luck 'parameters.herding'"),
    ({"capital.bust": 0.5}, r"a draw is \(channel, run, month, slot\), not 'capital.bust'"),
    ("x", "changed must be"),
    ([1], r"changed\[0\] must be"),
])  # fmt: skip
def test_a_changed_draw_that_is_never_drawn_is_refused(draws: Any, message: str) -> None:
    told = refusal(lambda: sim.simulate(BASELINE, runs=2, first_run=3, months=2, changed=draws))
    assert re.search(message, told), told


def test_a_rule_of_ones_own_has_channels_of_its_own_and_what_runs_share_of_beliefs_cannot_be_changed_for_one() -> None:
    def mine(world: Any, luck: Any) -> None:  # noqa: ARG001 - a stage takes the world and its luck
        luck.uniform("mine.leak", 2)

    ranged = BASELINE.with_({"uncertainty.herding": (0.1, 0.5)}, title="Ranged")
    sim.simulate(BASELINE, runs=1, months=1, stages=[*STAGES, mine], changed={("mine.leak", 0, 0, 1): 0.5})
    for stages in ({}, {"stages": [*STAGES, mine]}):
        with pytest.raises(ArgumentError, match="no channel"):
            sim.simulate(ranged, runs=1, months=1, changed={("parameters.herding", 0, 0, 0): 0.5}, **stages)
    with pytest.raises(ArgumentError, match="no channel"):
        sim.simulate(BASELINE, runs=1, months=1, changed={("mine.leak", 0, 0, 1): 0.5})


# ---- Mesa's agents ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "name", "value"), [
    ("Elon Musk", "combativeness", 50), ("xAI", "safety", 99), ("xAI", "openness", -0.1), ("US", "trust", 1.01),
    ("eu", "strictness", 2.0), ("xAI", "cash", None), ("xAI", "cash", [1.0]),
])  # fmt: skip
def test_an_agents_value_out_of_range_is_refused_with_the_range(who: str, name: str, value: Any) -> None:
    agent = sim.IndustryModel(BASELINE).agent(who)
    wanted = "finite number" if name == "cash" else "number from 0 to 1"
    assert f"{name} of {who} must be a {wanted}" in refusal(lambda: setattr(agent, name, value))
    setattr(agent, name, getattr(agent, name))
