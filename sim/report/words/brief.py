"""A comparison on one page, for somebody who has to decide: what is asked, what comes out, for whom, how surely.

The numbers are those of the report, worded by the same functions. Whatever changes is told, help and harm alike; what
runs leave open is named as open, never as a gain or a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.common.language import gettext, ngettext, noted
from sim.common.numbers import percent, plain
from sim.model.outcomes import AVERTED, HAZARD, OUTCOMES, PRIMARY, Outcome
from sim.model.parameters import graded, parameters
from sim.report.words import narrative, policies
from sim.report.words.changes import (
    HARDLY,
    OPEN,
    WORTH_NAMING,
    Change,
    change_of,
    numbers,
    of_verdict,
    verdict_in_words,
)
from sim.report.words.changes import told as together
from sim.report.words.effects import measured
from sim.report.words.main_effects import main_effects
from sim.report.words.names import as_written, clean, counted, inside, joined, listed, opening, quoted
from sim.report.words.stakes import Stakes, chance, stakes
from sim.report.words.theories import theories_sentence
from sim.report.words.trust import all_set_beyond, beliefs, own_rules_of, shares_of_variance
from sim.report.words.units import summary_title
from sim.report.words.units import title as title_of
from sim.studies.comparing.human_units import Difference, compliance_of_revenue, delay_in_months
from sim.studies.comparing.theories import over_theories
from sim.studies.forecasting.summary import stored

DELAY = Outcome("delay", "months of delay", noted("The frontier's pace"), "")
HARDLY_LATE = 1.0
"""Months of delay that hardly anybody would notice."""
LABELS = {
    "chance": noted("the chance of a severe incident in a year"),
    "delay": noted("the frontier"),
    "market_hhi": noted("market concentration, where 1 is a monopoly,"),
    "hostility": noted("US-China hostility on average, from 0 to 1,"),
}
"""Titles of what is an index, with its ends, and of what else a sentence words in its own way."""
IN_SENTENCES_OF_THEIR_OWN = ("severe_incidents", "compliance_cost_usd_bn", "safety_effort")
BY_SALES = noted(
    "Sales, taxes and use hang on the assumed hazard of incidents (see below), users' gain on an assumed worth of AI."
)
MOST_CLAUSES = 9
"""Gains or losses told where there are several scenarios, in equal parts."""


@dataclass(frozen=True)
class Brief:
    """The texts of the page, each part a paragraph or several; all plain text, nothing in it is markup."""

    title: str
    facts: str
    question: tuple[str, ...]
    answer: tuple[str, ...]
    gains: tuple[str, ...]
    losses: tuple[str, ...]
    neither: tuple[str, ...]
    sure: tuple[str, ...]
    rests: tuple[str, ...]
    watch: tuple[str, ...]

    @property
    def told(self) -> int:
        """How many scenarios it tells of."""
        return len(self.question)

    def parts(self) -> list[tuple[str, tuple[str, ...]]]:
        """Headings with their paragraphs, in the order of the page; a part that has nothing to say is left out."""
        found = [(gettext("The question"), self.question), (gettext("The answer"), self.answer),
                 (gettext("Who gains"), self.gains), (gettext("Who loses"), self.losses),
                 (gettext("Neither, clearly"), self.neither), (gettext("How sure"), self.sure),
                 (gettext("What it rests on that nobody knows"), self.rests), (gettext("What to watch"), self.watch)]
        return [part for part in found if part[1]]


def brief(comparison: Any, theories: Any = None) -> Brief:
    """The brief of a comparison; `theories` is what `across_theories` found of it, None where nobody asked."""
    table, told = measured(comparison), narrative.told_of(comparison)
    found = {title: stakes(comparison, table, title) for title in told}
    alike = _alike(table)
    by_sales = [gettext(BY_SALES)] if any(each.by_sales for each in found.values()) else []
    return Brief(
        title=narrative.title_of(comparison), facts=gettext("{facts}.", facts=narrative.facts(comparison)),
        question=_question(comparison, told),
        answer=(*filter(None, [own_rules_of(comparison.results.departures)]), *answer(comparison)),
        gains=(*_sides(found, "gains", gettext("no clear gain")), *by_sales),
        losses=_sides(found, "losses", gettext("no clear loss")),
        neither=() if alike else _sides(found, "neither"), sure=tuple(_sure(comparison, theories)),
        rests=tuple(_rests(comparison, table, found.values())), watch=tuple(_watch(comparison, told)))


def answer_and_limits(comparison: Any, theories: Any = None) -> tuple[list[str], str]:
    """The brief's answer as a command prints it, and what it cannot tell.

    Where scenarios span a grid, what each of its two levers does on average over the other comes with it; where rival
    theories were tried, how many signs hold in all of them.
    """
    told = brief(comparison, theories)
    effects = [gettext("{lever}, averaged over the other lever: {changes}.", lever=start, changes=together(changes))
               for start, changes in main_effects(comparison, theories) or []]
    signs = [] if theories is None else [theories_sentence(over_theories(theories))]
    return [*told.answer, *effects, *signs], narrative.finding_parts(comparison, theories)[1]


def _question(comparison: Any, told: Sequence[str]) -> tuple[str, ...]:
    """What the scenarios' files ask, or else the plain question that every comparison answers."""
    asked = {title: comparison.results.scenarios[comparison.results.position(title)].question for title in told}
    if len(told) > 1:
        return tuple(gettext("{scenario}: {question}", scenario=quoted(title),
                             question=as_written(asked[title]) if asked[title] else gettext("what does it change?"))
                     for title in told)
    if asked[told[0]]:
        return (as_written(asked[told[0]]),)
    return (gettext("What does {scenario} change against {baseline}?", scenario=quoted(told[0]),
                    baseline=quoted(comparison.baseline)),)


