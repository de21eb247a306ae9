"""What a comparison rests on, in rows: its exactness, its parameters, the back-test, published results, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.common.language import gettext, noted
from sim.common.numbers import fixed, percent, plain
from sim.engine.uncertainty import calibration, dated, theories_met
from sim.model.beliefs import open_theories, theories
from sim.report.words.backtest import headline, missed
from sim.report.words.levers import lever_value
from sim.report.words.names import counted, inside, joined, listed, short
from sim.report.words.tables import Table
from sim.scenario.beyond import ranged, stated
from sim.scenario.sources import split_key
from sim.studies.forecasting.summary import stored

_NOT_CALIBRATED = "The model has not been calibrated, so there is no back-test"
IGNORANCE = {
    "luck": "All parameters at their defaults: what is not known of them is not in the intervals",
    "prior": "Drawn from their plausible ranges",
    "posterior": "Drawn as the record and their plausible ranges leave them",
}


BELIEFS = {
    "luck": noted("all parameters at their defaults: what is not known of them is not in the intervals"),
    "prior": noted("parameters drawn from their plausible ranges"),
    "posterior": noted("parameters drawn as the record and their plausible ranges leave them"),
}


def beliefs(results: Any) -> str:
    """How parameters were set, as a clause."""
    return gettext(BELIEFS[results.uncertainty.partition(":")[0]])


def standing_table(comparison: Any) -> Table:
    """Seven grounds for trust or doubt: what was found, and the command that shows more of each."""
    from sim.model.parameters import graded

    grades, held = graded(), stored()
    published = held.get("published", "")
    rows = [
        ["Monte Carlo error", _error(comparison), "airace compare --until-halfwidth 0.1"],
        ["Pairs on the same luck", _pairs(comparison), "the table below"],
        ["Uncertain parameters", _ignorance(comparison), "airace sensitivity"],
        ["Back-test", f"From December 2015. {headline(held)}" if held else _NOT_CALIBRATED, "airace backtest"],
        ["Missed by it", " ".join(missed(held)) if held else _NOT_CALIBRATED, "airace backtest --out DIR"],
        ["Published results", f"{published} reproduced by the rules" if published else "not measured",
         "airace check --only published"],
        ["Assumptions", f"{grades['assumption']} of {sum(grades.values())} parameters rest on an assumption, without "
         f"evidence, {grades['analogy']} on an analogy, {grades['bears']} on evidence by a stated step; "
         f"{grades['measures']} are measured", "airace params --unsourced"],
    ]
    if beyond := _beyond(comparison.results.scenarios):
        rows.append(["Beyond stated ranges", beyond, "airace validate FILE"])
    return Table("What the numbers rest on", ("Ground", "What was found", "To see more"), rows, prose=True)


def _beyond(scenarios: Any) -> str:
    """What scenarios set beyond the ranges that are believed possible; empty where nothing is."""
    found = [f"{short(scenario.title)} sets {key} to {lever_value(value)}"
             for scenario in scenarios for key, value in scenario.beyond().items()]
    return "; ".join(found)


def set_beyond(found: Mapping[str, Any], whose: str = "") -> str:
    """One sentence on values beyond their stated ranges, by dotted key, with the ranges; empty if there are none."""
    told = []
    for key, value in found.items():
        parameter = ranged(split_key(key))
        assert parameter is not None
        told.append(gettext("{key} = {value} (range {range})", key=key, value=lever_value(value),
                            range=lever_value(stated(parameter))))
    if not told:
        return ""
    if whose:
        return gettext("Set beyond its range in {scenario}: {levers}.", scenario=whose, levers=joined(told))
    return gettext("Set beyond its range: {levers}.", levers=joined(told))


def theories_met_by(results: Any, scenario: int = 0) -> dict[str, str]:
    """The theories that the first of the runs met, by path, of those that the scenario leaves open."""
    believed = results.scenarios[scenario]
    return {path: theories()[path].choices[theories_met(path, [believed], results.seed, results.run_numbers[:1])[0, 0]]
            for path in open_theories(believed.levers)}


def theories_of(results: Any, scenario: int = 0) -> str:
    """Which theories the first of the runs met, where the scenario leaves some open, as a sentence; else empty."""
    met = [f"{path.removeprefix('structure.').replace('_', ' ')}: {choice}"
           for path, choice in theories_met_by(results, scenario).items()]
    return f"The scenario leaves theories open; this run met {listed(met)}." if met else ""


def own_rules_of(departures: Iterable[str]) -> str:
    """A sentence that says where results were made by rules that are not the model's alone; empty if they were not."""
    told = listed(list(dict.fromkeys(filter(None, departures))))
    return gettext("Not the results of the model alone. They were made with {rules}.", rules=told) if told else ""


