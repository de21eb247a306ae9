"""Advice in sentences: what to choose, on what condition, what it rests on, what it gives up, and what to watch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.common.numbers import percent, plain
from sim.engine.uncertainty import in_words
from sim.model.asked import Change, When
from sim.model.beliefs import open_theories
from sim.model.outcomes import OUTCOMES
from sim.model.parameters import parameters
from sim.report.words.levers import lever_in_words, lever_unit, lever_value
from sim.report.words.names import counted, inside, listed, opening, quoted
from sim.report.words.units import power_of_ten, signed_difference, signed_interval, value
from sim.scenario.in_time import told as told_in_time
from sim.studies.deciding.advice import Advice
from sim.studies.deciding.criteria import KEEPS, MEAN, REGRET, WORST
from sim.studies.deciding.question import HANDS_OFF, TODAY, Aim, Limit, Policy, said
from sim.studies.deciding.turning import WORLD, Turn

LIMITS = ("The best of these policies is the best of what was allowed to move: a wiser one may lie outside. All aims "
          "weighed alike, each by the range that the judged policies span, is a convention and no judgement of what "
          "matters; the table has each aim alone. What the model leaves out is in no number here.")
WHO = {"us": "the US", "eu": "the EU", "uk": "the UK", "china": "China", "california": "California"}
SPOKEN = {
    "regulation.strictness": "strictness of @rules", "regulation.audit_capacity": "audits by @law per lab and year",
    "regulation.penalty_share_of_revenue": "@fines as a share of revenue",
    "regulation.exempt_below_flop": "exempt from @rules, labs whose runs stay below",
    "regulation.exempt_below_revenue_usd_bn": "exempt from @rules, labs with revenue below",
    "trade.chip_controls": "chip controls", "trade.enforcement": "enforcement of chip controls",
    "subsidy.us_usd_bn_per_year": "US subsidy for chips", "subsidy.china_usd_bn_per_year": "Chinese subsidy for chips",
}
"""Levers as they are said aloud, "@" for whose they are."""
CRITERIA = {MEAN: "on average", WORST: "in the worst tenth of futures", REGRET: "by regret, what is exceeded in one "
            "future of ten", KEEPS: "by how often it keeps the limits"}
SHORT = {MEAN: "Mean", WORST: "Worst tenth", REGRET: "Regret, one in ten", KEEPS: "Keeps the limits"}
NAMED = 3
FEWEST_IN_A_QUARTER = 5  # futures in which a trigger comes first in it, below which it is not named
_UNDATED = ("No quarter can be named for it: a future has it from its first month on, and these runs keep no month in "
            "which it would first show.")


# ---- names -----------------------------------------------------------------------------------------------------------
def names(found: Advice) -> dict[int, str]:
    """What each policy that is told is called, by place: its role, as "Advised" or "Best for hostility"."""
    called: dict[int, str] = {}
    for place, role in found.chosen:
        if place in (found.today, found.hands_off):
            called[place] = found.policies[place].name
        elif role.startswith("aim "):
            called[place] = f"Best for {inside(OUTCOMES[found.question.aims[int(role[4:])].outcome].title)}"
        else:
            called[place] = {"advised": "Advised", WORST: "Best in the worst tenth", REGRET: "Least regretted",
                             "next": "Next best"}[role]
    called |= {found.today: TODAY, found.hands_off: HANDS_OFF}
    seen: dict[str, int] = {}
    for place, name in called.items():
        seen[name] = seen.get(name, 0) + 1
        called[place] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return called


def file_name(name: str) -> str:
    """A file's name for a policy: `best_for_hostility`."""
    return "_".join("".join(c if c.isalnum() else " " for c in name.replace("'", "")).lower().split())


def policy_in_words(found: Advice, policy: Policy) -> str:
    """What a policy does, to be said aloud: "strictness of rules (US) 0.8 (today 0.25); when ...: ..."."""
    if policy.name == TODAY:
        return "what is in force in January 2026 stays"
    base = found.question.base.levers
    parts = [f"{spoken(key)} {_amount(key, given)} (today {_amount(key, base[key])})"
             for key, given in said(policy) if given != base[key]]
    scenario = found.question.scenario(policy, "Policy")
    own = {entry["name"] for group in ("change", "when") for entry in policy.tables.get(group, ())}
    in_time: tuple[Change | When, ...] = (*scenario.changes, *scenario.whens)
    parts += [f"{quoted(each.name)}: {_in_words(told_in_time(each))}" for each in in_time if each.name in own]
    return "; ".join(parts) or "what is in force in January 2026 stays"


