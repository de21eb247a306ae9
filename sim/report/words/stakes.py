"""Who gains and who loses by a scenario, welfare beside harm: users, treasuries, labs, and whom incidents would hit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sim.common.language import gettext, noted
from sim.model.outcomes import AVERTED, Outcome
from sim.report.words.changes import HARDLY, OPEN, WORTH_NAMING, Change, change_of, numbers, of_verdict
from sim.report.words.names import MOST_NAMED, inside, inside_name, joined, listed
from sim.report.words.units import magnitude, title
from sim.studies.comparing.human_units import chance_in_a_year

CHANCE = Outcome("chance", "share", noted("Chance of a severe incident in a year"), "", summary="mean", primary=True)
"""What safety effort is for; told with the primary outcomes, in its place."""
MOST_NATIONS = 3
HARDLY_OF_BASELINE = 0.01
"""Share of the baseline within which users, treasuries and buyers would hardly notice a change."""


@dataclass(frozen=True)
class Stake:
    """What somebody has at stake in an outcome: who, which sign is theirs, and what it is to them, in words."""

    outcome: str
    who: str
    wants: Literal["higher", "lower"]
    what: str


STAKES = (
    Stake("chance", noted("those whom a severe incident would hit, by its chance in a year"), "lower", ""),
    Stake("user_gain_us_usd_bn", noted("users in the bloc led by the US"), "higher",
          noted("yearly gain beyond what they pay")),
    Stake("user_gain_china_usd_bn", noted("users in the bloc led by China"), "higher",
          noted("yearly gain beyond what they pay")),
    Stake("adoption", noted("customers whom AI reaches"), "higher", noted("share of those who could use it")),
    Stake("price_fixed_capability_index", noted("buyers of AI"), "lower",
          noted("price of a fixed capability on average (start = 1)")),
    Stake("taxes_us_usd_bn", noted("the US treasury"), "higher", noted("yearly taxes on labs' sales")),
    Stake("taxes_china_usd_bn", noted("China's treasury"), "higher", noted("yearly taxes on labs' sales")),
    Stake("us_china_lag_months", noted("the US, by China's lag"), "higher", ""),
    Stake("us_china_lag_months", noted("China, by its lag"), "lower", ""),
    Stake("hostility", noted("both powers, by their hostility"), "lower", noted("on average")),
    Stake("small_labs", noted("small labs"), "higher", noted("in business")),
    Stake("compliance_cost_usd_bn", noted("labs, by what rules cost"), "lower", noted("in total")),
)


@dataclass(frozen=True)
class Stakes:
    """Clauses on who gains, who loses, and what is neither; `by_sales` where one rests on what incidents cost sales."""

    gains: tuple[str, ...]
    losses: tuple[str, ...]
    neither: tuple[str, ...]
    by_sales: bool


def stakes(comparison: Any, table: Any, scenario: str) -> Stakes:
    """Who gains and loses under one scenario against the baseline; `table` is what `measured` gives."""
    rows = {row["outcome"]: row for row in table[table["scenario"] == scenario].to_dict("records")}
    changes = {stake.outcome: _change(comparison, rows[stake.outcome]) for stake in STAKES if stake.outcome in rows}
    changes[CHANCE.name] = chance(comparison, scenario)
    sides: dict[bool, list[str]] = {True: [], False: []}
    for stake in STAKES:
        change = changes[stake.outcome]
        if change.verdict == "changes":
            sides[(change.difference > 0.0) == (stake.wants == "higher")].append(_clause(stake, change))
    by_nation = _by_revenue(comparison, scenario)
    welfare = [change for change in changes.values() if not change.outcome.primary]
    neither = [gettext(said, outcomes=joined(names)) for verdict, said in (("hardly", HARDLY), ("open", OPEN))
               if (names := [inside(title(change.outcome)) for change in of_verdict(welfare, verdict)])]
    by_sales = bool(by_nation[True] or by_nation[False]) or any(
        change.verdict == "changes" and change.outcome.caution == AVERTED for change in changes.values())
    return Stakes((*sides[True], *by_nation[True]), (*sides[False], *by_nation[False]), tuple(neither), by_sales)


def chance(comparison: Any, scenario: str) -> Change:
    """How the chance of a severe incident in a year changes."""
    return Change(CHANCE, *chance_in_a_year(comparison, scenario))


def _change(comparison: Any, row: Any) -> Change:
    """A row as a change; of money and prices, what lies within a hundredth of the baseline is hardly one."""
    change = change_of(comparison, row)
    if change.outcome.primary:
        return change
    return replace(change, deviation=HARDLY_OF_BASELINE / WORTH_NAMING * abs(change.baseline))


def _clause(stake: Stake, change: Change) -> str:
    """Whose stake it is and by how much; a primary outcome, told in the answer with all its numbers, by its size."""
    if change.outcome.primary:
        size = magnitude(change.outcome, change.difference, change.low, change.high)[0]
        if stake.what:
            return gettext("{who} ({change} {what})", who=gettext(stake.who), change=size, what=gettext(stake.what))
        return gettext("{who} ({change})", who=gettext(stake.who), change=size)
    return gettext("{who}: {what} {change}", who=gettext(stake.who), what=gettext(stake.what), change=numbers(change))


def _by_revenue(comparison: Any, scenario: str) -> dict[bool, list[str]]:
    """Clauses on nations' and labs' revenue, by whether it is more; only what differs clearly."""
    if comparison.results.at_end is None:
        return {True: [], False: []}
    found = comparison.winners("revenue")
    clear = found[(found["scenario"] == scenario) & found["clear"]]
    return {more: list(_clauses(clear[(clear["difference"] > 0.0) == more].to_dict("records"), more))
            for more in (True, False)}


def _clauses(rows: Sequence[Any], more: bool) -> Iterable[str]:
    nations = sorted((row for row in rows if row["by"] == "nation"), key=lambda row: -abs(row["difference"]))
    if nations:
        yield gettext("labs by home, yearly revenue: {nations}",
                      nations=joined([_revenue(row) for row in nations[:MOST_NATIONS]]))
    if labs := [inside_name(row["name"]) for row in rows if row["by"] == "lab"]:
        who = listed(labs) if len(labs) <= MOST_NAMED else gettext("{count} labs by name", count=len(labs))
        yield gettext("more revenue for {labs}", labs=who) if more else gettext("less revenue for {labs}", labs=who)


def _revenue(row: Any) -> str:
    outcome, base = Outcome("", row["unit"], "", ""), row["baseline_mean"]
    change = Change(outcome, base, row["difference"], row["low"], row["high"], deviation=0.0)
    return gettext("{nation} {change}", nation=inside_name(row["name"]), change=numbers(change))
