"""The page of advice: the policies, what they trade off, triggers, where the advice fails and turns, what to watch."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from sim import __version__
from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES
from sim.report.charts.choices import Choice, choices_chart
from sim.report.charts.svg import inline
from sim.report.pages.study import Figure, Section, Study
from sim.report.words import narrative
from sim.report.words.advise import (
    CRITERIA,
    LIMITS,
    SHORT,
    WHO,
    aim_in_words,
    by_quarter,
    claims,
    limit_in_words,
    listed_policies,
    names,
    policy_in_words,
    rests_on,
    shrinkage,
    sides,
    to_watch,
    triggers,
    turn_in_words,
)
from sim.report.words.levers import lever_in_words, lever_value
from sim.report.words.names import counted, inside, listed, opening
from sim.report.words.tables import Table
from sim.report.words.trust import all_set_beyond
from sim.report.words.units import heading, minus, signed_difference, signed_interval, value
from sim.studies.deciding.advice import Advice
from sim.studies.deciding.criteria import KEEPS, NINETY, regrets, worst_tenth
from sim.studies.deciding.turning import WORLD, Turn

SHOWN_TURNS = 12
_OF_AIMS = ("outcome", "mean", "difference", "low", "high", "worst_tenth", "regret_90")
FAINT = 1500  # searched policies in a scatter


def told(found: Advice, command: str = "") -> Study:
    """The advice as it is told."""
    question, size = found.question, found.size
    sections = [_policies(found), _tradeoffs(found), _robust(found)]
    if question.triggers:
        sections.append(_triggers(found))
    sections += [_fails(found), _searched(found)]
    limits = [*all_set_beyond([question.base]), *narrative.cautions(question.outcomes), LIMITS]
    return Study(
        "advice", question.title,
        f"{len(found.searched.points):,} policies for {listed([WHO[each] for each in question.who])}, searched in "
        f"{found.searched_futures:,} futures each; {counted(len(found.policies), 'policy', 'policies')} judged in "
        f"{found.standing.costs.shape[1]:,} fresh ones; {question.months} months from {question.base.start}, seed "
        f"{size.seed}", claims(found), " ".join(limits), sections, command,
        [("Question", question.asks or question.title),
         ("Aims", "; ".join(map(aim_in_words, question.aims))),
         *([("Limits", "; ".join(map(limit_in_words, question.limits)))] if question.limits else []),
         *([("Worlds", ", ".join(question.worlds))] if len(question.worlds) > 1 else []),
         ("Method", f"Sobol' points, then {found.searched.method} by pymoo; differences below two standard errors of "
          "the paired difference are none"), ("Version", f"airace {__version__}")])


def record(found: Advice) -> dict[str, Any]:
    """The same for JSON."""
    called, standing = names(found), found.standing
    return {
        "title": found.question.title, "finding": claims(found), "who": list(found.question.who),
        "advised": called[standing.advised], "dominates": None if standing.dominant is None else _name(
            found, standing.dominant), "level": [_name(found, place) for place in standing.level],
        "aims": [{"outcome": aim.outcome, "better": aim.better, "moved": bool(standing.moved[number])}
                 for number, aim in enumerate(found.question.aims)],
        "policies": [{"name": called[place], "says": policy_in_words(found, found.policies[place]),
                      "sets": found.policies[place].tables, "keeps_limits": bool(standing.able[place]),
                      "criteria": {key: float(values[place]) for key, values in standing.criteria.items()},
                      "fires": {name: _fires(found, place, number)
                                for number, name in enumerate(found.question.triggers)}}
                     for place in found.told],
        "table": found.table().replace({"policy": {found.policies[place].name: name
                                                   for place, name in called.items()}}).to_dict("records"),
        "judged": judged(found),
        "best_by": {key: _name(found, standing.best_by(key)) for key in CRITERIA},
        "fails": None if found.fails is None else {
            "limits": [limit.__dict__ for limit in found.fails.limits], "share": found.fails.share,
            "inside": dict(zip(("share", "low", "high"), found.fails.inside, strict=True))},
        "turns": [{"name": turn.name, "where": turn.where, "at": turn.at, "policy": _name(found, turn.policy),
                   "gain": dict(zip(("score", "low", "high"), turn.gain, strict=True)), "draws": turn.draws}
                  for turn in found.turns],
        "watch": to_watch(found), "watch_by_quarter": {
            name: by_quarter(found, standing.advised, number) for number, name in enumerate(found.question.triggers)
            if np.isfinite(found.fired[standing.advised, :, number]).any()}, "rests_on": rests_on(found),
        "shrinkage": [{"outcome": found.question.aims[aim].outcome, "searched": searched, "fresh": fresh}
                      for aim, _, searched, fresh in found.kept_gains],
        "searched": {"candidates": len(found.searched.points), "futures": found.searched_futures,
                     "judged": standing.costs.shape[1], "method": found.searched.method, "seed": found.size.seed},
    }


def judged(found: Advice) -> list[dict[str, Any]]:
    """Every policy that was judged, in the order of `standing`: what it sets, how it stands, and its runner-ups.

    Intervals of aims are of differences to today's policy and hold together; those of criteria are each its own.
    """
    standing = found.standing

    def one(place: int) -> dict[str, Any]:
        policy, pairs = found.policies[place], standing.score_pairs
        return {
            "name": _name(found, place), "says": policy_in_words(found, policy), "sets": policy.tables,
            "keeps_limits": bool(standing.able[place]),
            "dominated_by": [_name(found, other) for other in standing.dominating(place)],
            "tied_with": [_name(found, int(other)) for other in np.flatnonzero(standing.tied[place]) if other != place],
            "aims": [{key: row[key] for key in _OF_AIMS} for row in found.aims_of(place)],
            "criteria": {key: dict(zip(("estimate", "low", "high"), (float(part[place]) for part in interval),
                                       strict=True)) for key, interval in standing.ranges.items()},
            "runner_ups": [{"name": _name(found, other), "worse_by": {
                "score": float(pairs.estimate[place, other]), "low": float(pairs.low[place, other]),
                "high": float(pairs.high[place, other])}} for other in standing.runner_ups(place)]}

    return [one(place) for place in range(standing.policies)]


def _fires(found: Advice, place: int, trigger: int) -> float:
    return float(np.isfinite(found.fired[place, :, trigger]).mean())


def _name(found: Advice, place: int) -> str:
    return names(found).get(place, found.policies[place].name)


# ---- tables ----------------------------------------------------------------------------------------------------------
def says_table(found: Advice) -> Table:
    """What each policy that is told does."""
    return Table("What each policy says", ("Policy", "What it does"),
                 [[name, f"{opening(what)}."] for name, what in listed_policies(found)], prose=True)


def policies_table(found: Advice) -> Table:
    """Each policy that is told, by aim: the mean, and the difference to today's with its interval."""
    standing, rows, strong = found.standing, [], set()
    for row, place in enumerate(found.told):
        cells = [_name(found, place)]
        for number, aim in enumerate(found.question.aims):
            outcome = OUTCOMES[aim.outcome]
            mean = value(outcome, aim.sign * float(standing.costs[place, :, number].mean()))
            ends = [aim.sign * float(part[found.today, place, number]) + 0.0 for part in standing.pairs]
            cells.append(mean if place == found.today else f"{mean}; {signed_difference(outcome, ends[0])} "
                         f"({signed_interval(outcome, min(ends[1:]), max(ends[1:]))})")
            if standing.clearly_better[[place, found.today], [found.today, place], number].any():
                strong.add((row, number + 1))
        if found.question.limits:
            cells.append("kept" if standing.able[place] else "broken")
        rows.append(cells)
    head = ("Policy", *(f"{heading(OUTCOMES[aim.outcome])} ({aim.better} is better)" for aim in found.question.aims),
            *(["Limits"] if found.question.limits else []))
    return Table("Means, and differences to today's policy with 95% intervals that hold together; bold: clear", head,
                 rows, frozenset(strong), prose=True)