def all_set_beyond(scenarios: Iterable[Any]) -> list[str]:
    """A sentence for each scenario that sets values beyond their stated ranges."""
    told = [set_beyond(scenario.beyond(), short(scenario.title)) for scenario in scenarios]
    return [sentence for sentence in told if sentence]


def _error(comparison: Any) -> str:
    """The standard errors of the primary outcomes' differences, in standard deviations of the baseline's runs."""
    table = comparison.table.merge(comparison.spread, on=["scenario", "outcome"])
    part = table[table["primary"] & (table["effect_sd"] != 0.0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = (part["difference"] / part["effect_sd"]).abs().to_numpy(float)
        relative = part["mc_error"].to_numpy(float) / deviation
    relative = relative[np.isfinite(relative)]
    if not len(relative):
        return "No primary outcome's difference varies between runs"
    return (f"Standard errors of the primary outcomes' differences: {plain(float(np.median(relative)), 2)} standard "
            f"deviations of an outcome in the median, {plain(float(relative.max()), 2)} at most")


def _pairs(comparison: Any) -> str:
    found = comparison.table.loc[comparison.table["primary"], "correlation"].dropna()
    if found.empty:
        return "No primary outcome varies"
    low, middle, high = (fixed(float(found.quantile(q)), 2) for q in (0.0, 0.5, 1.0))
    return f"Correlation achieved: {middle} in the median of the primary outcomes, from {low} to {high}"


def shares_of_variance(comparison: Any) -> Any:
    """How much of the variance of each primary difference is due to ignorance, and of that to theories: a table."""
    spread = comparison.spread.set_index("outcome")
    primary = spread.loc[[o for o in spread.index.unique() if comparison.results.outcomes[o].primary]]
    total = primary["luck_sd"] ** 2 + primary["ignorance_sd"] ** 2
    return (primary[["ignorance_sd", "theory_sd"]] ** 2).div(total.where(total > 0.0), axis=0).dropna()


def _ignorance(comparison: Any) -> str:
    """How parameters were set, and how much of the differences' spread is due to them."""
    date = dated(comparison.results.uncertainty)
    setting = comparison.results.uncertainty.partition(":")[0]
    told = IGNORANCE[setting]
    if setting == "luck" and not comparison.open_theories:
        return told
    if date:
        found = calibration()
        origin = found["origin"][date]
        told += (f" (record to the end of {date}, {counted(int(found['runs']), 'run')}, effective sample size "
                 f"{origin['effective']:.0f}, {counted(len(origin['informed']), 'parameter')} informed)")
    shares = shares_of_variance(comparison)
    if shares.empty:
        return told
    ignorance, theory = (percent(float(shares[name].median())) for name in ("ignorance_sd", "theory_sd"))
    if comparison.open_theories and setting == "posterior":
        told += ", calibrated under the default theories"
    if not comparison.open_theories:
        return f"{told}; {ignorance} of the variance of a difference, in the median, is due to them"
    largest = shares["theory_sd"].idxmax()
    return (f"{told}; theories drawn as the scenarios believe in them ({listed(_open(comparison))}). Of the variance "
            f"of a difference, in the median, {ignorance} is due to parameters and theories, {theory} to theories "
            "alone; "
            f"theories matter most for {inside(comparison.results.outcomes[largest].title)}: "
            f"{percent(float(shares['theory_sd'].max()))}")


def _open(comparison: Any) -> list[str]:
    """The theories left open, with what the scenarios believe: "powers: any"."""
    return [f"{path.removeprefix('structure.').replace('_', ' ')}: "
            + " or ".join(dict.fromkeys(str(each.levers[path]) for each in comparison.results.scenarios))
            for path in comparison.open_theories]
