"""What was found, in sentences written from the numbers: each section of the report opens with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.numbers import fixed, percent, plain
from sim.outcomes import OUTCOMES
from sim.report.dots import in_deviations
from sim.report.labels import clean, short
from sim.report.units import COUNTS, in_sentence, magnitude, signed_difference, value

NAME_LENGTH = 60
WHAT_IF = (
    "This is a what-if machine with stated assumptions, not a forecast. Real people and firms appear as stylised "
    "agents built from public facts; their traits are assumptions that a scenario can change."
)
HAZARD = "The range of the hazard of severe incidents is an assumption: there are no data for the tail."


def quoted(title: object) -> str:
    """A scenario's title inside a sentence, in quotation marks and not too long."""
    return f"“{short(title, NAME_LENGTH)}”"


def listed(items: Sequence[str], word: str = "and") -> str:
    """Items as a sentence lists them: "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 run", "1,200 runs"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


# ---- the finding ----------------------------------------------------------------------------------------------


def finding(comparison: Any) -> str:
    """The finding in two sentences with numbers, and a third on what it cannot tell."""
    return " ".join(finding_parts(comparison))


def finding_parts(comparison: Any) -> tuple[str, str, str]:
    """The finding's three sentences: the largest difference, the next, and what the comparison cannot tell."""
    table = in_deviations(comparison.table)
    primary = table[table["primary"]]
    if not (comparison.table["difference"] != 0.0).any():
        return _all_alike(comparison)
    clear = ranked(primary[primary["clear"]])
    if clear.empty:
        return (*_nothing_clear(comparison, primary), cannot_tell(comparison))
    first = clear.iloc[0]
    sentence = f"Under {quoted(first['scenario'])}, {_most(first)} {versus(comparison, first)}."
    return (
        sentence,
        f"{_second(comparison, clear, first)}{_unmoved(comparison, primary)}.",
        cannot_tell(comparison),
    )


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by size in standard deviations, largest first; equals keep the order of files and outcomes."""
    order = table["dot"].abs().to_numpy().argsort(kind="stable")[::-1] if len(table) else []
    if len(table):
        order = sorted(range(len(table)), key=lambda row: (-abs(float(table["dot"].iloc[row])), row))
    return table.iloc[list(order)]


def interval_of(row: Any) -> tuple[float, float]:
    """The interval that counts for a row of the comparison's table: the family's for primary outcomes."""
    return (row["low_family"], row["high_family"]) if row["primary"] else (row["low"], row["high"])


def versus(comparison: Any, row: Any) -> str:
    """A difference in words: "3.1 fewer than the 12 under “Baseline”, 95% interval 2.4 to 3.8"."""
    outcome = OUTCOMES[row["outcome"]]
    size, around = magnitude(outcome, float(row["difference"]), *(float(side) for side in interval_of(row)))
    of = "of" if outcome.unit in COUNTS and row["difference"] < 0 else "than"
    return (
        f"{size} {of} the {value(outcome, float(row['baseline_mean']))} under {quoted(comparison.baseline)}, "
        f"{percent(comparison.level)} interval {around}"
    )


def _most(row: Any) -> str:
    return f"{in_sentence(OUTCOMES[row['outcome']])} changes most:"


def _second(comparison: Any, clear: pd.DataFrame, first: Any) -> str:
    """The largest difference that tells something else: another outcome, in another scenario if there is one."""
    rest = clear[clear["outcome"] != first["outcome"]]
    elsewhere = rest[rest["scenario"] != first["scenario"]]
    if not elsewhere.empty:
        row = elsewhere.iloc[0]
        return f"Under {quoted(row['scenario'])}, {in_sentence(OUTCOMES[row['outcome']])} is {versus(comparison, row)}"
    if not rest.empty:
        row = rest.iloc[0]
        return f"Next comes {in_sentence(OUTCOMES[row['outcome']])}: {versus(comparison, row)}"
    others = clear[clear["scenario"] != first["scenario"]]
    if not others.empty:
        row = others.iloc[0]
        return f"Under {quoted(row['scenario'])} the same outcome is {versus(comparison, row)}"
    return f"It is the only one of {counted(_primaries(comparison), 'primary outcome')} that differs clearly"


def _primaries(comparison: Any) -> int:
    return int(comparison.table.loc[comparison.table["primary"], "outcome"].nunique())


def _unmoved(comparison: Any, primary: pd.DataFrame) -> str:
    moved = set(primary.loc[primary["clear"], "outcome"])
    still = [in_sentence(OUTCOMES[name]) for name in dict.fromkeys(primary["outcome"]) if name not in moved]
    if not still or len(moved) == 1:
        return ""
    where = "in no scenario" if len(comparison.others) > 1 else "by no clear margin"
    verb = "differs" if len(still) == 1 else "differ"
    return (
        f"; {listed(still)} {verb} clearly {where}"
        if len(comparison.others) > 1
        else f"; {listed(still)} {verb} {where}"
    )


def _all_alike(comparison: Any) -> tuple[str, str, str]:
    other = quoted(comparison.others[0]) if len(comparison.others) == 1 else "each of the other scenarios"
    return (
        f"{quoted(comparison.baseline)} and {other} give exactly the same result.",
        f"All {len(OUTCOMES)} outcomes are equal in all {counted(comparison.runs, 'run')}.",
        cannot_tell(comparison),
    )


def _nothing_clear(comparison: Any, primary: pd.DataFrame) -> tuple[str, str]:
    nearest = ranked(primary).iloc[0]
    first = (
        f"None of the {_primaries(comparison)} primary outcomes differs clearly from {quoted(comparison.baseline)} "
        f"over {counted(comparison.runs, 'run')} on the same luck."
    )
    second = (
        f"The largest difference seen is in {in_sentence(OUTCOMES[nearest['outcome']])} under "
        f"{quoted(nearest['scenario'])}: {versus(comparison, nearest)}."
    )
    return first, second


def cannot_tell(comparison: Any) -> str:
    """What a comparison of scenarios leaves open."""
    return (
        f"It cannot tell how probable any of these worlds is, nor whether the model's assumptions hold: these are "
        f"differences in this model, over {counted(comparison.runs, 'run')} on the same luck."
    )


# ---- the sections -----------------------------------------------------------------------------------------------


def differences_lead(comparison: Any) -> str:
    """How many outcomes differ, and by how much the one that differs most does, scenario by scenario."""
    table = in_deviations(comparison.table)
    primary = table[table["primary"]]
    parts = []
    for title in comparison.others:
        mine = primary[(primary["scenario"] == title)]
        clear = ranked(mine[mine["clear"]])
        total = len(mine)
        if clear.empty:
            parts.append(f"Under {quoted(title)}, none of the {total} primary outcomes differs clearly.")
            continue
        row = clear.iloc[0]
        parts.append(
            f"Under {quoted(title)}, {len(clear)} of {total} primary outcomes differ clearly; the largest "
            f"difference is in {in_sentence(OUTCOMES[row['outcome']])}: {versus(comparison, row)}."
        )
    return " ".join(parts[:6])


def alike(comparison: Any, names: Sequence[str]) -> str:
    """A sentence on outcomes that do not differ, so that they need no picture; empty if there are none."""
    if not names:
        return ""
    titles = [in_sentence(OUTCOMES[name]) for name in names]
    verb = "does" if len(titles) == 1 else "do"
    text = f"{listed(titles)} {verb} not differ clearly in any scenario and {'is' if len(titles) == 1 else 'are'} not drawn."
    return text[0].upper() + text[1:]


def risks_lead(comparison: Any) -> str:
    """Which bad outcome's probability changes most."""
    risks = comparison.risks
    moved = risks[risks["clear"]]
    if moved.empty:
        return "No bad outcome becomes clearly more or less frequent in any scenario."
    row = moved.loc[moved["difference"].abs().idxmax()]
    base = risks[(risks["scenario"] == comparison.baseline) & (risks["risk"] == row["risk"])].iloc[0]
    return (
        f"The share of runs with “{row['risk']}” changes most under {quoted(row['scenario'])}: "
        f"{percent(row['probability'])} of runs, against {percent(base['probability'])} under "
        f"{quoted(comparison.baseline)}, in this model."
    )