# ---- the answer ------------------------------------------------------------------------------


def answer(comparison: Any) -> tuple[str, ...]:
    """The answer alone, in sentences: what triggers and announcements did, and what each scenario changes."""
    table = measured(comparison)
    if _alike(table):
        return (*narrative.all_alike(comparison), *policies.sentences(comparison))
    return (*policies.sentences(comparison), *_beside(comparison, table),
            *_answer(comparison, table, narrative.told_of(comparison)))


def _alike(table: Any) -> bool:
    """Whether nothing differs in any scenario."""
    return not (table["difference"] != 0.0).any()


def _beside(comparison: Any, table: Any) -> Iterable[str]:
    """Where no primary outcome changes clearly, what else does."""
    return () if table[table["primary"]]["clear"].any() else narrative.beside(comparison, table)


def _answer(comparison: Any, table: Any, told: Sequence[str]) -> tuple[str, ...]:
    """Three sentences for one scenario, on harm, price and all else; else one for each."""
    if len(told) == 1 and len(comparison.others) == 1:
        return _of_one(comparison, table, told[0])
    rest = len(comparison.others) - len(told)
    more = (ngettext("{number} more scenario stands in the report.", "{number} more scenarios stand in the report.",
                     rest),) if rest else ()
    return tuple(gettext("Under {scenario}: {changes}.", scenario=quoted(title),
                         changes=_together(_all_of(comparison, table, title))) for title in told) + more


def _of_one(comparison: Any, table: Any, title: str) -> tuple[str, ...]:
    span, of = _span(comparison), {each.outcome.name: each for each in _primary(comparison, table, title)}
    incidents, cost, odds = of["severe_incidents"], of["compliance_cost_usd_bn"], chance(comparison, title)
    harm = [verdict_in_words(incidents, gettext("severe incidents over {span}", span=span)),
            _median(comparison, title), verdict_in_words(odds, _label(odds))]
    price = [verdict_in_words(cost, gettext("what labs pay over {span} to comply with rules", span=span)),
             _of_revenue(comparison, title), *_pace(comparison, table, title)]
    rest = [change for name, change in of.items() if name not in IN_SENTENCES_OF_THEIR_OWN]
    told = ((harm, [incidents, odds]), (price, [cost, *_delay(comparison, title)]), ([_together(rest)], rest))
    clear_first = sorted(told, key=lambda each: not of_verdict(each[1], "changes"))
    return tuple(gettext("{clauses}.", clauses=opening(joined([*filter(None, parts)]))) for parts, _ in clear_first)


def _all_of(comparison: Any, table: Any, title: str) -> list[Change]:
    """The primary outcomes, safety effort as the chance of an incident that it leaves, and the frontier's delay."""
    primary = [each for each in _primary(comparison, table, title) if each.outcome.name != "safety_effort"]
    return [*primary, chance(comparison, title), *_delay(comparison, title)]


