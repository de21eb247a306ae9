"""What was found, in sentences written from the numbers: each section of the report opens with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.common.language import gettext, noted
from sim.common.numbers import fixed, percent, plain
from sim.engine import uncertainty
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.report.words import policies
from sim.report.words.changes import PRICES, Change, change_of, in_words, of_verdict, told
from sim.report.words.effects import measured, ranked
from sim.report.words.main_effects import main_effects
from sim.report.words.names import clean, counted, inside, joined, listed, opening, quoted
from sim.report.words.paths import date
from sim.report.words.theories import ranges, theories_sentence
from sim.report.words.units import size_in_words, value
from sim.studies.comparing.intervals import normal_quantile
from sim.studies.comparing.theories import over_theories

WHAT_IF = noted(
    "This is a what-if machine with stated assumptions, not a forecast. Real people and firms appear as "
    "stylised agents built from public facts; their traits are assumptions that a scenario can change."
)
LUCK_ONLY = (
    "The intervals cover luck: what other draws of chance would change. They do not cover ignorance: what "
    "other values of uncertain parameters would change, or what the rules of the model leave out."
)
LUCK_AND_IGNORANCE = (
    "The intervals cover luck, and ignorance of the parameters {of}. They do not cover what the rules of the model "
    "leave out."
)
CANNOT_TELL = noted(
    "The comparison cannot tell how probable any of these worlds is, nor whether the model's assumptions hold"
)
MOST_TOLD = 3
MOST_BESIDE = 2  # outcomes that are no primary ones, where none of those moves
"""Scenarios that the finding tells of one by one."""


def covered_by_intervals(comparison: Any) -> str:
    """What the intervals stand for, by what was believed about parameters."""
    setting = comparison.results.uncertainty
    if setting == "luck":
        return LUCK_ONLY
    known = uncertainty.dated(setting)  # the month to whose end a posterior knows the record
    left = f"as far as the record to the end of {known[:4]} and their plausible ranges leave it"
    return LUCK_AND_IGNORANCE.format(of=left if known else "over their plausible ranges")


# ---- the finding ------------------------------------------------------------------------------


def finding(comparison: Any, theories: Any = None) -> str:
    """The finding in sentences with numbers, and what it cannot tell."""
    sentences, limits = finding_parts(comparison, theories)
    return " ".join([*sentences, limits])


def finding_parts(comparison: Any, theories: Any = None) -> tuple[list[str], str]:
    """What every lever, or else every scenario, changes in the primary outcomes; and what that cannot tell.

    `theories` is what `across_theories` found of the comparison: then the range over rival theories stands beside each
    change, and how many signs hold in all of them comes last.
    """
    table = measured(comparison)
    limits = f"{cannot_tell(comparison)} {simulated_from(comparison.results)}"
    signs = [] if theories is None else [theories_sentence(over_theories(theories))]
    if not (table["difference"] != 0.0).any():
        return [*all_alike(comparison), *policies.sentences(comparison), *signs], limits
    effects = main_effects(comparison, theories)
    found = effects or [(f"Under {quoted(title)}", _changes(comparison, table, title, theories))
                        for title in told_of(comparison)]
    if not any(change.verdict == "changes" for _, changes in found for change in changes):
        nothing = [*_nothing_clear(comparison, table[table["primary"]]), *beside(comparison, table)]
        return [*nothing, *policies.sentences(comparison), *signs], limits
    sentences = [f"{start}: {told(changes)}." for start, changes in found]
    over = ", averaged over the other lever" if effects else f", against {quoted(comparison.baseline)}"
    read = f"Means over runs, and {percent(comparison.level)} intervals in brackets that hold together{over}."
    named = [change.outcome.name for _, changes in found for change in of_verdict(changes, "changes")]
    more = [*_more(comparison, effects), *policies.sentences(comparison), *signs]
    return [*sentences, *more], " ".join([read, *cautions(named), limits])


def told_of(comparison: Any) -> list[str]:
    """The scenarios that finding and brief tell of, in file order: those in which most primary outcomes differ."""
    order = sorted(comparison.others, key=lambda title: -_clear_count(comparison, title))
    return [title for title in comparison.others if title in order[:MOST_TOLD]]


def _more(comparison: Any, effects: Any) -> list[str]:
    rest = 0 if effects else len(comparison.others) - MOST_TOLD
    return [f"{counted(rest, 'more scenario')} stand{'s' if rest == 1 else ''} below."] if rest > 0 else []


def _changes(comparison: Any, table: pd.DataFrame, scenario: str, theories: Any = None) -> list[Change]:
    """What one scenario changes in the primary outcomes."""
    across = {} if theories is None else ranges(theories, [scenario], [comparison.baseline])
    rows = table[table["primary"] & (table["scenario"] == scenario)].to_dict("records")
    return [change_of(comparison, row, across.get(row["outcome"])) for row in rows]


def all_alike(comparison: Any) -> tuple[str, str]:
    """That nothing differs, in two sentences."""
    others = comparison.others
    base = quoted(comparison.baseline)
    return (
        gettext("{scenario} gives exactly the same results as {baseline}.", scenario=quoted(others[0]), baseline=base)
        if len(others) == 1 else
        gettext("The other scenarios give exactly the same results as {baseline}.", baseline=base),
        gettext("All {outcomes} outcomes are equal in each of {runs}.", outcomes=len(OUTCOMES),
                runs=counted(comparison.runs, "run")),
    )


def _nothing_clear(comparison: Any, primary: pd.DataFrame) -> tuple[str, str]:
    nearest = ranked(primary).iloc[0]
    (change,) = (each for each in _changes(comparison, primary, nearest["scenario"])
                 if each.outcome.name == nearest["outcome"])
    return (
        f"None of the {len(PRIMARY)} primary outcomes differs clearly from "
        f"{quoted(comparison.baseline)} over {counted(comparison.runs, 'run')} on the same luck.",
        f"The largest difference seen, under {quoted(nearest['scenario'])}: {in_words(change)}.",
    )


def beside(comparison: Any, table: pd.DataFrame) -> list[str]:
    """What a scenario moves most of what is no primary outcome, where intervals hold together over all of it."""
    others = table[~table["primary"].astype(bool)]
    of_all = 1.0 - (1.0 - comparison.level) / max(len(others), 1)
    wider = normal_quantile(of_all) / normal_quantile(comparison.level)
    found = []
    for title in comparison.others:
        mine = others[others["scenario"] == title]
        half = (mine["high"] - mine["low"]) / 2.0 * wider
        sure = mine[(mine["difference"].abs() > half) & np.isfinite(mine["dot"])]
        first = sure.loc[sure["dot"].abs().sort_values(ascending=False).index[:MOST_BESIDE]]
        if len(first):
            changes = [change_of(comparison, row) for row in first.to_dict("records")]
            found.append(gettext("What {scenario} moves most among the others: {changes}.", scenario=quoted(title),
                                 changes=joined([in_words(change) for change in changes])))
    return found


def cannot_tell(comparison: Any) -> str:
    """What a comparison of scenarios leaves open."""
    return (
        f"{CANNOT_TELL}: these are differences in this model, over {counted(comparison.runs, 'run')} on the same luck, "
        f"{uncertainty.in_words(comparison.results.uncertainty)}."
    )


def simulated_from(results: Any) -> str:
    """That all months are the model's own, also those that have passed since."""
    return (f"Every month from {date(results, 0)} on is simulated: those that have passed since are history "
            "as the model makes it, not the record.")