def criteria_table(found: Advice) -> Table:
    """Each policy by each criterion of robustness, all aims together; the best of each column is bold."""
    standing = found.standing
    used = [key for key in CRITERIA if key != KEEPS or found.question.limits]
    base = {key: values[found.today] if key != KEEPS else 0.0 for key, values in standing.criteria.items()}
    base["regret"] = 0.0
    rows, strong = [], set()
    for row, place in enumerate(found.told):
        cells = [_name(found, place)]
        for column, key in enumerate(used, 1):
            number = float(standing.criteria[key][place] - base[key])
            cells.append(percent(number) if key == KEEPS else minus(f"{100.0 * number:+.3g}" if key != "regret"
                                                                    else plain(100.0 * number)))
            if standing.best_by(key) == place:
                strong.add((row, column))
        rows.append(cells)
    return Table("By several criteria, all aims together, in hundredths of the range that policies span, less being "
                 "better; mean and worst tenth against today's policy; bold: best of all judged",
                 ("Policy", *(SHORT[key] for key in used)), rows, frozenset(strong))


# ---- sections --------------------------------------------------------------------------------------------------------
def _policies(found: Advice) -> Section:
    notes = ["Each is written as a scenario file in policies/ beside this page, which airace compare takes."]
    if found.question.limits:
        notes.append(f"Limits: {listed([limit_in_words(limit) for limit in found.question.limits])}.")
    lead = (f"{counted(len(found.chosen), 'policy', 'policies')} worth saying aloud, with today's policy and doing "
            "nothing beside them.")
    return Section("policies", "The policies", lead, tables=[says_table(found), policies_table(found)], notes=notes)