def _primary(comparison: Any, table: Any, title: str) -> list[Change]:
    rows = table[table["primary"] & (table["scenario"] == title)].to_dict("records")
    return [change_of(comparison, row) for row in rows]


def _delay(comparison: Any, title: str) -> list[Change]:
    found: Difference | None = delay_in_months(comparison, title)
    return [] if found is None else [Change(DELAY, float("nan"), *found[1:4], HARDLY_LATE / WORTH_NAMING)]


def _together(changes: Sequence[Change]) -> str:
    """What changes with its numbers, the largest first and prices last; then what hardly does, and what is open."""
    clear = of_verdict(changes, "changes")
    parts = ([gettext("{outcome} {numbers}", outcome=_label(change), numbers=numbers(change)) for change in clear]
             or [gettext("no other clear change")])
    for verdict, said in (("hardly", HARDLY), ("open", OPEN)):
        if names := [inside(title_of(change.outcome)) for change in of_verdict(changes, verdict)]:
            parts.append(gettext(said, outcomes=listed(names)))
    return joined(parts)


def _label(change: Change) -> str:
    known = LABELS.get(change.outcome.name)
    return gettext(known) if known else inside(summary_title(change.outcome))


def _median(comparison: Any, title: str) -> str:
    """How many severe incidents the median run has: a mean hides that few runs have many."""
    middle = comparison.severe.set_index("scenario")["median"]
    ours, theirs = plain(middle[title]), plain(middle[comparison.baseline])
    if ours == theirs:
        return gettext("the median run has {number} under both", number=ours)
    return gettext("the median run has {number} instead of {other}", number=ours, other=theirs)


def _of_revenue(comparison: Any, title: str) -> str:
    ours, theirs = (compliance_of_revenue(comparison, each) for each in (title, comparison.baseline))
    if np.isnan(ours) or np.isnan(theirs):
        return ""
    return gettext("that is {share} of what all labs earn, against {other}", share=percent(ours),
                   other=percent(theirs))


def _pace(comparison: Any, table: Any, title: str) -> list[str]:
    """By how many months the frontier is late at the end, and by what factor of capability."""
    delays = _delay(comparison, title)
    if not delays:
        return []
    if delays[0].verdict != "changes":
        return [verdict_in_words(delays[0], inside(title_of(DELAY)))]
    row = table[(table["scenario"] == title) & (table["outcome"] == "frontier_log10_flop")].to_dict("records")[0]
    return [gettext("the frontier: {delay}, its best model at the end {change}", delay=numbers(delays[0]),
                    change=numbers(change_of(comparison, row)))]