def cautions(names: Sequence[str]) -> list[str]:
    """What must be said wherever these outcomes are shown as findings, each remark once."""
    return list(dict.fromkeys(gettext(OUTCOMES[name].caution) for name in names if OUTCOMES[name].caution))


# ---- the sections -----------------------------------------------------------------------------


def title_of(comparison: Any) -> str:
    """The report's heading."""
    if len(comparison.others) == 1:
        return gettext("{scenario} against {baseline}", scenario=quoted(comparison.others[0]),
                       baseline=quoted(comparison.baseline))
    return gettext("{scenario} against {baseline}", scenario=counted(len(comparison.others), "scenario"),
                   baseline=quoted(comparison.baseline))


def facts(comparison: Any) -> str:
    """What was run, in one line."""
    results = comparison.results
    months = results.values.shape[2]
    told = {"scenarios": counted(len(comparison.titles), "scenario"), "runs": counted(comparison.runs, "run"),
            "first": date(results, 0), "last": date(results, months - 1), "seed": results.seed,
            "belief": uncertainty.in_words(results.uncertainty), "failed": comparison.left_out}
    if comparison.left_out:
        return gettext("{scenarios}, {runs} each on the same luck ({failed} that failed left out), {first} to {last}, "
                       "seed {seed}, {belief}", **told)
    return gettext("{scenarios}, {runs} each on the same luck, {first} to {last}, seed {seed}, {belief}", **told)


