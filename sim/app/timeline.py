"""What levers are over the run by what is scheduled, as small pictures with their text: steps, ramps, what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape

import numpy as np

from sim.app.levers import PLACES, in_words, label, lever_of
from sim.engine.labels import month_dates
from sim.model.parameters import JURISDICTIONS, Value
from sim.model.policies import PLACES as SLOTS
from sim.model.policies import as_number, schedule, values_at
from sim.report.charts.style import FONT_SIZE
from sim.report.words.names import listed, quoted
from sim.scenario.scenario import Scenario

WIDTH, HEIGHT = 288.0, 90.0
_TOP, _BOTTOM, _RIGHT = 9.0, 23.0, 17.0
_CHARACTER = 0.6 * FONT_SIZE
_YEAR = 34.0
"""Pixels that a year needs below the axis."""
_PATH = {slots[0]: path for path, slots in SLOTS.items() if len(slots) == 1}


class Waiting(NamedTuple):
    """A trigger that would set a lever, to a number as rules read it."""

    name: str
    ends: bool
    value: float


class Timeline(NamedTuple):
    """What a lever is in each month by schedule, and the triggers that would set it."""

    scheduled: tuple[float, ...]
    waiting: tuple[Waiting, ...] = ()


def pictures(present: Scenario, baseline: Scenario) -> list[dict[str, str]]:
    """A picture and its text for each lever that a policy of either scenario moves, jurisdictions alike in one."""
    mine, theirs = timelines(present), timelines(baseline)
    alike: dict[tuple[str, Timeline, Timeline], list[str]] = {}
    for path in [each for each in _PATH.values() if each in mine or each in theirs]:
        lines = mine.get(path) or _still(present, path), theirs.get(path) or _still(baseline, path)
        alike.setdefault((lever_of(path).path, *lines), []).append(path)
    made = []
    for number, ((_, ours, before), paths) in enumerate(alike.items()):
        title, text = _title(paths), told(paths[0], ours, present)
        made.append({"title": title, "told": text,
                     "svg": _svg(paths[0], ours, before, present.start, f"timeline-{number}", title, text)})
    return made


def timelines(scenario: Scenario) -> dict[str, Timeline]:
    """The levers that a scenario's policies move, one by one, jurisdictions' own in place of the general one."""
    scheduled = schedule(scenario, scenario.months)
    waiting: dict[int, list[Waiting]] = {}
    for when in scenario.whens:
        for slot, value in values_at(when.levers).items():
            waiting.setdefault(slot, []).append(Waiting(when.name, when.ends, value))
    return {path: Timeline(tuple(scheduled[slot].tolist()) if slot in scheduled else _still(scenario, path).scheduled,
                           tuple(waiting.get(slot, ())))
            for slot, path in _PATH.items() if slot in scheduled or slot in waiting}


def _still(scenario: Scenario, path: str) -> Timeline:
    """A lever that no policy moves."""
    return Timeline((as_number(path, scenario.levers[path]),) * scenario.months)


def _title(paths: Sequence[str]) -> str:
    lever = lever_of(paths[0])
    if lever.path == paths[0] or len(paths) == len(JURISDICTIONS):
        return label(lever.path)
    return f"{label(lever.path)} ({listed([PLACES[path.split('.')[1]] for path in paths])})"


# ---- in words --------------------------------------------------------------------------------------------------------
def told(path: str, line: Timeline, scenario: Scenario) -> str:
    """As in "0.45; 0.8 from 2027-01", "$15bn a year; rises to $50bn a year from 2027-01 to 2029-12"."""
    dates = month_dates(scenario.start, scenario.months)
    first = as_number(path, scenario.levers[path])
    said = [in_words(path, _value(path, first))]
    for begins, ends, before, value in _moves(np.array(line.scheduled), first):
        to, how = in_words(path, _value(path, value)), "rises" if value > before else "falls"
        said.append(f"{to} from {dates[begins]}" if begins == ends else
                    f"{how} to {to} from {dates[begins]} to {dates[ends]}")
    for name, ends_again, value in line.waiting:
        once = f"while {quoted(name)} is in force" if ends_again else f"for good once {quoted(name)} comes into force"
        said.append(f"{in_words(path, _value(path, value))} {once}")
    return "; ".join(said)


def _moves(values: np.ndarray, first: float) -> Iterator[tuple[int, int, float, float]]:
    """Each step or ramp: its first and last month, from what, and to what it leads."""
    before = np.concatenate([[first], values[:-1]])
    moved = np.flatnonzero(values != before)
    steps = np.round((values - before)[moved] / max(float(np.abs(values).max()), 1.0), 9)
    # Months in a row with equal steps are one ramp: what they are ahead of their count stays the same.
    for _, together in groupby(range(len(moved)), key=lambda each: (steps[each], moved[each] - each)):
        months = moved[list(together)]
        yield int(months[0]), int(months[-1]), float(before[months[0]]), float(values[months[-1]])


def _value(path: str, number: float) -> Value:
    """A number as rules read it, as the lever's own value."""
    lever = lever_of(path)
    return lever.choices[int(number)] if lever.choices else bool(number) if lever.type == "boolean" else number