def _tradeoffs(found: Advice) -> Section:
    aims = found.question.aims
    pairs = list(combinations([number for number in range(len(aims)) if found.standing.moved[number]], 2))
    if not pairs:
        pairs = [(0, 1)]
    figures = [_scatter(found, across, up) for across, up in pairs[:6]]
    notes = ["Filled: the policies that are told, in fresh futures, with 95% intervals of their difference to today's "
             "policy. Hollow: others that were judged. Faint: all that were searched, on the futures of the search, "
             "moved so that today's policy stands where it does in the fresh ones."]
    lead = f"{opening(listed([aim_in_words(aim) for aim in aims]))}."
    return Section("tradeoffs", "What cannot be had together", lead, figures, notes=notes)


def _scatter(found: Advice, across: int, up: int) -> Figure:
    standing, called = found.standing, names(found)
    signs = [found.question.aims[number].sign for number in (across, up)]
    means = standing.costs.mean(axis=1)
    choices = []
    for place in range(standing.policies):
        at = [sign * float(means[place, number]) for sign, number in zip(signs, (across, up), strict=True)]
        half = [float(standing.pairs.high[found.today, place, number] - standing.pairs.low[found.today, place, number])
                / 2.0 for number in (across, up)]
        choices.append(Choice(called.get(place, ""), at[0], at[1], half[0], half[1]))
    shift = means[found.today] - found.today_searched
    faint = (found.searched.costs + shift)[: FAINT][:, [across, up]] * np.array(signs)
    outcomes = [OUTCOMES[found.question.aims[number].outcome] for number in (across, up)]
    title = f"{outcomes[1].title} against {inside(outcomes[0].title)}"
    better = (f"better is {found.question.aims[across].better} {inside(outcomes[0].title)} and "
              f"{found.question.aims[up].better} {inside(outcomes[1].title)}")
    spoken = " ".join(f"{each.name}: {value(outcomes[0], each.x)}, {value(outcomes[1], each.y)}."
                      for each in choices if each.name)
    chart = choices_chart(choices, faint, replace(outcomes[0], log=False), replace(outcomes[1], log=False))
    return Figure(title, better, inline(chart, f"tradeoff{across}x{up}", title, spoken))


def _robust(found: Advice) -> Section:
    standing, tables = found.standing, []
    for number, aim in enumerate(found.question.aims):
        outcome, costs = OUTCOMES[aim.outcome], standing.costs[..., number]
        worst, regret = worst_tenth(costs), np.quantile(regrets(costs), NINETY, axis=1)
        rows = [[_name(found, place), value(outcome, aim.sign * float(costs[place].mean())),
                 value(outcome, aim.sign * float(worst[place])),
                 value(outcome, float(regret[place])), percent(float((regrets(costs)[place] == 0.0).mean()))]
                for place in found.told]
        tables.append(Table(f"{heading(outcome)}: {aim.better} is better", (
            "Policy", "Mean", "Mean of the worst tenth", "Regret exceeded in one of ten", "Best in"), rows))
    notes = ["Regret is how much worse a policy does than the best of those judged in the same future, a future being "
             "one draw of parameters and theories, a world and luck."]
    return Section("robust", "Robust by which criterion", found_criteria(found), tables=[criteria_table(found)],
                   folded=tables, notes=notes)