def differences_lead(comparison: Any) -> str:
    """In how many primary outcomes each scenario differs."""
    titles, total = comparison.others, len(PRIMARY)
    counts = [f"{_clear_count(comparison, title)} under {quoted(title)}" for title in titles[1:6]]
    first = _clear_count(comparison, titles[0])
    more = f" ({counted(len(titles) - 6, 'more scenario')} below)" if len(titles) > 6 else ""
    start = f"{first} of {total} primary outcomes differ clearly from {quoted(comparison.baseline)}"
    return f"{listed([f'{start} under {quoted(titles[0])}', *counts])}{more}."


def _clear_count(comparison: Any, title: str) -> int:
    table = comparison.table
    return int((table["primary"] & table["clear"] & (table["scenario"] == title)).sum())


def alike(names: Sequence[str]) -> str:
    """A sentence on outcomes that differ nowhere, so that they need no picture; empty if there are none."""
    if not names:
        return ""
    titles = opening(listed([inside(OUTCOMES[name].title) for name in names]))
    if len(names) == 1:
        return f"{titles} does not differ clearly in any scenario and is not drawn."
    return f"{titles} do not differ clearly in any scenario and are not drawn."


def risks_lead(comparison: Any) -> str:
    """Which bad outcome becomes more or less frequent, and by how much."""
    risks = comparison.risks
    moved = risks[risks["clear"] & (risks["difference"] != 0.0)]
    if moved.empty:
        return "No bad outcome becomes clearly more or less frequent in any scenario."
    row = moved.loc[moved["difference"].abs().idxmax()]
    base = risks[(risks["scenario"] == comparison.baseline) & (risks["risk"] == row["risk"])].iloc[0]
    return (
        f"What changes most is “{row['risk']}”: {percent(row['probability'])} of runs under "
        f"{quoted(row['scenario'])}, against {percent(base['probability'])} under "
        f"{quoted(comparison.baseline)}, in this model."
    )


def incidents_lead(comparison: Any) -> str:
    """How severe incidents are spread over the runs: in how many there is none, and the median."""
    rows = comparison.severe.head(MOST_TOLD + 1).to_dict("records")
    said = [
        f"{percent(row['none'])}, {percent(row['one'])} and {percent(row['more'])} under {quoted(row['scenario'])} "
        f"(median {plain(row['median'])}, mean {plain(row['mean'], 2)})"
        for row in rows
    ]
    return f"Runs with no severe incident, one, and two or more: {'; '.join(said)}."


def fans_lead(comparison: Any, chosen: Sequence[str]) -> str:
    """The means of the outcome that differs most, scenario by scenario."""
    if not chosen:
        return "No outcome takes a clearly different path in any scenario, so none is drawn."
    table, name = measured(comparison), _widest(comparison, chosen)
    outcome, part = OUTCOMES[name], table[table["outcome"] == name]
    when = {"last": "at the end", "sum": "in total", "max": "at its peak", "mean": "over the years"}
    means = [f"{value(outcome, float(part['baseline_mean'].iloc[0]))} under {quoted(comparison.baseline)}"]
    for row in part.head(4).to_dict("records"):
        means.append(f"{value(outcome, float(row['mean']))} under {quoted(row['scenario'])}")
    return f"The widest gap is in {inside(outcome.title)}: {when[outcome.summary]}, on average {listed(means)}."


def _widest(comparison: Any, chosen: Sequence[str]) -> str:
    """The outcome, of those chosen, that differs most; a primary one before others."""
    table = measured(comparison)
    clear = table[table["clear"] & table["outcome"].isin(list(chosen))]
    primary = clear[clear["primary"]]
    found = ranked(primary if len(primary) else clear)
    # That rules cost money is what nobody asks: a price is told where nothing else differs.
    return next((name for name in found["outcome"] if name not in PRICES), str(found.iloc[0]["outcome"]))


def apart_lead(comparison: Any, chosen: Sequence[str]) -> str:
    """In how many runs the outcome that differs most ends lower, higher or the same: what a mean does not say."""
    name = _widest(comparison, chosen)
    said = []
    for title, runs in list(zip(comparison.others, comparison.pairs(name).T, strict=True))[:MOST_TOLD]:
        lower, higher = float((runs < 0.0).mean()), float((runs > 0.0).mean())
        parts = [f"lower in {percent(lower)} of the runs", f"higher in {percent(higher)}",
                 f"the same in {percent(1.0 - lower - higher)}"]
        said.append(f"under {quoted(title)}, {listed(parts)}")
    return f"{opening(OUTCOMES[name].summary_title)}, run by run on the same luck: {'; '.join(said)}."