def spoken(key: str) -> str:
    """A lever as it is said aloud: "strictness of US rules"."""
    section, *whose, name = key.split(".")
    words = SPOKEN.get(f"{section}.{name}")
    if words is None:
        return inside(lever_in_words(key))
    return words.replace("@", f"{WHO[whose[0]].removeprefix('the ')} " if whose else "")


def _in_words(told: str) -> str:
    """A policy in time with levers and outcomes in words instead of keys."""
    for name in sorted(OUTCOMES, key=len, reverse=True):
        told = told.replace(f"{name} ", f"{inside(OUTCOMES[name].title)} ")
    words = told.split()
    for place, word in enumerate(words):
        if "." in word and words[place + 1 : place + 2] == ["="]:
            after = words.pop(place + 2)
            words[place] = spoken(word)
            words[place + 1] = _amount(word, _number(after)) + after[len(after.rstrip(",;")):]
    return " ".join(words)


def _number(text: str) -> object:
    try:
        return float(text.rstrip(",;"))
    except ValueError:
        return text.rstrip(",;")


def _amount(key: str, given: object) -> str:
    unit = lever_unit(key)
    text = lever_value(float(f"{given:.3g}") if isinstance(given, float) else given)
    if unit == "FLOP" and isinstance(given, float) and given >= 1.0:
        exponent = math.floor(math.log10(given) + 1e-9)
        times = "" if (lead := plain(given / 10.0**exponent, 2)) == "1" else f"{lead} × "
        return f"{times}{power_of_ten(exponent)} FLOP"
    if unit.startswith("$"):
        return f"${text}{unit[1:]}"
    return f"{text} {unit}".strip() if unit in ("FLOP", "months") else text


def aim_in_words(aim: Aim) -> str:
    """An aim: "fewer is better" is said by direction: "severe incidents in total (lower is better)"."""
    return f"{inside(OUTCOMES[aim.outcome].summary_title)} ({aim.better} is better)"


def limit_in_words(limit: Limit) -> str:
    """A limit as a clause: "small labs in business at least 5 in 90% of the futures"."""
    outcome = OUTCOMES[limit.outcome]
    side = "at least" if limit.at_least else "at most"
    what = f"{inside(outcome.title if limit.in_share is None else outcome.summary_title)} {side} "
    what += (f"{signed_difference(outcome, limit.threshold)} against today's policy" if limit.than_today
             else value(outcome, limit.threshold))
    where = "in the mean of futures" if limit.in_share is None else f"in {percent(limit.in_share)} of the futures"
    return f"{what} {where}"


# ---- the finding -----------------------------------------------------------------------------------------------------
def finding(found: Advice) -> list[str]:
    """The advice with its condition, what it rests on, what it gives up, and how it changes with the criterion."""
    return [f"{_advice(found)}{_condition(found)} {rests_on(found)}", _dominance(found), _gives_up(found),
            _criteria(found), shrinkage(found)]


def _advice(found: Advice) -> str:
    standing, question = found.standing, found.question
    who = listed([WHO[each] for each in question.who])
    if not standing.moved.any():
        return (f"Nothing that {who} may move here clearly changes any of the aims: no policy is told from today's or "
                "from doing nothing.")
    kept = "" if standing.able.any() or not question.limits else (
        f"No policy that was judged keeps the limits ({listed([limit_in_words(each) for each in question.limits])}). ")
    place = standing.advised
    if question.limits and standing.able.any() and not standing.able[found.today]:
        kept = f"Today's policy breaks the limits ({listed([limit_in_words(each) for each in question.limits])}). "
    if place == found.today:
        return (f"{kept}No policy found for {who} is clearly better than today's, in some aim without being worse in "
                "another, or in all that policies move weighed alike: leave it as it is.")
    gains = [_gain(found, place, number) for number in range(len(question.aims))]
    clear = [text for text, sign in gains if sign > 0]
    return (f"{kept}Of {len(found.searched.points):,} policies tried for {who}, choose this: "
            f"{policy_in_words(found, found.policies[place])}. Against today's policy, with 95% intervals: "
            f"{listed(clear) if clear else _least(found)}.")