def found_criteria(found: Advice) -> str:
    """Whether the best policy changes with the criterion, as it is told."""
    return claims(found)[3]


def _triggers(found: Advice) -> Section:
    told_of = triggers(found)
    lead = "How often, and when, what the policies wait for comes." if told_of else (
        "None of the policies that are told waits for anything: the triggers that might move earn no place.")
    return Section("triggers", "Triggers", lead, notes=told_of)


def _fails(found: Advice) -> Section:
    tables = []
    if found.fails is not None:
        inside_box = found.fails.inside
        lead = (f"It fails most where {sides(found)}: in {percent(inside_box[0])} of draws there "
                f"({percent(inside_box[1])} to {percent(inside_box[2])}), against {percent(found.fails.share)} of all.")
        rows = [["World" if limit.axis.startswith(WORLD) else lever_in_words(limit.axis), limit.axis, limit.where,
                 plain(limit.chance, 2)] for limit in found.fails.limits]
        tables.append(Table("The box of beliefs in which the advice fails",
                            ("Belief", "Name", "Stays", "May be chance"), rows))
    else:
        lead = "No box of beliefs in which the advice fails is told from chance."
    if found.turns:
        shown = min(SHOWN_TURNS, len(found.turns))
        tables.append(Table(f"Where another policy is clearly better; the first {shown} of {len(found.turns)}",
                            ("Belief", "Policy", "Better by, hundredths", "Draws"),
                            [_turn(found, turn) for turn in found.turns[:shown]]))
    against = "another policy" if found.against is None else f"“{_name(found, found.against)}”"
    notes = [f"The advice fails in a draw where it does worse than {against}, all aims weighed alike, or breaks a "
             "limit that has to hold in the futures. The box was looked for in half of the draws and held against the "
             "other half. What turns it: each theory, world, and the lower and upper third of each parameter; intervals"
             " hold over all of them and all policies that are told.", *to_watch(found)]
    return Section("fails", "Where it fails, what turns it, and what to watch", lead, tables=tables, notes=notes)


def _turn(found: Advice, turn: Turn) -> list[str]:
    low, high = turn.gain[1:]
    return [opening(turn_in_words(found, turn).partition(" (“")[0].removeprefix("if ")), _name(found, turn.policy),
            f"{plain(100.0 * turn.gain[0])} ({plain(100.0 * low)} to {plain(100.0 * high)})", f"{turn.draws:,}"]


def _searched(found: Advice) -> Section:
    question = found.question
    rows = [[lever_in_words(axis.lever) if axis.lever else f"{axis.loc[-1]}", ".".join(map(str, axis.loc)),
             f"{lever_value(axis.levels[0])} to {lever_value(axis.levels[-1])}", f"{len(axis.levels):,}"]
            for axis in question.axes]
    table = Table("What may move", ("What", "Where in the question", "From, to", "Levels"), rows)
    gains = []
    for aim, best, searched, fresh in found.kept_gains:
        outcome, sign = OUTCOMES[question.aims[aim].outcome], -question.aims[aim].sign
        gains.append([heading(outcome), _name(found, best), signed_difference(outcome, sign * searched),
                      signed_difference(outcome, sign * fresh),
                      percent(fresh / searched) if searched > 0.0 else "-"])
    kept = Table("From searched to fresh: what the search thought best in each aim, against today's policy",
                 ("Aim", "Policy", "Gain searched", "Gain fresh", "Kept"), gains)
    epsilon = "; ".join(f"{inside(OUTCOMES[aim.outcome].title)} {plain(float(size), 2)}"
                        for aim, size in zip(question.aims, found.searched.epsilon, strict=True))
    notes = [f"Differences that counted as none in the search, two standard errors: {epsilon}."]
    return Section("search", "The search", shrinkage(found), tables=[kept] if gains else [], folded=[table],
                   notes=notes)