# ---- as a picture ----------------------------------------------------------------------------------------------------
def _svg(path: str, mine: Timeline, theirs: Timeline, start: str, ident: str, title: str, text: str) -> str:
    """Present schedule over the baseline's, and dotted what a trigger would set."""
    reached = [*mine.scheduled, *theirs.scheduled, *(each.value for each in mine.waiting)]
    low, high = min(reached), max(reached)
    ends = {value: in_words(path, _value(path, value)).removesuffix(" a year") for value in {low, high}}
    left = 6.0 + _CHARACTER * max(map(len, ends.values()))
    months = len(mine.scheduled)

    def x(month: float) -> float:
        return left + month / months * (WIDTH - left - _RIGHT)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)

    parts = [f'<path d="M{left:.1f} {y(value):.1f}H{WIDTH - _RIGHT:.1f}" stroke="var(--grid)" stroke-width=".8"/>'
             f'<text x="{left - 5:.1f}" y="{y(value) + 4:.1f}" text-anchor="end" fill="var(--muted)">'
             f"{escape(word)}</text>" for value, word in ends.items()]
    parts += _years(start, months, x, left)
    if theirs.scheduled != mine.scheduled:
        parts.append(f'<path d="{_line(theirs.scheduled, x, y)}" fill="none" stroke="var(--s0)" stroke-width="2"/>')
    parts.append(f'<path d="{_line(mine.scheduled, x, y)}" fill="none" stroke="var(--s1)" stroke-width="2"/>')
    for value in dict.fromkeys(each.value for each in mine.waiting):
        above = -5.0 if y(value) > _TOP + FONT_SIZE else 13.0
        parts.append(f'<path d="M{left:.1f} {y(value):.1f}H{WIDTH - _RIGHT:.1f}" stroke="var(--s1)" stroke-width="2" '
                     f'stroke-dasharray="2 5"/><text x="{WIDTH - _RIGHT:.1f}" y="{y(value) + above:.1f}" '
                     f'text-anchor="end" fill="var(--t1)">waits</text>')
    return (f'<svg class="chart" role="img" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-labelledby="{ident}-t {ident}-d">'
            f'<title id="{ident}-t">{escape(title)} over time</title><desc id="{ident}-d">{escape(text)}</desc>'
            f'{"".join(parts)}</svg>')


def _line(values: Sequence[float], x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """A path that keeps each month's value to its end; months that all bring a step, as in a ramp, are a slope."""
    drawn, before = [f"M{x(0):.1f} {y(values[0]):.1f}"], 0
    for month in (np.flatnonzero(np.diff(values)) + 1).tolist():
        way = "L{x:.1f} {y:.1f}" if month == before + 1 else "H{x:.1f}V{y:.1f}"
        drawn.append(way.format(x=x(month), y=y(values[month])))
        before = month
    return "".join([*drawn, f"H{x(len(values)):.1f}"])


def _years(start: str, months: int, x: Callable[[float], float], left: float) -> Iterator[str]:
    """Januaries below the axis, as many as there is room for."""
    year, month = (int(part) for part in start.split("-"))
    januaries = [(year + count, 12 * count - (month - 1)) for count in range(months // 12 + 2)]
    fitting = max(1.0, (WIDTH - left - _RIGHT) / _YEAR)
    step = next((each for each in (1, 2, 5, 10, 20, 50) if months / 12 / each <= fitting), 50)
    for january, at in januaries:
        if 0 <= at <= months and (january - year) % step == 0:
            yield f'<path d="M{x(at):.1f} {HEIGHT - _BOTTOM + 1:.1f}v4" stroke="var(--rule)" stroke-width=".8"/>'
            yield (f'<text x="{x(at):.1f}" y="{HEIGHT - 3:.1f}" text-anchor="middle" fill="var(--muted)">{january}'
                   "</text>")
