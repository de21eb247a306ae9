"""The front of advice as the cockpit shows it: policies as points over two aims or criteria, each with what it says.

Numbers are those of the advice's page and of its JSON (`sim/report/pages/advise.py`), said by the same functions.
"""

from __future__ import annotations

from typing import Any

from sim.app.saved.detail import choice, detail, opens
from sim.app.saved.link import link
from sim.common.numbers import percent, plain
from sim.model.outcomes import OUTCOMES, Outcome
from sim.report.charts.axes import Scale, scale_for, share_scale
from sim.report.charts.choices import told_apart
from sim.report.pages.advise import judged, told
from sim.report.words.advise import CRITERIA, SHORT
from sim.report.words.names import counted, inside, listed, opening, quoted
from sim.report.words.tables import Table
from sim.report.words.units import heading, minus, signed_difference, signed_interval, value
from sim.studies.deciding.advice import Advice
from sim.studies.deciding.criteria import KEEPS, MEAN, REGRET, WORST

STATUS = {"front": "dominated by none", "tied": "dominated by none, not told from the advised", "dominated":
          "dominated by another", "broken": "breaks the limits"}
"""How a policy stands, in the words of the key; each has a mark of its own."""


def shown(found: Advice) -> dict[str, Any]:
    """All that the page shows of advice."""
    study, policies = told(found), judged(found)
    places = {each["name"]: place for place, each in enumerate(policies)}
    return {"title": study.title, "facts": study.facts, "claims": list(study.claims), "limits": study.limits,
            "status": STATUS, "axes": _axes(found, policies), "advised": found.standing.advised,
            "policies": [_policy(found, place, each, places) for place, each in enumerate(policies)]}


def status(found: Advice, place: int) -> str:
    """How a policy stands: a key of `STATUS`."""
    standing = found.standing
    if standing.able.any() and not standing.able[place]:
        return "broken"
    if standing.dominating(place):
        return "dominated"
    return "tied" if place != standing.advised and standing.tied[place, standing.advised] else "front"