def _least(found: Advice) -> str:
    """What is said where the advised is clearly better than today's in no aim alone."""
    return ("better in all aims together, in none alone" if found.standing.able[found.today]
            else "clearly better in no aim; it is the best that keeps the limits")


def _gain(found: Advice, place: int, aim: int) -> tuple[str, int]:
    """A policy against today's in an aim, and 1 if clearly better, -1 if clearly worse, 0 if not told."""
    outcome = OUTCOMES[found.question.aims[aim].outcome]
    sign = found.question.aims[aim].sign
    ends = [sign * float(part[found.today, place, aim]) + 0.0 for part in found.standing.pairs]
    text = (f"{inside(outcome.summary_title)} {signed_difference(outcome, ends[0])} "
            f"({signed_interval(outcome, min(ends[1:]), max(ends[1:]))})")
    better = found.standing.clearly_better
    return text, int(better[place, found.today, aim]) - int(better[found.today, place, aim])


def _condition(found: Advice) -> str:
    """When the advice does not hold, as the end of its sentence."""
    told = ""
    if found.fails is not None:
        told = (f" It fails most where {sides(found)}: there in {percent(found.fails.inside[0])} of draws that the "
                f"search for this box had not seen ({percent(found.fails.inside[1])} to "
                f"{percent(found.fails.inside[2])}), against {percent(found.fails.share)} of all.")
    if found.turns:
        where = "; ".join(turn_in_words(found, turn) for turn in found.turns[:2])
        told += f" Another policy is clearly better {where}."
    if not told:
        told = " No belief that was looked at clearly turns this."
    return told if found.standing.moved.any() else ""


def sides(found: Advice) -> str:
    """The box in which the advice fails: "US-China cooperation is 0.2 to 0.4 and the theory of powers is hazards"."""
    assert found.fails is not None
    return listed([_side(limit.axis, limit.where) for limit in found.fails.limits])


def _side(axis: str, where: str) -> str:
    name, equals, word = axis.partition(" = ")
    if not equals:
        return f"{inside(lever_in_words(axis))} is {where} {lever_unit(axis)}".rstrip()
    lies = "" if where == "yes" else "not "
    if name == WORLD:
        return f"the world is {lies}{quoted(word)}"
    return f"the {inside(lever_in_words(name))} is {lies}{word.replace('_', ' ')}"


def turn_in_words(found: Advice, turn: Turn) -> str:
    """Where another policy is better: "if the theory of powers is hazards (“Hands off”)"."""
    if turn.where == "yes":
        where = _side(turn.name, "yes")
    else:
        side = "at most" if turn.where == "low" else "at least"
        where = f"{inside(lever_in_words(turn.name))} is {side} {plain(turn.at)} {lever_unit(turn.name)}".rstrip()
    return f"if {where} ({quoted(names(found).get(turn.policy, found.policies[turn.policy].name))})"


def rests_on(found: Advice) -> str:
    """What the finding rests on: futures, beliefs, structures, hazards that are assumed."""
    question, grounds = found.question, found.question.grounds
    worlds = f" in {counted(len(grounds), 'world')}" if len(grounds) > 1 else ""
    told = (f"This rests on {found.standing.costs.shape[1]:,} futures{worlds} that the search had not seen, the same "
            f"luck for every policy, {in_words(question.uncertainty)}")
    left = sorted({path for ground in grounds for path in open_theories(ground.levers)})
    held = {path.removeprefix("structure."): str(question.base.levers[path]) for path in question.base.levers
            if path.startswith("structure.") and path not in left}
    if left:
        told += f"; open theories, each of which holds in some draws: {listed([_theory(path) for path in left])}"
    if held:
        told += f"; structures taken as given: {listed([f'{_theory(key)} ({word})' for key, word in held.items()])}"
    if {"severe_incidents", "severe_incident_hazard"} & set(question.outcomes):
        told += "; and on a hazard of severe incidents that is assumed, since there are no data for the tail"
    return f"{told}."


def _theory(path: str) -> str:
    return path.removeprefix("structure.").replace("_", " ")


