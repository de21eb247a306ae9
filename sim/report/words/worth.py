"""What knowledge is worth before a choice, in sentences: what is chosen, what would change it, and at what value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.common.numbers import percent, plain, quantity
from sim.engine.uncertainty import in_words
from sim.model.outcomes import OUTCOMES
from sim.report.words.levers import lever_in_words, lever_unit, lever_value
from sim.report.words.names import counted, inside, listed, quoted
from sim.report.words.units import minus
from sim.studies.deciding.objective import Objective
from sim.studies.deciding.worth import AND, Flip, Known, Worth

LIMITS = ("Worth is what knowing a value exactly, for nothing and before the choice, would bring on average over what "
          "is believed now; no study tells it so exactly. It is of a choice among these scenarios alone: a wiser one "
          "may lie between them. Luck cannot be known, and what the model leaves out is in no number here.")
ROOMS = {"rivalry": "rivalry of nations", "capital": "capital", "regulation": "regulation", "demand": "demand",
         "chips": "chips", "race": "the safety race", "litigation": "litigation", "founders": "founders",
         "control": "who controls labs", "compute": "compute and money of labs",
         "algorithms": "algorithms and imitation", "conversion": "conversion to for-profit", "incidents": "incidents",
         "training": "training", "defence": "defence work", "policies": "announcements", "theories": "theories"}
NAMED = 3
LEAST = 1e-6  # of a unit: what is less is nil to a reader


def amount(objective: Objective, number: float | np.ndarray, digits: int = 2) -> str:
    """A worth with its unit: "0.3 incidents", "$12bn", or points if outcomes are weighed; the least counts as nil."""
    number = float(f"{float(number):.{digits}g}")
    return minus(quantity(number if abs(number) >= LEAST else 0.0, _unit(objective), digits))


def _unit(objective: Objective) -> str:
    return OUTCOMES[objective.outcome].unit if objective.outcome else "points"


def between(objective: Objective, low: float | np.ndarray, high: float | np.ndarray) -> str:
    """An interval of worths beside one that has the unit: "17 to 45", "$1bn to $3bn"."""
    unit = _unit(objective)
    after = unit.removeprefix("USD bn") if unit.startswith("USD") else f" {unit}"
    return " to ".join(amount(objective, end).removesuffix(after) for end in (low, high))


def aim_in_words(objective: Objective) -> str:
    """What counts: "severe incidents in total (lower is better)", or several outcomes by their weights."""
    if objective.outcome:
        outcome = OUTCOMES[objective.outcome]
        return f"{inside(outcome.summary_title)} ({outcome.better} is better)"
    return listed([f"{minus(plain(weight))} times {inside(OUTCOMES[name].summary_title)} "
                   f"({OUTCOMES[name].unit})" for name, weight in objective.weights.items()])


def name_of(known: Known) -> str:
    """An unknown, a room or a group in words."""
    if known.members > 1:
        parts = known.name.split(AND)
        paths = [part if "." in part else f"uncertainty.{part}" for part in parts]
        return ROOMS.get(known.name) or listed([inside(lever_in_words(path)) for path in paths])
    return lever_in_words(known.name)


def finding(found: Worth) -> list[str]:
    """What is chosen and how surely, what all knowledge would be worth, and which unknown's."""
    if found.alike:
        return [f"By {aim_in_words(found.objective)} all the scenarios bring the same in every draw: there is nothing "
                "to choose, and nothing worth knowing."]
    told = [_chosen(found), _everything(found)]
    return [*told, *_most_worth(found), *_together(found)]


def _chosen(found: Worth) -> str:
    best = quoted(found.policies[found.chosen])
    places = [place for place in range(len(found.policies)) if place != found.chosen]
    leads = [f"{amount(found.objective, found.leads.estimate[place])} ahead of {quoted(found.policies[place])} "
             f"({between(found.objective, found.leads.low[place], found.leads.high[place])})" for place in places]
    start = f"By {aim_in_words(found.objective)}, {best} is best on average: {listed(leads)}."
    if not found.tied:
        return start
    others = listed([quoted(found.policies[place]) for place in found.tied])
    return f"{start} That is a tie with {others}: the interval covers nil."


