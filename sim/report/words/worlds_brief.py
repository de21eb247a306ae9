"""Policies across worlds on one page: which, whatever the world is like; for whom, how surely, resting on what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.common.numbers import percent
from sim.model.outcomes import HAZARD, OUTCOMES, PRIMARY
from sim.model.parameters import graded
from sim.report.words import narrative
from sim.report.words import worlds as words
from sim.report.words.brief import Brief
from sim.report.words.names import clean, counted, inside, listed, opening, quoted, short
from sim.report.words.paths import date
from sim.report.words.stakes import STAKES, Stake
from sim.report.words.trust import IGNORANCE, all_set_beyond, own_rules_of
from sim.report.words.units import size_in_words

BY_INCIDENTS = Stake("severe_incidents", "those whom severe incidents would hit", "lower", "")
AT_STAKE = tuple(stake for stake in (BY_INCIDENTS, *STAKES) if stake.outcome in PRIMARY)


def brief(found: Any) -> Brief:
    """The brief of policies across worlds; a side of it says in how many worlds a change is clear, and its range."""
    told = found.policies[1:]
    gains: dict[str, list[str]] = {policy: [] for policy in told}
    losses: dict[str, list[str]] = {policy: [] for policy in told}
    neither: dict[str, list[str]] = {policy: [] for policy in told}
    still: dict[str, list[str]] = {policy: [] for policy in told}
    for policy in told:
        for stake in AT_STAKE:
            rows = found.table[(found.table["policy"] == policy) & (found.table["outcome"] == stake.outcome)]
            up = int((rows["clear"] & (rows["difference"] > 0.0)).sum())
            down = int((rows["clear"] & (rows["difference"] < 0.0)).sum())
            if up and down:
                neither[policy].append(f"{stake.who}: the sign turns with the world")
            elif up or down:
                side = gains if (up > 0) == (stake.wants == "higher") else losses
                side[policy].append(_clause(stake, rows[rows["clear"]], len(rows)))
            else:
                still[policy].append(inside(OUTCOMES[stake.outcome].title))
    for policy, names in still.items():
        neither[policy] += [f"clear in no world: {listed(list(dict.fromkeys(names)))}"] if names else []
    return Brief(
        title=f"{listed([quoted(policy) for policy in found.policies])}, whatever the world is like",
        facts=_facts(found), question=(_question(found),),
        answer=tuple(filter(None, (words.headline(found), words.turns(found)))),
        gains=_sides(found, gains, "no clear gain"), losses=_sides(found, losses, "no clear loss"),
        neither=_sides(found, neither), sure=tuple(_sure(found)), rests=tuple(_rests(found)),
        watch=tuple(f"{short(world.title)}: {inside(clean(world.look_for).rstrip('.'))}." for world in found.worlds
                    if world.look_for))


def claims(found: Any) -> list[str]:
    """The answer, with who gains and who loses by it, as a page and a command tell it first."""
    told = brief(found)
    own = filter(None, [own_rules_of(found.results.departures)])
    return [*own, *told.answer, *(f"Who {side}: {inside(' '.join(said))}" for side, said in (("gains", told.gains),
                                                                                     ("loses", told.losses)))]


def _question(found: Any) -> str:
    worlds = listed([inside(short(world)) for world in found.titles])
    return (f"Which of {listed([quoted(policy) for policy in found.policies])} does best, if nobody knows which of "
            f"these worlds it is: {worlds}?")


def _facts(found: Any) -> str:
    results = found.results
    return (f"{counted(len(found.policies), 'policy', 'policies')} in {counted(len(found.worlds), 'world')}, "
            f"{counted(found.runs, 'run')} of each on the same luck, {date(results, 0)} to "
            f"{date(results, results.values.shape[2] - 1)}, seed {results.seed}.")


def _clause(stake: Stake, rows: Any, worlds: int) -> str:
    """Whose stake it is, the range of clear differences over worlds, and in how many they are clear."""
    about = OUTCOMES[stake.outcome]
    ends = [rows.loc[rows["difference"].abs().idxmin()], rows.loc[rows["difference"].abs().idxmax()]]
    sizes = [f"{size_in_words(about, end['difference'])} in {inside(short(end['world']))}" for end in ends]
    told = " to ".join(sizes if len(rows) > 1 else sizes[:1])
    return f"{stake.who} ({inside(about.summary_title)} {told}; clear in {len(rows)} of {counted(worlds, 'world')})"


def _sides(found: Any, clauses: dict[str, list[str]], none: str = "") -> tuple[str, ...]:
    """One side's sentences: a policy each, against the first one."""
    return tuple(f"Under {quoted(policy)}, against {quoted(found.baseline)}: {'; '.join(said or [none])}."
                 for policy, said in clauses.items() if said or none)


def _sure(found: Any) -> Iterable[str]:
    yield (f"Luck: means over {counted(found.runs, 'run')} on the same luck; {percent(found.level)} intervals hold "
           "together over primary outcomes, worlds and pairs of policies, and clear means that they leave out zero.")
    told = inside(IGNORANCE[found.results.uncertainty.partition(":")[0]])
    yield f"Beliefs: {f'parameters {told}' if told.startswith('drawn') else told}."
    yield f"Worlds: {inside(words.NO_WEIGHTS)}"


def _rests(found: Any) -> Iterable[str]:
    yield HAZARD
    yield from (said for said in narrative.cautions(list(PRIMARY)) if said != HAZARD)
    grades = graded()
    yield opening(f"{grades['assumption']} of {sum(grades.values())} parameters rest on an assumption, without "
                  "evidence.")
    yield from all_set_beyond(found.results.scenarios)
    yield narrative.WHAT_IF