def _dominance(found: Advice) -> str:
    standing, called = found.standing, names(found)
    if not standing.moved.any():
        return "All policies that were judged are ties."
    able = np.flatnonzero(standing.able) if standing.able.any() else np.arange(standing.policies)
    if len(able) == 1:
        return f"Only {quoted(_name(found, int(able[0])))} keeps the limits."
    if (place := standing.dominant) is not None:
        ties = [other for other in able if other != place and standing.tied[place, other]]
        return (f"{quoted(_name(found, place))} dominates: clearly better than each other policy in one aim at least, "
                "and clearly worse in none"
                + (f"; {counted(len(ties), 'other')} cannot be told from it." if ties else "."))
    level = [called[place] for place in standing.level if place in called]
    told = "No policy dominates: whichever is chosen, another one is clearly better in some aim, or not told from it."
    if level:
        told += f" All aims together, {listed(list(map(quoted, level)))} cannot be told from the advised one."
    return told


def _name(found: Advice, place: int) -> str:
    return names(found).get(place, found.policies[place].name)


def _gives_up(found: Advice) -> str:
    """What harms is told with what helps: aims in which the advised is clearly worse than today's, or the best."""
    standing, place = found.standing, found.standing.advised
    worse = [text for text, sign in (_gain(found, place, aim) for aim in range(len(found.question.aims))) if sign < 0]
    moved = [aim for aim in range(len(found.question.aims)) if not standing.moved[aim]]
    told = f"What it costs against today's policy: {listed(worse)}." if worse else (
        "It is clearly worse than today's policy in no aim." if place != found.today else "")
    if leaning := _leaning(found):
        told += f" Leaning the wrong way, not clearly: {listed(leaning)}."
    others = []
    for aim in np.flatnonzero(standing.moved):
        best = standing.best_in(int(aim))
        if standing.clearly_better[best, place, aim]:
            outcome = OUTCOMES[found.question.aims[aim].outcome]
            ahead = found.question.aims[aim].sign * float(standing.pairs.estimate[place, best, aim])
            others.append(f"{quoted(_name(found, best))} {signed_difference(outcome, ahead)} in "
                          f"{inside(outcome.summary_title)}")
    if others:
        told += f" More can be had of one aim at a time: {'; '.join(others)}."
    if moved and standing.moved.any():
        titles = [inside(OUTCOMES[found.question.aims[aim].outcome].summary_title) for aim in moved]
        told += (f" No policy clearly moves {listed(titles)}: "
                 f"{'that aim has' if len(titles) == 1 else 'these aims have'} no say.")
    return told.strip() or "It gives up nothing that another policy clearly has."


def _leaning(found: Advice) -> list[str]:
    """Aims that are moved, in which the advised does worse than today's policy in the mean, though not clearly."""
    standing, place = found.standing, found.standing.advised
    return [text for aim, (text, sign) in enumerate(_gain(found, place, aim) for aim in range(len(found.question.aims)))
            if sign == 0 and standing.moved[aim] and standing.pairs.estimate[found.today, place, aim] > 0.0]


def _criteria(found: Advice) -> str:
    """Which policy is best by each criterion, and whether that changes."""
    standing = found.standing
    if not standing.moved.any():
        return "By every criterion the policies are level."
    used = [name for name in CRITERIA if name != KEEPS or found.question.limits]
    best = {name: _name(found, standing.best_by(name)) for name in used}
    if len(set(best.values())) == 1:
        return f"{quoted(next(iter(best.values())))} is best by every criterion: {listed([CRITERIA[n] for n in used])}."
    return ("The best policy changes with the criterion: "
            + "; ".join(f"{CRITERIA[name]} {quoted(who)}" for name, who in best.items()) + ".")


def shrinkage(found: Advice) -> str:
    """What the search promised and what is left of it on futures that it never saw."""
    gains = found.kept_gains
    if not gains:
        return "There is no gain whose shrinkage from searched to fresh futures could be told."
    told = []
    for aim, _, searched, fresh in gains:
        outcome, sign = OUTCOMES[found.question.aims[aim].outcome], -found.question.aims[aim].sign
        kept = f", {percent(fresh / searched)} of it" if searched > 0.0 else ""
        told.append(f"{inside(outcome.summary_title)} {signed_difference(outcome, sign * searched)} searched, "
                    f"{signed_difference(outcome, sign * fresh)} fresh{kept}")
    return (f"Shrinkage, of the policy that the search thought best in each aim, against today's: {'; '.join(told)}. "
            "All other numbers here are fresh.")