def heat_lead(comparison: Any, found: Sequence[Any], lever: Any) -> str:
    """Which of the two levers moves which outcome, from the edges of the grid."""
    parts = []
    for heat in found[:2]:
        outcome = OUTCOMES[heat.outcome]
        by_row = float(abs(heat.difference[-1] - heat.difference[0]).mean())
        by_column = float(abs(heat.difference[:, -1] - heat.difference[:, 0]).mean())
        strong, weak = (
            (heat.row_lever, heat.column_lever)
            if by_row >= by_column
            else (heat.column_lever, heat.row_lever)
        )
        large, small = max(by_row, by_column), min(by_row, by_column)
        ratio = (
            f"{plain(large / small, 2)} times as far as"
            if small > large / 50
            else "while it hardly moves with"
        )
        parts.append(
            f"{lever(strong)} moves {in_sentence(outcome)} {ratio} {lever(weak).lower() if lever(weak)[1].islower() else lever(weak)}"
            + (" does" if small > large / 50 else "")
        )
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "." if parts else ""


def incidence_lead(comparison: Any, milestones: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """By how much the milestone that differs most does."""
    best: tuple[float, str] = (0.0, "")
    for name, curve in milestones:
        last = curve.groupby("scenario", sort=False)["share"].last()
        change = (last - last[comparison.baseline]).drop(comparison.baseline)
        if len(change) and change.abs().max() > best[0]:
            title = str(change.abs().idxmax())
            best = (
                float(change.abs().max()),
                (
                    f"By the end, {percent(last[title])} of runs under {quoted(title)} have seen the {name}, against "
                    f"{percent(last[comparison.baseline])} under {quoted(comparison.baseline)}."
                ),
            )
    return best[1] or "No milestone is reached in more runs of one scenario than of another."


def fans_lead(comparison: Any, chosen: Sequence[str]) -> str:
    """Where the outcome that differs most ends in each scenario, as means."""
    if not chosen:
        return "No outcome takes a clearly different path in any scenario, so none is drawn."
    table = in_deviations(comparison.table)
    rows = ranked(table[table["clear"] & table["outcome"].isin(list(chosen))])
    name = str(rows.iloc[0]["outcome"])
    outcome, part = OUTCOMES[name], table[table["outcome"] == name]
    how = {"last": "ends at", "sum": "adds up to", "max": "peaks at", "mean": "averages"}[outcome.summary]
    means = [
        f"{value(outcome, float(row['mean']))} under {quoted(row['scenario'])}"
        for row in part.head(4).to_dict("records")
    ]
    sentence = (
        f"{outcome.title} {how} {value(outcome, float(part['baseline_mean'].iloc[0]))} in the mean of the runs under "
        f"{quoted(comparison.baseline)}, {listed(means)}."
    )
    return sentence


def why_lead(comparison: Any, found: Any) -> str:
    """Where two runs on the same luck part, and in what they end up differently."""
    ends = []
    position = comparison.others.index(found.other)
    row = found.run - comparison.results.first_run
    kept = int(comparison.results.paired[:row].sum())
    primary = comparison.table[comparison.table["primary"] & (comparison.table["scenario"] == found.other)]
    for name in ranked(in_deviations(primary[primary["clear"]])).get("outcome", pd.Series(dtype=str)).head(2):
        outcome, difference = OUTCOMES[name], float(comparison.pairs(name)[kept, position])
        if difference != 0.0:
            ends.append(f"{in_sentence(outcome)} {signed_difference(outcome, difference)}")
    text = clean(found.text)
    return f"{text} Over this run, {listed(ends)}." if ends else text


def trust_lead(comparison: Any) -> str:
    """How exactly the differences are known, and what the pairing of runs is worth."""
    table = comparison.table[comparison.table["primary"]]
    worth = table["equivalent_runs"].replace([float("inf")], float("nan")).dropna()
    correlation = table["correlation"].dropna()
    parts = [
        f"Every difference is a mean over {counted(comparison.runs, 'run')}, each compared with itself under the other "
        f"scenario on the same luck."
    ]
    if len(worth) and len(correlation):
        parts.append(
            f"The runs of a pair correlate by {fixed(float(correlation.median()), 2)} in the median of the primary "
            f"outcomes, which makes the pairs as exact as {plain(float(worth.median()), 2)} runs with luck of their "
            "own."
        )
    if comparison.left_out:
        parts.append(
            f"{counted(comparison.left_out, 'run')} failed in some scenario and "
            f"{'is' if comparison.left_out == 1 else 'are'} left out of all."
        )
    return " ".join(parts)


def title_of(comparison: Any) -> str:
    """The report's heading."""
    if len(comparison.others) == 1:
        return f"{clean(comparison.others[0])} against {clean(comparison.baseline)}"
    return f"{counted(len(comparison.others), 'scenario')} against {clean(comparison.baseline)}"
