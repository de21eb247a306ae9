"""What a sweep's report says: sentences written from its numbers, and said so when there is nothing to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sim.common.numbers import plain
from sim.engine.uncertainty import in_words
from sim.model.beliefs import open_theories
from sim.model.outcomes import OUTCOMES
from sim.report.words import narrative
from sim.report.words.levers import lever_in_words, lever_unit, lever_value
from sim.report.words.names import counted, inside, listed
from sim.report.words.units import magnitude, minus, size_in_words, value
from sim.studies.sweeping.design import Design
from sim.studies.sweeping.explain import TOLD_FIRST, Explanation
from sim.studies.sweeping.slices import Slice
from sim.studies.sweeping.surface import ADDS, NOTHING, OPEN, Association

MOST_AXES_NAMED = 3
MOST_NAMED = 3


def inner(name: str) -> str:
    """An outcome's title inside a sentence."""
    return inside(OUTCOMES[name].title)


def _lever(axis: str) -> str:
    return inside(lever_in_words(axis))


def at_point(design: Design, point: int, short: bool = False) -> str:
    """A point in words: "strictness of rules 0.2, US-China cooperation 0.8"; `short` leaves out the names."""
    values = design.points[point]
    if len(design.axes) > MOST_AXES_NAMED:
        return f"point {point:,}"
    if short:
        return " / ".join(lever_value(each) for each in values)
    return ", ".join(f"{_lever(axis)} {lever_value(each)}" for axis, each in zip(design.axes, values, strict=True))


def axes_short(design: Design) -> str:
    """What the numbers of a point named in short stand for: "Strictness of rules / US-China cooperation"."""
    return " / ".join(map(lever_in_words, design.axes)) if len(design.axes) <= MOST_AXES_NAMED else "Point"


def limits(found: Explanation) -> str:
    """What the numbers cannot tell."""
    cover = ("luck alone: parameters are at their defaults, or at the values of their point"
             if found.design.uncertainty == "luck" else
             f"luck, and ignorance of the parameters ({in_words(found.design.uncertainty)})")
    if open_theories(found.design.base.levers):
        cover += ", and which theories hold, as the base believes"
    told = "".join(f" {caution}" for caution in narrative.cautions(list(found.surfaces)))
    return (f"Intervals cover {cover}. They cannot tell how probable any of these worlds is, nor whether the rules of "
            f"the model are right.{told}")


def finding(found: Explanation) -> list[str]:
    """The two or three sentences that a reader should take away."""
    if found.joint:
        return [*_joint_finding(found), *_worse_finding(found)]
    if found.slices:
        return [slices_lead(found, found.design.axes[0]), *_worse_finding(found)]
    if found.tied:
        strongest = sorted((name for name, tied in found.tied.items() if tied),
                           key=lambda name: -abs(found.tied[name][0].correlation))
        return [tornado_lead(found, strongest)]
    return ["Not enough points are done to say what the two levers do; the maps show what there is."]


def _headline(found: Explanation) -> str:
    """The outcome told first: severe incidents if a lever changes any, else the outcome that differs most."""
    told = TOLD_FIRST in found.joint and found.joint[TOLD_FIRST].verdict != NOTHING
    return TOLD_FIRST if told else (found.by_size or list(found.joint))[0]


def _joint_finding(found: Explanation) -> list[str]:
    name = _headline(found)
    joint, outcome = found.joint[name], OUTCOMES[name]
    if joint.verdict == NOTHING:
        return [f"{outcome.title}: neither lever changes any of these runs.", joint_lead(found)]
    parts = []
    for axis, place, (estimate, low, high) in zip(found.design.axes, (0, 1), (joint.first, joint.second), strict=True):
        ends = found.design.along(place)
        size, around = magnitude(outcome, estimate, low, high)
        unit = f" {lever_unit(axis)}".rstrip()
        parts.append(f"{_lever(axis)} at {lever_value(ends[-1])} instead of {lever_value(ends[0])}{unit} means {size} "
                     f"({around})")
    size, around = magnitude(outcome, *joint.both)
    return [f"{outcome.title}: {parts[0]}; {parts[1]}; both together {size} (95% interval {around}). "
            + ("Whether they add up here, these runs leave open." if joint.verdict == OPEN else
               f"Here they {joint.verdict}."), joint_lead(found)]