# ---- triggers, and what to watch -------------------------------------------------------------------------------------
def triggers(found: Advice) -> list[str]:
    """For each trigger of the policies that are told: in which share of the futures it fires, and when."""
    told = []
    for place in found.told:
        own = {entry["name"] for entry in found.policies[place].tables.get("when", ())}
        for number, name in enumerate(found.question.triggers):
            if name in own:
                told.append(f"Under {quoted(_name(found, place))}, {quoted(name)} {fires(found, place, number)}.")
    return told


def fires(found: Advice, place: int, trigger: int) -> str:
    """As in "fires in 62% of the futures, first in 2029-03 in the median of these (2027-02 to 2033-11 in 80%)"."""
    months = found.fired[place, :, trigger]
    met = months[np.isfinite(months)]
    if not len(met):
        return "never fires"
    early, middle, late = (_date(found, float(np.quantile(met, q))) for q in (0.1, 0.5, 0.9))
    return (f"fires in {percent(len(met) / len(months))} of the futures, first in {middle} in the median of these "
            f"({early} to {late} in eight of ten)")


def _date(found: Advice, month: float) -> str:
    start = found.question.base.start
    total = int(start[:4]) * 12 + int(start[5:]) - 1 + round(month)
    return f"{total // 12:04d}-{total % 12 + 1:02d}"


def to_watch(found: Advice) -> list[str]:
    """What to watch, and by when: outcomes that triggers wait for, and beliefs on which the advice hangs."""
    told = []
    advised = found.standing.advised
    for number, name in enumerate(found.question.triggers):
        entry = next((each for each in found.policies[advised].tables.get("when", ()) if each["name"] == name), None)
        if entry is not None and "outcome" in entry:
            told.append(f"{opening(inside(OUTCOMES[entry['outcome']].title))}: {quoted(name)} waits for it, and "
                        f"{fires(found, advised, number)}{_most_often(found, advised, number)}.")
    axes = [limit.axis for limit in (found.fails.limits if found.fails else ())] + [turn.name for turn in found.turns]
    for axis in list(dict.fromkeys(axes))[:NAMED]:
        known = parameters().get(axis.removeprefix("uncertainty."))
        if known is not None and known.changes_our_mind:
            told.append(f"{lever_in_words(axis)}: what would move it is {inside(known.changes_our_mind).rstrip('.')}. "
                        f"{_UNDATED}")
        else:
            told.append(f"Whether {_side(axis, 'yes')}: the advice hangs on it. {_UNDATED}")
    return told or ["Nothing that was looked at turns this advice, so there is nothing in particular to watch."]


def by_quarter(found: Advice, place: int, trigger: int) -> dict[str, float]:
    """The share of all futures in which a trigger comes into force first in each quarter, as in {"2028Q3": 0.04}.

    Quarters in which it does in none are left out; what is missing to 1 is the share in which it never does.
    """
    months = found.fired[place, :, trigger]
    dates = [_date(found, month) for month in months[np.isfinite(months)]]
    quarters = [f"{date[:4]}Q{(int(date[5:]) + 2) // 3}" for date in dates]
    return {quarter: quarters.count(quarter) / len(months) for quarter in sorted(set(quarters))}


def _most_often(found: Advice, place: int, trigger: int) -> str:
    """The quarters in which it most often comes first, where futures are enough to tell one from another."""
    shares = by_quarter(found, place, trigger)
    if not shares:
        return ""
    most = max(shares.values())
    if most * found.fired.shape[1] < FEWEST_IN_A_QUARTER:
        return "; its futures are too few to name a quarter"
    when = [quarter for quarter, share in shares.items() if share == most]
    if len(when) > NAMED:
        return "; in no quarter clearly more often than in others"
    named = listed([f"{quarter[:4]} {quarter[4:]}" for quarter in when])
    return f"; most often in {named} ({percent(most)} of all futures)"


def claims(found: Advice) -> list[str]:
    """All that is told in sentences, in its order."""
    return [sentence for sentence in finding(found) if sentence]


def listed_policies(found: Advice, places: Sequence[int] | None = None) -> list[tuple[str, str]]:
    """Names of the policies that are told, each with what it does."""
    return [(_name(found, place), policy_in_words(found, found.policies[place])) for place in places or found.told]
