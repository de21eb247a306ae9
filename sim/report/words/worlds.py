"""Policies across worlds in sentences: who is best and worst where, what is regretted, what harms with what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.common.language import gettext, ngettext, noted
from sim.common.numbers import percent
from sim.model.outcomes import OUTCOMES, PRIMARY
from sim.report.words import narrative
from sim.report.words.names import counted, inside, joined, listed, opening, quoted, short
from sim.report.words.tables import Table
from sim.report.words.trust import all_set_beyond
from sim.report.words.units import (
    magnitude,
    signed_difference,
    signed_interval,
    size_in_words,
    summary_title,
    title,
    value,
)
from sim.studies.comparing.worlds import RANKED, World

Row = Mapping[str, Any]
NO_WEIGHTS = noted(
    "A world is a set of beliefs, not a forecast, and no weights stand behind the worlds: nothing is averaged over "
    "them, and one that is not here may turn an order that holds in all of these.")
MOST_FLIPS = 3
MOST_TOLD = 3  # policies told of one by one


# ---- the finding -------------------------------------------------------------------------------------------------
def limits(found: Any) -> str:
    """What the finding cannot tell."""
    beyond = all_set_beyond(found.results.scenarios)
    return " ".join([*beyond, NO_WEIGHTS, narrative.covered_by_intervals(found.comparison),
                     narrative.simulated_from(found.results)])


def headline(found: Any) -> str:
    """Which policies are clearly best in every world, and what they cost there; where none is, who is never beaten."""
    told = [_champion(found, policy) for policy in champions(found)]
    open_ = [name for name in RANKED if not any(name in _best_everywhere(found, policy) for policy in found.policies)]
    if not told:
        return gettext("No policy is clearly best in {worlds} for any of the {number} outcomes that have a better "
                       "direction.", worlds=_every_world(found), number=len(RANKED))
    rest = [gettext("No policy is clearly best in {worlds} for {outcomes}.", worlds=_every_world(found),
                    outcomes=_named(open_))] if open_ else []
    return " ".join([*told, *rest])


def champions(found: Any) -> list[str]:
    """The policies that are clearly best in every world in some ranked outcome."""
    return [policy for policy in found.policies if _best_everywhere(found, policy)]


def _best_everywhere(found: Any, policy: str) -> list[str]:
    """The ranked outcomes in which a policy is clearly best in every world."""
    counts = found.regrets[found.regrets["policy"] == policy].set_index("outcome")["best"]
    return [name for name in RANKED if counts[name] == len(found.worlds)]


def _champion(found: Any, policy: str) -> str:
    """Where a policy is best in every world, and where another does better: what harms beside what helps."""
    best = _named(_best_everywhere(found, policy))
    parts = [gettext("{policy} is clearly best in {worlds} for {outcomes}", policy=quoted(policy),
                     worlds=_every_world(found), outcomes=best)]
    beaten = {name: _beaten(found, policy, name) for name in RANKED}
    harms = [gettext("{worlds} for {outcomes}", worlds=_of_worlds(found, count),
                     outcomes=_named([name for name in RANKED if beaten[name] == count]))
             for count in sorted({*beaten.values()} - {0}, reverse=True)]
    parts += [gettext("another does clearly better in {cases}", cases=listed(harms))] if harms else []
    moved = unranked(found, policy)
    if moved:
        parts.append(gettext("against {baseline}, {changes}", baseline=quoted(found.baseline), changes=listed(moved)))
    return gettext("{clauses}.", clauses=joined(parts))


def _beaten(found: Any, policy: str, outcome: str) -> int:
    """In how many worlds some other policy does clearly better."""
    return sum(policy not in found.tied(outcome, world) for world in found.titles)


def ranked_sentence(found: Any, outcome: str) -> str:
    """One outcome with a better direction: best and worst by number of worlds, ties, and the largest regrets."""
    rows = found.regrets[found.regrets["outcome"] == outcome].to_dict("records")
    about = OUTCOMES[outcome]
    told = [f"{quoted(row['policy'])} is clearly best in {_of_worlds(found, row['best'])}"
            for row in sorted(rows, key=lambda row: -row["best"]) if row["best"]]
    tied = len(found.worlds) - sum(row["best"] for row in rows)
    if not told:
        told = ["no policy is clearly best in any world"]
    elif tied:
        told.append(f"in {tied} none is")
    unbeaten = [row["policy"] for row in rows if not row["best"] and not _beaten(found, row["policy"], outcome)]
    if unbeaten and tied == len(found.worlds) and len(unbeaten) < len(rows):
        told.append(f"none does clearly better than {' or '.join(map(quoted, unbeaten))} in any")
    told += [f"{quoted(row['policy'])} is clearly worst in {_of_worlds(found, row['worst'])}" for row in rows
             if row["worst"]]
    return f"{opening(about.summary_title)} ({about.better} is better): {'; '.join(told)}. {_regrets(outcome, rows)}"


def _regrets(outcome: str, rows: Sequence[Row]) -> str:
    """What each policy loses at most against the best of a world, the least regretted first."""
    ordered = sorted((row for row in rows if row["regret"] > 0.0), key=lambda row: row["regret"])
    if not ordered:
        return "All have the same mean in every world."
    told = [f"up to {_size(outcome, row)} under {quoted(row['policy'])}" for row in ordered]
    if len(told) > MOST_TOLD:
        told = [told[0], f"at the other end {told[-1]}"]
    none = [quoted(row["policy"]) for row in rows if row["regret"] == 0.0]
    told += [f"never worse under {listed(none)}"] if none else []
    return f"Against the best of a world its mean is {listed(told)}."


def _size(outcome: str, row: Row) -> str:
    """A largest regret with its interval and world: "3.2 more (1.1 to 5.3 more; in rapid progress)"."""
    about = OUTCOMES[outcome]
    sign = 1.0 if about.better == "lower" else -1.0
    size, around = magnitude(about, sign * row["regret"], *sorted((sign * row["low"], sign * row["high"])))
    return f"{size} ({around}; in {inside(short(row['world']))})"


def regretted_least(found: Any) -> str:
    """Who is clearly regretted least, by outcome, and where nobody is."""
    least = found.regrets[found.regrets["least"]]
    told = [f"{quoted(policy)} is clearly regretted least for {_named(list(rows['outcome']))}"
            for policy, rows in least.groupby("policy", sort=False)]
    open_ = [name for name in RANKED if name not in set(least["outcome"])]
    if not told:
        return "No policy is clearly regretted least for any outcome."
    return f"{'; '.join(told)}{f'; for {_named(open_)} none is' if open_ else ''}."


def best_counted(found: Any) -> str:
    """In how many worlds and outcomes one policy is clearly best."""
    cells = len(RANKED) * len(found.worlds)
    return (f"Of {cells} pairs of a world and an outcome with a better direction, one policy is clearly best in "
            f"{int(found.table['best'].sum())}, and one clearly worst in {int(found.table['worst'].sum())}.")


def unranked_sentences(found: Any) -> list[str]:
    """For policies that the headline does not tell of: what else moves clearly in every world."""
    told = [(policy, unranked(found, policy)) for policy in found.policies[1:] if policy not in champions(found)]
    return [f"Under {quoted(policy)}, against {quoted(found.baseline)}, {listed(moved)}." for policy, moved in told
            if moved][:MOST_TOLD]


def unranked(found: Any, policy: str) -> list[str]:
    """What a policy moves clearly, one way, in every world, where neither end is better: with the range over worlds."""
    part = found.table[(found.table["policy"] == policy) & ~found.table["outcome"].isin(RANKED)]
    return [_over_worlds(name, rows) for name, rows in part.groupby("outcome", sort=False)
            if rows["clear"].all() and (rows["difference"] > 0.0).nunique() == 1]


def _over_worlds(outcome: str, rows: Any) -> str:
    """The range of a clear difference: "cost of compliance is $40bn more (tight chips) to $80bn more (...)"."""
    about = OUTCOMES[outcome]
    ends = [rows.loc[rows["difference"].abs().idxmin()], rows.loc[rows["difference"].abs().idxmax()]]
    sizes = [gettext("{change} ({world})", change=size_in_words(about, end["difference"]),
                     world=inside(short(end["world"]))) for end in ends]
    return gettext("{outcome} is {change}", outcome=inside(summary_title(about)), change=(
        gettext("{low} to {high}", low=sizes[0], high=sizes[1]) if len(rows) > 1 else sizes[0]))


def turns(found: Any) -> str:
    """Whether the order of two policies turns between worlds, and where."""
    rows = found.flips.to_dict("records")
    if len(found.worlds) < 2:
        return ""
    if not rows:
        return gettext("No two policies clearly change their order from one world to another.")
    told = [_turn(row) for row in rows[:MOST_FLIPS]]
    if len(rows) > MOST_FLIPS:
        told.append(ngettext("{number} more turn below", "{number} more turns below", len(rows) - MOST_FLIPS))
    return gettext("The order of policies turns with the world in {cases}: {turns}.", cases=counted(len(rows), "case"),
                   turns=joined(told))


def _turn(row: Row) -> str:
    about = OUTCOMES[row["outcome"]]
    return gettext("{outcome} is higher under {second} than under {first} in {more}, and lower in {less}",
                   outcome=inside(summary_title(about)), second=quoted(row["second"]), first=quoted(row["first"]),
                   more=_worlds(row["more_in"]), less=_worlds(row["less_in"]))


# ---- tables ------------------------------------------------------------------------------------------------------
def best_table(found: Any) -> Table:
    """Worlds by ranked outcome: who is best, or shares first place, and who is worst."""
    rows, strong = [], set()
    for w, world in enumerate(found.titles):
        cells = [short(world)]
        for o, name in enumerate(RANKED):
            tied = found.tied(name, world)
            part = found.table[(found.table["outcome"] == name) & (found.table["world"] == world)]
            worst = list(part.loc[part["worst"], "policy"])
            if len(tied) == 1:
                strong.add((w, o + 1))
            first = ["all tied"] if len(tied) == len(found.policies) else [
                f"{'best' if len(tied) == 1 else 'tied'}: {short(each)}" for each in tied]
            cells.append("\n".join([*first, *(f"worst: {short(each)}" for each in worst)]))
        rows.append(cells)
    head = ("World", *(f"{OUTCOMES[name].summary_title}, {OUTCOMES[name].better} is better" for name in RANKED))
    return Table("Best and worst policy by world", head, rows, frozenset(strong), prose=True)


def regret_table(found: Any) -> Table:
    """Policies by ranked outcome: the largest regret with its interval and its world."""
    by = found.regrets.set_index(["policy", "outcome"])
    rows, strong = [], set()
    for p, policy in enumerate(found.policies):
        cells = [short(policy)]
        for o, name in enumerate(RANKED):
            row = by.loc[(policy, name)]
            about = OUTCOMES[name]
            cells.append(f"{_amount(about, row['regret'])}\n{_amount(about, row['low'])} to "
                         f"{_amount(about, row['high'])}\n{short(row['world']) if row['regret'] > 0.0 else 'nowhere'}")
            if row["least"]:
                strong.add((p, o + 1))
        rows.append(cells)
    return Table("Largest regret over the worlds, its interval, and the world in which it is largest",
                 ("Policy", *(OUTCOMES[name].summary_title for name in RANKED)), rows, frozenset(strong))


def _amount(about: Any, amount: float) -> str:
    return signed_difference(about, amount).removeprefix("+")


def outcome_table(found: Any, outcome: str) -> Table:
    """One outcome: a row per world and policy with mean, difference, interval and regret."""
    about, rows, strong = OUTCOMES[outcome], [], set()
    ranked = outcome in RANKED
    for position, row in enumerate(found.table[found.table["outcome"] == outcome].to_dict("records")):
        own = row["policy"] == found.baseline
        told = ["", ""] if own else [signed_difference(about, row["difference"]),
                                     signed_interval(about, row["low"], row["high"])]
        regret = [_amount(about, row["regret"]), f"{_amount(about, row['regret_low'])} to "
                  f"{_amount(about, row['regret_high'])}"] if ranked else []
        rows.append([short(row["world"]), short(row["policy"]), value(about, row["mean"]), *told, *regret])
        if row["clear"]:
            strong.add((position, 3))
    head = ("World", "Policy", "Mean", f"Difference to {short(found.baseline)}", f"{percent(found.level)} interval",
            *(("Regret", "Its interval") if ranked else ()))
    return Table(about.summary_title, head, rows, frozenset(strong))


def flips_table(found: Any) -> Table | None:
    """Pairs of policies whose order turns; None where none does."""
    rows = [[OUTCOMES[row["outcome"]].summary_title, short(row["second"]), short(row["first"]),
             "\n".join(map(short, row["more_in"])), "\n".join(map(short, row["less_in"]))]
            for row in found.flips.to_dict("records")]
    return Table("Where the order of two policies turns",
                 ("Outcome", "Policy", "Against", "Clearly higher in", "Clearly lower in"), rows) if rows else None


def worlds_table(worlds: Sequence[World]) -> Table:
    """What each world asks and sets."""
    rows = [[short(world.title), world.question or "-",
             "\n".join(f"{key} = {told}" for key, told in world.sets.items()) or "nothing: the world as it is believed"]
            for world in worlds]
    return Table("The worlds", ("World", "What it asks", "What it sets"), rows, prose=True)


def shown_outcomes(found: Any) -> list[str]:
    """The primary outcomes in which some policy differs clearly from the baseline in some world."""
    clear = set(found.table.loc[found.table["clear"], "outcome"])
    return [name for name in PRIMARY if name in clear]


# ---- small parts -------------------------------------------------------------------------------------------------
def _named(names: Sequence[str]) -> str:
    return listed([inside(title(OUTCOMES[name])) for name in names])


def _every_world(found: Any) -> str:
    count = len(found.worlds)
    if count < 3:
        return gettext("the world") if count == 1 else gettext("both worlds")
    return gettext("all {count} worlds", count=count)


def _of_worlds(found: Any, count: int) -> str:
    return _every_world(found) if count == len(found.worlds) else gettext("{number} of {all} worlds", number=count,
                                                                          all=len(found.worlds))


def _worlds(titles: Sequence[str]) -> str:
    return listed([inside(short(title)) for title in titles])
