"""The back-test in words: what holds over several seeds, and first of all what is missed, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

from sim.common.numbers import percent, plain
from sim.engine.uncertainty import calibration
from sim.report.words.names import counted, listed
from sim.studies.forecasting.backtest import GAP_FACT, RARE, OverSeeds
from sim.studies.forecasting.facts import FACTS
from sim.studies.forecasting.record import LAST_CALIBRATION_DATE

FAR_OFF = 2.0
"""Factor from which a median is said to be too low or too high."""


def stored() -> OverSeeds | None:
    """The back-test of the posterior that is installed (`sim/data/posterior.toml`); None without one."""
    found = calibration().get("backtest")
    return OverSeeds(**found) if found else None


def headline(found: OverSeeds) -> str:
    """How many points, series and facts hold, each as its range over the seeds."""
    facts = f"{span(found.held)} of {found.facts} stylised facts"
    return (
        f"Of {found.points} figures of {int(LAST_CALIBRATION_DATE[:4]) + 1} and after, which calibration has not seen, "
        f"{span(found.in_90)} lie within the 90% band and {span(found.in_50)} within the 50% band; {facts} are within "
        f"range; {span(found.better)} of {found.series} series are forecast better than by a trend ({over(found)})."
    )


def missed(found: OverSeeds) -> list[str]:
    """What is missed and by how much, and how much the tests that are passed are worth: a sentence each."""
    return [sentence for sentence in (
        _medians(found), _lag(found), _facts(found),
        f"A fact counts as within range where the record's range and the middle half of the runs touch, which is a "
        f"mild rule: in {span(found.rare)} of {counted(found.measures, 'measure')} fewer than {percent(RARE)} of the "
        f"runs lie in the record's range.",
        f"In {found.one_point} of the {found.series} series the trend knew one point only, so to forecast better than "
        f"it means little there.",
    ) if sentence]


def over(found: OverSeeds) -> str:
    """What a range is over: "range over seeds 0 to 7, 1,000 runs each"."""
    if len(found.seeds) == 1:
        return f"seed {found.seeds[0]} alone, {counted(found.runs, 'run')}"
    return f"range over seeds {found.seeds[0]} to {found.seeds[-1]}, {counted(found.runs, 'run')} each"


def span(values: Sequence[float], digits: int = 3) -> str:
    """The range of a number over the seeds: "21 to 24", or "10" if it is the same in all."""
    low, high = plain(min(values), digits), plain(max(values), digits)
    return low if low == high else f"{low} to {high}"


def _medians(found: OverSeeds) -> str:
    """The series whose last figure is far off the runs' median, with the factor."""
    low = {name: factors for name, factors in found.low_by.items() if min(factors) >= FAR_OFF}
    high = {name: [1.0 / factor for factor in factors] for name, factors in found.low_by.items()
            if 0.0 < max(factors) <= 1.0 / FAR_OFF}
    parts = [
        f"too {word} by a factor of " + listed([f"{span(factors, 2)} for the {name}" for name, factors in _order(off)])
        for word, off in (("low", low), ("high", high)) if off
    ]
    return f"At the last figure of each series the median of the runs is {'; and '.join(parts)}." if parts else ""


def _order(off: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    named = [(name.removeprefix("the "), factors) for name, factors in off.items()]
    return sorted(named, key=lambda pair: -max(pair[1]))


def lag_contradicted(found: OverSeeds) -> bool:
    """Whether China's lag grows in the runs' median, with every seed, while it shrank on record."""
    return all(after > before for before, after in found.lag)


def _lag(found: OverSeeds) -> str:
    before, after = ([pair[place] for pair in found.lag] for place in (0, 1))
    gap = next(fact for fact in FACTS if fact.number == GAP_FACT)
    record = " and then ".join(f"{measure.low:g} to {measure.high:g}" for measure in gap.measures)
    if not lag_contradicted(found):
        return ""
    return (f"China's lag has the wrong direction: on record it shrinks ({record} months), in the runs' median it "
            f"grows ({span(before, 2)} and then {span(after, 2)} months).")


def _facts(found: OverSeeds) -> str:
    """Which facts are missed with every seed, and which with some."""
    text = {str(fact.number): f"{fact.number} ({fact.text})" for fact in FACTS}
    seeds = len(found.seeds)
    every = [text[number] for number, times in found.missed.items() if times == seeds]
    some = [f"{text[number]} with {times} of {seeds}" for number, times in found.missed.items() if times < seeds]
    if not every:
        return f"No fact is missed with every seed; missed with some: {listed(some)}." if some else "No fact is missed."
    more = f"; missed with some seeds: {listed(some)}" if some else ""
    return f"Missed: {'fact' if len(every) == 1 else 'facts'} {listed(every)}{more}."
