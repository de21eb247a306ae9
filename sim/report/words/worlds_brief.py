"""Policies across worlds on one page: which, whatever the world is like; for whom, how surely, resting on what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.common.language import gettext, noted
from sim.common.numbers import percent
from sim.model.outcomes import HAZARD, OUTCOMES, PRIMARY
from sim.model.parameters import graded
from sim.report.words import narrative
from sim.report.words import worlds as words
from sim.report.words.brief import Brief
from sim.report.words.names import as_written, clean, counted, inside, joined, listed, quoted, short
from sim.report.words.paths import date
from sim.report.words.stakes import STAKES, Stake
from sim.report.words.trust import all_set_beyond, beliefs, own_rules_of
from sim.report.words.units import size_in_words, summary_title, title

BY_INCIDENTS = Stake("severe_incidents", noted("those whom severe incidents would hit"), "lower", "")
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
                neither[policy].append(gettext("{who}: the sign turns with the world", who=gettext(stake.who)))
            elif up or down:
                side = gains if (up > 0) == (stake.wants == "higher") else losses
                side[policy].append(_clause(stake, rows[rows["clear"]], len(rows)))
            else:
                still[policy].append(inside(title(OUTCOMES[stake.outcome])))
    for policy, names in still.items():
        neither[policy] += ([gettext("clear in no world: {outcomes}", outcomes=listed(list(dict.fromkeys(names))))]
                            if names else [])
    return Brief(
        title=gettext("{policies}, whatever the world is like",
                      policies=listed([quoted(policy) for policy in found.policies])),
        facts=_facts(found), question=(_question(found),),
        answer=tuple(filter(None, (words.headline(found), words.turns(found)))),
        gains=_sides(found, gains, gettext("no clear gain")), losses=_sides(found, losses, gettext("no clear loss")),
        neither=_sides(found, neither), sure=tuple(_sure(found)), rests=tuple(_rests(found)),
        watch=tuple(gettext("{scenario}: {question}.", scenario=short(world.title),
                            question=as_written(inside(clean(world.look_for).rstrip("."))))
                    for world in found.worlds if world.look_for))


def claims(found: Any) -> list[str]:
    """The answer, with who gains and who loses by it, as a page and a command tell it first."""
    told = brief(found)
    own = filter(None, [own_rules_of(found.results.departures)])
    return [*own, *told.answer, gettext("Who gains: {sentences}", sentences=inside(" ".join(told.gains))),
            gettext("Who loses: {sentences}", sentences=inside(" ".join(told.losses)))]


def _question(found: Any) -> str:
    worlds = listed([inside(short(world)) for world in found.titles])
    return gettext("Which of {policies} does best, if nobody knows which of these worlds it is: {worlds}?",
                   policies=listed([quoted(policy) for policy in found.policies]), worlds=worlds)


def _facts(found: Any) -> str:
    results = found.results
    return gettext("{policies} in {worlds}, {runs} of each on the same luck, {first} to {last}, seed {seed}.",
                   policies=counted(len(found.policies), "policy", "policies"),
                   worlds=counted(len(found.worlds), "world"), runs=counted(found.runs, "run"),
                   first=date(results, 0), last=date(results, results.values.shape[2] - 1), seed=results.seed)


def _clause(stake: Stake, rows: Any, worlds: int) -> str:
    """Whose stake it is, the range of clear differences over worlds, and in how many they are clear."""
    about = OUTCOMES[stake.outcome]
    ends = [rows.loc[rows["difference"].abs().idxmin()], rows.loc[rows["difference"].abs().idxmax()]]
    sizes = [gettext("{change} in {world}", change=size_in_words(about, end["difference"]),
                     world=inside(short(end["world"]))) for end in ends]
    told = gettext("{low} to {high}", low=sizes[0], high=sizes[1]) if len(rows) > 1 else sizes[0]
    return gettext("{who} ({outcome} {change}; clear in {number} of {worlds})", who=gettext(stake.who),
                   outcome=inside(summary_title(about)), change=told, number=len(rows), worlds=counted(worlds, "world"))


def _sides(found: Any, clauses: dict[str, list[str]], none: str = "") -> tuple[str, ...]:
    """One side's sentences: a policy each, against the first one."""
    return tuple(gettext("Under {scenario}, against {baseline}: {changes}.", scenario=quoted(policy),
                         baseline=quoted(found.baseline), changes=joined(said or [none]))
                 for policy, said in clauses.items() if said or none)


def _sure(found: Any) -> Iterable[str]:
    yield gettext("Luck: means over {runs} on the same luck; {level} intervals hold together over primary outcomes, "
                  "worlds and pairs of policies, and clear means that they leave out zero.",
                  runs=counted(found.runs, "run"), level=percent(found.level))
    yield gettext("Beliefs: {beliefs}", beliefs=gettext("{clauses}.", clauses=beliefs(found.results)))
    yield gettext("Worlds: {remark}", remark=inside(gettext(words.NO_WEIGHTS)))


def _rests(found: Any) -> Iterable[str]:
    yield gettext(HAZARD)
    yield from (said for said in narrative.cautions(list(PRIMARY)) if said != gettext(HAZARD))
    grades = graded()
    yield gettext("{number} of {all} parameters rest on an assumption, without evidence.",
                  number=grades["assumption"], all=sum(grades.values()))
    yield from all_set_beyond(found.results.scenarios)
    yield gettext(narrative.WHAT_IF)