def _span(comparison: Any) -> str:
    """How long totals run: "10 years", "6 months"."""
    months = comparison.results.values.shape[2]
    return counted(months, "month") if months % 12 else counted(months // 12, "year")


# ---- for whom --------------------------------------------------------------------------------


def _sides(found: dict[str, Stakes], side: str, none: str = "") -> tuple[str, ...]:
    """One side's sentences: a paragraph each for one scenario, else one for each scenario; `none` where it has none."""
    clauses = {title: getattr(each, side) or ((none,) if none else ()) for title, each in found.items()}
    if len(found) == 1:
        return tuple(gettext("{clauses}.", clauses=opening(said)) for each in clauses.values() for said in each)
    most = MOST_CLAUSES // len(found)
    return tuple(gettext("Under {scenario}: {changes}.", scenario=quoted(title), changes=joined(_at_most(most, each)))
                 for title, each in clauses.items() if each)


def _at_most(most: int, clauses: tuple[str, ...]) -> tuple[str, ...]:
    rest = len(clauses) - most
    return (*clauses[:most], gettext("{count} more in the report", count=rest)) if rest > 1 else clauses


# ---- how sure --------------------------------------------------------------------------------


def _sure(comparison: Any, theories: Any) -> Iterable[str]:
    """Luck, beliefs and structures, and what the back-test is worth."""
    level = percent(comparison.level)
    yield gettext("Luck: means over {runs} on the same luck, {level} intervals in brackets; those of primary outcomes "
                  "hold together, those of the others one by one.", runs=counted(comparison.runs, "run"), level=level)
    yield gettext("Beliefs: {beliefs}", beliefs=_beliefs(comparison))
    yield gettext("Structures: {structures}", structures=_structures(comparison, theories))
    if held := stored():
        passed = sum(bar["passed"] for bar in held["bars"])
        yield gettext("The record: the model passes {passed} of the {bars} bars of its back-test.", passed=passed,
                      bars=len(held["bars"]))


def _beliefs(comparison: Any) -> str:
    """How parameters were set, and how much of what differences vary by is due to that."""
    said = beliefs(comparison.results)
    shares = shares_of_variance(comparison)["ignorance_sd"]
    if not shares.any():
        return gettext("{clauses}.", clauses=said)
    due = {"beliefs": said, "share": percent(float(shares.median()))}
    if comparison.open_theories:
        return gettext("{beliefs}; {share} of the variance of a difference, in the median, is due to parameters and "
                       "theories, the rest to luck.", **due)
    return gettext("{beliefs}; {share} of the variance of a difference, in the median, is due to parameters, the rest "
                   "to luck.", **due)


def _structures(comparison: Any, theories: Any) -> str:
    """In how many theories each clear difference keeps its sign; that it was not asked, where it was not."""
    if theories is None and comparison.open_theories:
        due = percent(float(shares_of_variance(comparison)["theory_sd"].median()))
        return gettext("{share} of the variance, in the median, is due to the theories that the scenarios leave open.",
                       share=due)
    if theories is None:
        return gettext("whether it holds if the world works otherwise was not tried; airace compare --theories tries "
                       "it.")
    rows = [row for row in over_theories(theories) if row["clear_as_it_is"]]
    if not rows:
        return gettext("no primary difference is clear as the model is, so none has a sign to keep in others.")
    several = len({row["scenario"] for row in rows}) > 1
    count = rows[0]["theories"]
    names = {place: inside(title_of(OUTCOMES[row["outcome"]])) for place, row in enumerate(rows)}
    if several:
        names = {place: gettext("{outcome} ({scenario})", outcome=name, scenario=quoted(rows[place]["scenario"]))
                 for place, name in names.items()}
    all_of = [names[place] for place, row in enumerate(rows) if row["same_sign"] == count]
    fewer = joined([gettext("of {outcome} in {number}", outcome=names[place], number=row["same_sign"])
                    for place, row in enumerate(rows) if row["same_sign"] < count])
    if not all_of:
        return gettext("the sign {fewer}.", fewer=fewer)
    whole = (gettext("the sign holds in {count} of {count} structures for {number} of {differences} clear differences",
                     count=count, number=len(all_of), differences=len(rows)) if several else
             gettext("the sign holds in {count} of {count} structures for {outcomes}", count=count,
                     outcomes=listed(all_of)))
    return gettext("{clauses}.", clauses=joined([whole, fewer] if fewer else [whole]))


# ---- what it rests on, and what to watch --------------------------------------------------------


def _rests(comparison: Any, table: Any, found: Iterable[Stakes]) -> Iterable[str]:
    """The assumptions behind what is told, and what no comparison of scenarios can tell."""
    clear = set(table.loc[table["clear"] & table["primary"], "outcome"])
    yield gettext(HAZARD)
    if any(each.by_sales for each in found):
        yield gettext(AVERTED)
    yield from (said for said in narrative.cautions([name for name in PRIMARY if name in clear])
                if said != gettext(HAZARD))
    grades = graded()
    yield gettext("{number} of {all} parameters rest on an assumption, without evidence. {limits}.",
                  number=grades["assumption"], all=sum(grades.values()), limits=gettext(narrative.CANNOT_TELL))
    yield from all_set_beyond(comparison.results.scenarios)
    yield gettext(narrative.WHAT_IF)


def _watch(comparison: Any, told: Sequence[str]) -> Iterable[str]:
    """What the files say to look for, and what would move the hazard."""
    for title in told:
        look_for = comparison.results.scenarios[comparison.results.position(title)].look_for
        if look_for:
            said = opening(clean(look_for).rstrip("."))
            yield (gettext("{clauses}.", clauses=as_written(said)) if len(told) == 1 else
                   gettext("{scenario}: {question}.", scenario=quoted(title), question=as_written(inside(said))))
    yield gettext("What would change the assumed hazard of severe incidents: {evidence}.",
                  evidence=inside(gettext(parameters()["severe_hazard"].changes_our_mind)))