def _worse_finding(found: Explanation) -> list[str]:
    """Where more of a lever backfires: helps up to a value and harms beyond it."""
    told = []
    for name in found.by_size:
        for every in found.slices[name].values():
            turning = [each for each in every if each.worse and not each.worse.throughout and each.worse.start !=
                       each.values[0]]
            if turning and len(turning) * 2 >= len(every):
                told.append(slice_sentence(every))
    return [f"More is not always better. {told[0]}"] if told else []


# ---- maps and levers together ------------------------------------------------------------------------------------
def extremes(found: Explanation, name: str) -> str:
    """Where an outcome is least and most."""
    surface, outcome = found.surfaces[name], OUTCOMES[name]
    if not np.isfinite(surface.mean).any():
        return "No point is done."
    low, high = int(np.nanargmin(surface.mean)), int(np.nanargmax(surface.mean))
    return (f"Least, {value(outcome, float(surface.mean[low]))}, at {at_point(found.design, low)}; most, "
            f"{value(outcome, float(surface.mean[high]))}, at {at_point(found.design, high)}.")


def maps_lead(found: Explanation, first: str, second: str) -> str:
    """How many outcomes differ anywhere, and where the one told first is best."""
    names = found.by_size
    if not names:
        return f"No outcome differs clearly from the first point anywhere over {inside(first)} and {inside(second)}."
    name = TOLD_FIRST if TOLD_FIRST in names else names[0]
    return (f"{len(names)} of {counted(len(found.surfaces), 'outcome')} differ clearly somewhere from the first point. "
            f"{OUTCOMES[name].title}: {inside(extremes(found, name))}")


def joint_lead(found: Explanation) -> str:
    """Which outcomes show more or less than the sum of what the two levers do alone."""
    verdicts: dict[str, list[str]] = {}
    for name, joint in found.joint.items():
        verdicts.setdefault(joint.verdict, []).append(inner(name))
    clear = [f"{verdict} in {_some(names)}" for verdict, names in verdicts.items()
             if verdict not in (ADDS, OPEN, NOTHING)]
    adds = [f"{ADDS} in {_some(verdicts[ADDS])}"] if ADDS in verdicts else []
    told = f"The two levers {'; they '.join([*clear, *adds])}." if clear or adds else ""
    still = f" Neither changes any run in {_some(verdicts[NOTHING])}." if NOTHING in verdicts else ""
    if OPEN not in verdicts:
        return f"{told}{still}".strip()
    if not told and not still:
        return "Whether the two levers add up, these runs leave open in every outcome."
    return f"{told} Whether they add up in {_some(verdicts[OPEN])}, these runs leave open.{still}".strip()