def _everything(found: Worth) -> str:
    every, aim = found.everything, found.objective
    start = "Knowing everything but luck before choosing would be worth"
    bracket = f"at most {amount(aim, every.at_most)} even with luck known too"
    if not every.worth.high > 0.0:
        return f"{start} nothing ({bracket}): whatever is not known, the same scenario is best."
    share = 1.0 - float(every.best[found.chosen])
    around = between(aim, every.worth.low, every.worth.high)
    return (f"{start} {amount(aim, every.worth.estimate)} ({around}; {bracket}): another scenario is expected to be "
            f"better in {percent(share)} of the draws.")


def _most_worth(found: Worth) -> list[str]:
    clear, aim, all_ = found.clear, found.objective, len(found.unknowns)
    largest = found.unknowns[0]
    chance = f"what chance makes of the largest of {all_:,}, {amount(aim, found.floor)}"
    if not clear and largest.worth == 0.0:
        return [f"Of {counted(all_, 'unknown')} none alone would change the choice."]
    if not clear:
        return [f"No single unknown is clearly worth knowing: {inside(name_of(largest))} comes first with "
                f"{_worth(aim, largest)}, not told from {chance}."]
    first = clear[0]
    told = [f"Of single unknowns {inside(name_of(first))} is most worth knowing, {_worth(aim, first)}"
            f"{flip(found, first)}."]
    level = [inside(name_of(known)) for known in clear[1:] if known.level][:NAMED]
    behind = [f"{inside(name_of(known))}, {_worth(aim, known)}{flip(found, known)}"
              for known in clear[1:] if not known.level]
    if level:
        told.append(f"Not told apart from it: {listed(level)}.")
    if behind:
        told.append(f"Then {'; '.join(behind[:NAMED])}.")
    rest = all_ - len(clear)
    return [*told, f"Of the other {rest:,} none is told from {chance}."] if rest else told


def _worth(aim: Objective, known: Known) -> str:
    return f"{amount(aim, known.worth)} ({between(aim, known.low, known.high)})"


def _together(found: Worth) -> list[str]:
    """What was asked about together, and the room that is worth most."""
    asked = [known for known in found.groups if AND in known.name]
    rooms = [known for known in found.groups if AND not in known.name and known.clear]
    told = [f"Known together, {listed(known.name.split(AND))}: {_worth(found.objective, known)}"
            f"{'' if known.clear else ', not told from what chance makes of a group'}." for known in asked]
    if rooms:
        told.append(f"Of the model's parts most is worth knowing of {name_of(rooms[0])}: "
                    f"{_worth(found.objective, rooms[0])} for all {counted(rooms[0].members, 'unknown')}.")
    return told


def flip(found: Worth, known: Known) -> str:
    """Where the choice turns with an unknown, as a clause: "; below 0.3 choose A, above it B"; empty if nowhere."""
    if not known.flips:
        return ""
    if isinstance(known.flips[0].at, str):
        under = [f"{quoted(found.policies[each.after])} if {str(each.at).replace('_', ' ')} holds"
                 for each in known.flips]
        return f"; choose {listed(under)}"
    if len(known.flips) > 1:
        return f"; the choice turns at {listed([turn_at(known, each) for each in known.flips])}"
    only = known.flips[0]
    return (f"; below {turn_at(known, only)} choose {quoted(found.policies[only.before])}, above it "
            f"{quoted(found.policies[only.after])}")


def turn_at(known: Known, turn: Flip) -> str:
    """The value at which the choice turns, with its interval where there is one: "0.3 (0.25 to 0.34)"."""
    if isinstance(turn.at, str):
        return turn.at.replace("_", " ")
    unit = f" {lever_unit(known.name)}".rstrip()
    around = "" if not np.isfinite(turn.low) else f" ({lever_value(_two(turn.low))} to {lever_value(_two(turn.high))})"
    return f"{lever_value(_two(turn.at))}{unit}{around}"


def _two(number: float) -> float:
    return float(f"{number:.2g}")


def rests_on(found: Sequence[Worth]) -> str:
    """What the finding rests on: runs, draws, beliefs, and what was set apart."""
    first = found[0]
    apart = [inside(lever_in_words(name)) for name in first.apart]
    told = (f"This rests on {counted(first.runs, 'run')} of each scenario on the same luck, two to each of "
            f"{first.draws:,} draws, {in_words(first.results.uncertainty)}; 95% intervals, by draw.")
    if apart:
        told += f" The scenarios disagree in {listed(apart)}: that is part of the choice."
    against = sorted({inside(OUTCOMES[name].title) for each in found for name in each.objective.against})
    return told + (f" The weights take {listed(against)} to be better the other way than usual." if against else "")