def heat_lead(found: Sequence[Any], name_of: Mapping[str, str]) -> str:
    """Which of the two levers moves the first outcomes, from opposite edges of the grid; else nothing."""
    return " ".join(_heat_sentence(heat, name_of) for heat in found[:2])


def _heat_sentence(heat: Any, name_of: Mapping[str, str]) -> str:
    title = inside(OUTCOMES[heat.outcome].title)
    by_row = float(np.abs(heat.difference[-1] - heat.difference[0]).mean())
    by_column = float(np.abs(heat.difference[:, -1] - heat.difference[:, 0]).mean())
    pairs = sorted([(by_row, heat.row_lever), (by_column, heat.column_lever)], key=lambda pair: -pair[0])
    (large, strong), (small, weak) = pairs
    if small <= large / 50.0:
        return f"{opening(title)} moves with {inside(name_of[strong])} and hardly with {inside(name_of[weak])}."
    if large < 1.2 * small:
        return f"{name_of[strong]} and {inside(name_of[weak])} move {title} about equally far."
    times = f"{plain(large / small, 2)} times as far as {inside(name_of[weak])} does"
    return f"{name_of[strong]} moves {title} {times}."


def incidence_lead(comparison: Any, curves: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """The milestone that differs most between a scenario and the baseline at the end."""
    best, text = 0.0, "No milestone is reached in clearly more runs of one scenario than of another."
    for name, curve in curves:
        last = curve.groupby("scenario", sort=False)["share"].last()
        change = (last - last[comparison.baseline]).drop(comparison.baseline)
        title = str(change.abs().idxmax())
        if abs(float(change[title])) > best:
            best = abs(float(change[title]))
            text = (
                f"By the end, {percent(last[title])} of runs under {quoted(title)} have seen the {name}, "
                f"against {percent(last[comparison.baseline])} under {quoted(comparison.baseline)}."
            )
    return text


def why_lead(comparison: Any, found: Any, months: Mapping[str, str], turn: tuple[str, str] | None) -> str:
    """Where two runs on the same luck part, their first turning point, and in what they end up differently.

    `months` gives the months in words by date; `turn` is the first turning point that only one run has: its
    scenario and its sentence, month first.
    """
    titles = f"{quoted(found.baseline)} and {quoted(found.other)}"
    if found.month is None:
        return f"In run {found.run}, the same events happen under {titles}."
    parts = [f"The histories of run {found.run} under {titles} part in {months[found.date]}:"]
    sides = ((found.other, found.only_other), (found.baseline, found.only_baseline))
    first = [f"only under {quoted(title)}, {clean(said[0]).rstrip('.')}" for title, said in sides if said]
    parts.append(f"{'; '.join(first)}.")
    if turn is not None:
        parts.append(f"The first turning point that only one of them has comes under {quoted(turn[0])}: {turn[1]}")
    return " ".join([*parts, *_ends_of(comparison, found)])


def _ends_of(comparison: Any, found: Any) -> list[str]:
    """In what the other run ends up differently: the two primary outcomes that differ most."""
    table = measured(comparison)
    rows = table[table["primary"] & table["clear"] & (table["scenario"] == found.other)]
    pair = comparison.results.paired[: found.run - comparison.results.first_run].sum()
    ends: list[str] = []
    for name in ranked(rows)["outcome"]:
        difference = float(comparison.pairs(name)[pair, comparison.others.index(found.other)])
        if difference != 0.0 and len(ends) < 2:
            ends.append(f"{inside(OUTCOMES[name].title)} is {size_in_words(OUTCOMES[name], difference)}")
    return [f"In the end, {listed(ends)} than under {quoted(found.baseline)}."] if ends else []


def trust_lead(comparison: Any) -> str:
    """How exactly the differences are known, and what the pairing of runs is worth."""
    table = comparison.table[comparison.table["primary"]]
    worth = table["equivalent_runs"].replace([np.inf, -np.inf], np.nan).dropna()
    correlation = table["correlation"].dropna()
    parts = [
        f"Every difference is a mean over {counted(comparison.runs, 'run')}, each compared with itself under "
        "the other scenario on the same luck."
    ]
    if len(worth) and len(correlation):
        parts.append(
            f"In the median of the primary outcomes the two runs of a pair correlate by "
            f"{fixed(float(correlation.median()), 2)}, and the pairs are as exact as "
            f"{plain(float(worth.median()), 2)} runs with luck of their own would be."
        )
    if comparison.left_out:
        verb = "is" if comparison.left_out == 1 else "are"
        parts.append(f"{counted(comparison.left_out, 'run')} failed in some scenario and {verb} left out of all.")
    return " ".join(parts)