def _some(names: Sequence[str]) -> str:
    return listed(names if len(names) <= MOST_NAMED else [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"])


# ---- slices ------------------------------------------------------------------------------------------------------
def slices_lead(found: Explanation, axis: str) -> str:
    """What moving a lever over its range changes most."""
    moved = [name for name in found.by_size if any(each.moves for each in found.slices[name][axis])]
    if not moved:
        return f"Moving {_lever(axis)} changes no outcome clearly."
    parts = []
    for name in moved[:MOST_NAMED]:
        every = found.slices[name][axis]
        middle = every[len(every) // 2]
        at = len(middle.values) - 1
        size, around = magnitude(OUTCOMES[name], *(float(x[at]) for x in (middle.difference, middle.low, middle.high)))
        parts.append(f"{inner(name)} {size} ({around})")
    some = found.slices[moved[0]][axis][len(found.slices[moved[0]][axis]) // 2]
    unit = f" ({lever_unit(axis)})" if lever_unit(axis) else ""
    held = "" if some.held is None else f", the other lever at {lever_value(some.held)}"
    ends = f"{lever_value(some.values[-1])} instead of {lever_value(some.values[0])}"
    return f"{lever_in_words(axis)}{unit} at {ends}{held}: {'; '.join(parts)}."


def slice_sentence(every: Sequence[Slice]) -> str:
    """Where more of a lever makes an outcome worse, where most of the change comes, where it ends; "" if nowhere."""
    outcome = OUTCOMES[every[0].outcome]
    parts = [part for part in (_worse_words(every), _threshold_words(every), _level_words(every)) if part]
    return f"{outcome.title}: {'; '.join(parts)}." if parts else ""


def _worse_words(every: Sequence[Slice]) -> str:
    zones = [(each, each.worse) for each in every if each.worse is not None]
    if not zones:
        return ""
    each, zone = max(zones, key=lambda pair: abs(pair[1].change))
    size, around = magnitude(OUTCOMES[each.outcome], zone.change, zone.low, zone.high)
    held = "" if each.held is None else f" with the other lever at {lever_value(each.held)}"
    share = "" if each.held is None else f", and clearly so in {len(zones)} of {counted(len(every), 'slice')}"
    where = (f"all the way from {lever_value(zone.start)} to {lever_value(zone.end)}" if zone.throughout
             else f"from {lever_value(zone.start)} to {lever_value(zone.end)}")
    return f"more {_lever(each.axis)} makes it worse {where}, most{held}: {size} ({around}){share}".replace(
        ", most:", ":")


def _threshold_words(every: Sequence[Slice]) -> str:
    """The step that holds at least half of the change in most slices that move."""
    moving = [each for each in every if each.moves]
    steps = Counter(each.threshold for each in moving if each.threshold is not None)
    if not steps:
        return ""
    (start, end), count = steps.most_common(1)[0]
    return (f"at least half of the change comes between {lever_value(start)} and {lever_value(end)}"
            if 2 * count > len(moving) else "")


def _level_words(every: Sequence[Slice]) -> str:
    """The value from which nothing more changes, in most slices that move."""
    moving = [each for each in every if each.moves]
    ends = [each.levels_off for each in moving if each.levels_off is not None]
    return f"from {lever_value(max(ends))} on it stays as it is" if ends and 2 * len(ends) > len(moving) else ""


# ---- drawn points and choices --------------------------------------------------------------------------------
def tornado_lead(found: Explanation, strongest: Sequence[str]) -> str:
    """Which axis goes most closely with which outcomes."""
    if not strongest:
        return "No outcome differs over the points."
    parts = [f"{inner(name)} with {_tied(found.tied[name][0])}" for name in strongest[:MOST_NAMED]]
    return f"Over {counted(int(found.done.sum()), 'point')} these go together most closely: {'; '.join(parts)}."


def _tied(tied: Association) -> str:
    return f"{_lever(tied.axis)} ({minus(f'{tied.correlation:+.2f}')})"


def front_lead(found: Explanation) -> str:
    """How many points stand on the front, and what moving along it costs."""
    front = found.front
    assert front is not None
    best, unsure = np.flatnonzero(front.best), int(front.open_.sum())
    across, up = OUTCOMES[front.across], OUTCOMES[front.up]
    told = (f"{counted(len(best), 'point')} of {int(np.isfinite(front.x).sum()):,} "
            f"{'is' if len(best) == 1 else 'are'} beaten by no other on both {inner(front.up)} and "
            f"{inner(front.across)}")
    if unsure:
        told += f", and {counted(unsure, 'more', 'more')} cannot be told apart from them"
    if len(best) == 1:
        return f"{told}: {at_point(found.design, int(best[0]))} is best on both."
    order = best[np.argsort(front.y[best] if up.better == "lower" else -front.y[best])]
    first, last = int(order[0]), int(order[-1])
    gain = size_in_words(up, float(front.y[first] - front.y[last]))
    price = size_in_words(across, float(front.x[first] - front.x[last]))
    return (f"{told}. From one end of this front to the other ({at_point(found.design, last)} to "
            f"{at_point(found.design, first)}): {inner(front.up)} {gain}, {inner(front.across)} {price}.")


def regret_lead(found: Explanation) -> str:
    """Which point is least bad almost everywhere, and which is most regretted."""
    assert found.regret is not None
    first, last = found.regret[0], found.regret[-1]
    name = inner(found.regretted)
    best = (f"no other point does better on {name}" if first.ninety == 0.0 else
            f"it does at most {plain(first.ninety, 2)} worse on {name} than the best point there")
    return (f"Least bad almost everywhere: {at_point(found.design, int(first.policy))}. In nine of ten futures {best}; "
            f"{at_point(found.design, int(last.policy))} does up to {plain(last.ninety, 2)} worse.")


def range_lead(found: Explanation) -> str:
    """How many outcomes differ from the first point."""
    if found.tied:
        return "Means over the runs of a point; the points differ in all axes at once."
    count = len(found.by_size)
    return (f"{counted(count, 'outcome')} of {len(found.surfaces)} differ clearly from the first point somewhere."
            if count else "No outcome differs clearly from the first point.")