# ---- axes ------------------------------------------------------------------------------------------------------------
def _axes(found: Advice, policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What may stand across and up: each aim, then each criterion, with values, ranges and ticks by policy."""
    axes = []
    for number, aim in enumerate(found.question.aims):
        outcome, rows = OUTCOMES[aim.outcome], [each["aims"][number] for each in policies]
        means = [row["mean"] for row in rows]
        ends = [(row["mean"] - (row["high"] - row["low"]) / 2.0, row["mean"] + (row["high"] - row["low"]) / 2.0)
                for row in rows]
        scale = told_apart(min(low for low, _ in ends), max(high for _, high in ends), outcome)
        axes.append(_axis(outcome.title, heading(outcome), aim.better, means, ends, scale,
                          [f"{value(outcome, row['mean'])}{_against(outcome, row)}" for row in rows]))
    for key in CRITERIA:
        if key == KEEPS and not found.question.limits:
            continue
        parts = [each["criteria"][key] for each in policies]
        times = 1.0 if key == KEEPS else 100.0
        values, ends = [times * part["estimate"] for part in parts], [(times * part["low"], times * part["high"])
                                                                     for part in parts]
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
        title = f"All aims: {inside(SHORT[key])}" if key != KEEPS else SHORT[key]
        axes.append(_axis(title, title if key == KEEPS else f"{title} (hundredths)",
                          "higher" if key == KEEPS else "lower", values, ends,
                          share_scale(1.0) if key == KEEPS else scale_for(low, high, Outcome("", "", "", "")),
                          [f"{_criterion(key, part['estimate'])} ({_ends(key, part)})" for part in parts]))
    return axes


def _axis(title: str, label: str, better: str, values: list[float], ends: list[tuple[float, float]], scale: Scale,
          texts: list[str]) -> dict[str, Any]:
    return {"title": title, "label": label, "better": better, "values": values, "texts": texts,
            "ends": [list(pair) for pair in ends],
            "ticks": list(scale.ticks), "labels": list(scale.labels), "limits": list(scale.limits)}


def _against(outcome: Outcome, row: dict[str, Any]) -> str:
    """The difference to today's policy with its interval, where there is one."""
    if row["difference"] == row["low"] == row["high"] == 0.0:
        return ""
    return (f"; {signed_difference(outcome, row['difference'])} against today "
            f"({signed_interval(outcome, row['low'], row['high'])})")


def _criterion(key: str, number: float) -> str:
    if key == KEEPS:
        return percent(number)
    return plain(100.0 * number) if key == REGRET else minus(f"{100.0 * number:+.3g}")


def _ends(key: str, part: dict[str, float]) -> str:
    return f"{_criterion(key, part['low'])} to {_criterion(key, part['high'])}"


# ---- one policy ------------------------------------------------------------------------------------------------------
def _policy(found: Advice, place: int, each: dict[str, Any], places: dict[str, int]) -> dict[str, Any]:
    stands = status(found, place)
    return {"name": each["name"], "status": stands, "tied": [places[name] for name in each["tied_with"]],
            "detail": detail(each["name"], [f"{opening(each['says'])}.", _stands(found, place, each)],
                             [_aims(found, each), _criteria(found, each)],
                             "The two best in its stead, all aims together", _runner_ups(each, places),
                             _link(found, place))}


def _stands(found: Advice, place: int, each: dict[str, Any]) -> str:
    """Whether others dominate it or cannot be told from it, in a sentence or two."""
    told = []
    if found.question.limits:
        told.append("It keeps the limits." if each["keeps_limits"] else "It breaks the limits.")
    if each["dominated_by"]:
        told.append(f"Dominated by {listed(list(map(quoted, each['dominated_by'])))}: clearly better in an aim, and "
                    "clearly worse in none.")
    else:
        told.append("No other policy dominates it.")
    if each["tied_with"]:
        told.append(f"In no aim told from {listed(list(map(quoted, each['tied_with'])))}.")
    return " ".join(["This is what is advised." if place == found.standing.advised else "", *told]).strip()


def _aims(found: Advice, each: dict[str, Any]) -> Table:
    rows = []
    for aim, row in zip(found.question.aims, each["aims"], strict=True):
        outcome = OUTCOMES[aim.outcome]
        against = "-" if not _against(outcome, row) else (
            f"{signed_difference(outcome, row['difference'])} ({signed_interval(outcome, row['low'], row['high'])})")
        rows.append([f"{heading(outcome)}: {aim.better} is better", value(outcome, row["mean"]), against,
                     value(outcome, row["worst_tenth"]), value(outcome, row["regret_90"])])
    return Table("Each aim, in futures that the search had not seen; differences with 95% intervals that hold together",
                 ("Aim", "Mean", "Against today's policy", "Mean of the worst tenth", "Regret exceeded in one of ten"),
                 rows)


def _criteria(found: Advice, each: dict[str, Any]) -> Table:
    used = [key for key in CRITERIA if key != KEEPS or found.question.limits]
    names = {MEAN: "Mean, against today's policy", WORST: "Worst tenth, against today's policy"}
    rows = [[names.get(key, SHORT[key]), _criterion(key, each["criteria"][key]["estimate"]),
             _ends(key, each["criteria"][key])] for key in used]
    return Table("All aims together, in hundredths of the range that policies span, less being better; 95% intervals",
                 ("Criterion", "Value", "From, to"), rows)


def _runner_ups(each: dict[str, Any], places: dict[str, int]) -> list[dict[str, Any]]:
    found = []
    for other in each["runner_ups"]:
        by = {key: minus(f"{100.0 * number:+.3g}") for key, number in other["worse_by"].items()}
        found.append(choice(places[other["name"]], f"{other['name']}: {by['score']} hundredths "
                            f"({by['low']} to {by['high']}; less is better)"))
    return found


def _link(found: Advice, place: int) -> dict[str, Any]:
    question = found.question
    worlds = f" in {counted(len(question.worlds), 'world')}" if len(question.worlds) > 1 else ""
    rests = f"{counted(found.standing.costs.shape[1], 'future')}{worlds}, of {counted(question.months, 'month')}"
    query = link(question.scenario(found.policies[place], "Policy"), question.base, found.size.seed)
    return opens(query, "today's policy", rests)
