"""After a game: what its decisions changed, each undone on the same luck, and where the run lies among other worlds.

What a decision did in this run is one difference on one draw of luck. Beside it stands what the same decision does in
other runs, on average, with their luck and their parameters, so that a lucky hit is not taken for a lesson.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sim.app.play.game import MONTHS, Game
from sim.app.play.life import lives, others
from sim.app.play.news import Course, decision_in_words, month_in_words, text_of
from sim.app.play.roles import ROLES, Aim
from sim.app.play.turn import mean_in_words, titled, value_in_words
from sim.common.language import gettext, noted
from sim.common.numbers import percent
from sim.common.text import inside
from sim.engine.simulate import simulate
from sim.model.events import EVENTS, POLICY
from sim.model.outcomes import INDEX, OUTCOMES, summarise
from sim.report.words.names import called, listed, opening
from sim.report.words.narrative import cautions
from sim.report.words.units import COUNTS, signed_difference, size_in_words, summary_title
from sim.scenario.scenario import Scenario
from sim.studies.comparing.histories import History, unmatched

Effects = Mapping[Course, np.ndarray]
SURROUNDING_RUNS = 200
MOST_TRIED = 6
"""Decisions that are tried on other luck as well: those that changed most in this run."""
OTHER_RUNS = 40
MOST_TURNS = 5
_WORKERS = min(os.cpu_count() or 1, 4)
NOTABLE = 0.1
"""Standard deviations over worlds below which a difference in one run is not called one."""
SEEN = 0.005
"""Standard deviations below which a difference is not even given as a number."""
HOW_TO_READ = noted(
    "One run of this model, on one draw of luck; its parameters are drawn as the record leaves them. A decision is "
    "undone by leaving it out and living the run through again on the same luck. Effects do not add up: two decisions "
    "can each be enough, or need each other. This is a what-if machine with stated assumptions, not a forecast."
)


@dataclass(frozen=True, eq=False)
class Undone:
    """What a debrief is told from, in numbers.

    `here` (played, undecided, without each course; outcomes), the worlds `around` (runs, outcomes) with their `spread`
    (outcomes), what is `gone` without each course, what is `usual` on other luck, and what happened in the first two.
    """

    here: np.ndarray
    around: np.ndarray
    spread: np.ndarray
    gone: Effects
    usual: Effects
    histories: tuple[History, ...]


def undo(game: Game) -> Undone:
    """Undo each decision on the same luck, and try those that changed most on other luck: some seconds of work."""
    undone = _undone(game)
    lived = lives(game, [game.scenario(), game.undecided(), *(game.without(*course) for course in undone)],
                  game.quarters * MONTHS)
    here = summarise(lived.values)
    around = _worlds(game.undecided(), game.seed, SURROUNDING_RUNS)
    spread = around.std(axis=0, ddof=1)
    gone = dict(zip(undone, here[0] - here[2:], strict=True))
    return Undone(here, around, spread, gone, _on_other_luck(game, _that_changed_most(game, gone, spread)),
                  lived.histories[:2])


def debrief(game: Game, found: Undone | None = None) -> dict[str, Any]:
    """The debrief of a game for a page: `roles` by seat, `turns` of the run, the decisions, and how to replay it.

    `found` is what `undo` found, where it was asked already: telling it in another language undoes nothing anew.
    """
    found = found or undo(game)
    here, around, spread, gone, usual = found.here, found.around, found.spread, found.gone, found.usual
    played, undecided = found.histories
    return {
        "world": game.world.title, "from": month_in_words(game.dates()[0]), "to": month_in_words(game.dates()[-1]),
        "seed": game.seed, "run": game.run, "quarters": game.quarters, "runs": len(around),
        "command": f"airace run game.toml --seed {game.seed} --run {game.run}",
        "roles": {role: _of_role(game, role, here, around, gone, spread, usual) for role in game.seats},
        "only": _turns(game, played, unmatched(played, undecided)[0]),
        "averted": _turns(game, undecided, unmatched(played, undecided)[1]),
        "injects": [{"when": game.name_of(each.quarter), "what": gettext(each.kind.replace("_", " ")),
                     "who": called(each.actor or "")} for each in game.injects],
        "read": gettext(HOW_TO_READ),
        "cautions": cautions([name for role in game.seats for name in ROLES[role].gauges]),
    }


@lru_cache(maxsize=8)
def _worlds(world: Scenario, seed: int, runs: int) -> np.ndarray:
    """Worlds without any decision that came to their end (runs, outcomes): the same for every game in a world."""
    found = simulate(world, runs=runs, seed=seed, events=False, workers=_WORKERS).summaries[0]
    whole: np.ndarray = found[np.isfinite(found).all(axis=1)]
    return whole


def _undone(game: Game) -> list[Course]:
    """What is undone: each role's decisions on a lever together, and where there are several, each by itself too."""
    courses = game.courses()
    return [*courses, *((move,) for course in courses if len(course) > 1 for move in course)]


# ---- one role -------------------------------------------------------------------------------------------------------
def _of_role(game: Game, role: str, here: np.ndarray, around: np.ndarray, gone: Effects, spread: np.ndarray,
             usual: Effects) -> dict[str, Any]:
    aims = [_aim(aim, here, around) for aim in ROLES[role].aims]
    courses = [course for course in game.courses() if course[0].role == role]
    decisions = [_decision(game, course, gone, spread, usual) for course in courses]
    singles = [_decision(game, (move,), gone, spread, {}) for course in courses if len(course) > 1 for move in course]
    best = max(decisions, key=lambda each: each["size"], default=None)
    return {"name": ROLES[role].opening, "aims": aims, "decisions": decisions, "singles": singles,
            "beside": [_beside(name, here) for name in ROLES[role].beside],
            "summary": _summary(game, role, aims, best if best and best["size"] > NOTABLE else None)}


def _aim(aim: Aim, here: np.ndarray, around: np.ndarray) -> dict[str, Any]:
    outcome, at = OUTCOMES[aim.outcome], INDEX[aim.outcome]
    ours, others_ = float(here[0, at]), around[:, at]
    sign = 1.0 if aim.better == "higher" else -1.0
    better, equal = float(np.mean(sign * ours > sign * others_)), float(np.mean(others_ == ours))
    said = {"share": percent(better), "worlds": len(others_), "equal": percent(equal)}
    told = (gettext("better than in {share} of {worlds} worlds without any decision, as good as in {equal}", **said)
            if equal >= 0.005 else gettext("better than in {share} of {worlds} worlds without any decision", **said))
    return {"words": opening(gettext(aim.words)), "title": titled(outcome, summary_title(outcome)),
            "value": value_in_words(outcome, ours), "undecided": value_in_words(outcome, float(here[1, at])),
            "changed": _changed(outcome, ours - float(here[1, at])), "better": better, "equal": equal,
            "told": told,
            "others": [float(f"{x:.4g}") for x in np.sort(others_).tolist()], "ours": float(f"{ours:.4g}"),
            "wanted": aim.better, "log": outcome.log}


def _beside(name: str, here: np.ndarray) -> dict[str, str]:
    outcome, at = OUTCOMES[name], INDEX[name]
    return {"title": titled(outcome, summary_title(outcome)), "value": value_in_words(outcome, float(here[0, at])),
            "changed": _changed(outcome, float(here[0, at] - here[1, at]))}


def _changed(outcome: Any, difference: float) -> str:
    return gettext("no difference") if difference == 0.0 else signed_difference(outcome, difference)


def _decision(game: Game, course: Course, gone: Effects, spread: np.ndarray, usual: Effects) -> dict[str, Any]:
    """What decisions on a lever changed: this run less the run without them; and the mean over other luck."""
    effects, sizes, role = [], [], ROLES[course[0].role]
    for aim in role.aims:
        outcome, at = OUTCOMES[aim.outcome], INDEX[aim.outcome]
        change = float(gone[course][at])
        size = abs(change) / spread[at] if spread[at] > 0.0 else 0.0
        sizes.append(size)
        notable = size > NOTABLE
        good = "" if not notable else "better" if (change > 0) == (aim.better == "higher") else "worse"
        amount = _changed(outcome, change)
        small = gettext("hardly any: {change}", change=amount) if size > SEEN else gettext("next to nothing")
        here = {"": amount if notable or not change else small,
                "better": gettext("{change}, better", change=amount),
                "worse": gettext("{change}, worse", change=amount)}[good]
        effects.append({"aim": titled(outcome, summary_title(outcome)), "good": good, "here": here,
                        "usual": _usual(aim.outcome, usual.get(course))})
    biggest = int(np.argmax(sizes))
    decision = role.decides[course[0].lever]
    return {"when": listed([game.name_of(move.quarter) for move in course]) if len(course) < 3 else
            gettext("{low} to {high}", low=game.name_of(course[0].quarter), high=game.name_of(course[-1].quarter)),
            "what": gettext(decision.title), "value": decision.words(course[-1].value), "effects": effects,
            "size": float(max(sizes)),
            "told": gettext("without {decision}, on the same luck, {outcome} would be {change}",
                            decision=decision_in_words(game, course, role.key),
                            outcome=inside(summary_title(OUTCOMES[role.aims[biggest].outcome])),
                            change=_other_way(role.aims[biggest].outcome, gone[course]))}


def _other_way(name: str, gone: np.ndarray) -> str:
    """What the outcome would be without a decision, in words: the difference that it made, the other way round."""
    outcome, other_way = OUTCOMES[name], -float(gone[INDEX[name]])
    if outcome.unit in COUNTS:
        size = abs(round(other_way))
        return gettext("{size} fewer", size=size) if other_way < 0.0 else gettext("{size} more", size=size)
    return size_in_words(outcome, other_way)


def _usual(name: str, differences: np.ndarray | None) -> str:
    return gettext("not tried") if differences is None else mean_in_words(OUTCOMES[name], differences[:, INDEX[name]])


def _that_changed_most(game: Game, gone: Effects, spread: np.ndarray) -> list[Course]:
    """The courses that changed most of what their roles are after, in standard deviations over worlds."""
    def size(course: Course) -> float:
        at = [INDEX[aim.outcome] for aim in ROLES[course[0].role].aims]
        return float((np.abs(gone[course][at]) / np.where(spread[at] > 0.0, spread[at], np.inf)).max())

    return sorted(game.courses(), key=lambda course: -size(course))[:MOST_TRIED]


def _on_other_luck(game: Game, courses: Sequence[Course]) -> dict[Course, np.ndarray]:
    """The whole game less the game without each of the courses, on the luck of other runs: (runs, outcomes) of each."""
    if not courses:
        return {}
    runs = others(game, OTHER_RUNS)
    found = simulate([game.scenario(), *(game.without(*course) for course in courses)], runs=int(runs[-1]) + 1,
                     seed=game.seed, events=False, workers=_WORKERS).summaries[:, runs]
    sound = np.isfinite(found).all(axis=(0, 2))
    return {course: found[0, sound] - found[1 + place, sound] for place, course in enumerate(courses)}


# ---- the run --------------------------------------------------------------------------------------------------------
def _turns(game: Game, history: History, alone: np.ndarray) -> list[dict[str, str]]:
    """The weightiest events of one run that the other does not have, in order of time."""
    places = [place for place in np.flatnonzero(alone).tolist() if EVENTS[history.kind(place)].actor != POLICY
              and EVENTS[history.kind(place)].weight >= 4]
    kept = sorted(sorted(places, key=lambda place: (-EVENTS[history.kind(place)].weight, place))[:MOST_TURNS])
    return [{"date": month_in_words(game.dates()[int(history.months[place])]), "text": text_of(history, place)}
            for place in kept]


def _summary(game: Game, role: str, aims: Sequence[Mapping[str, Any]], best: Mapping[str, Any] | None) -> str:
    """What one sends to a friend."""
    who = gettext(ROLES[role].name)
    lines = [gettext("I played {role} in airace, {quarters} quarters from {month}.", role=who, quarters=game.quarters,
                     month=month_in_words(game.dates()[0]))]
    lines += [gettext("- {aim}: {outcome} {value}, {told}.", aim=aim["words"], outcome=inside(aim["title"]),
                      value=aim["value"], told=aim["told"]) for aim in aims]
    if best is not None:
        lines.append(gettext("What mattered most: {decision}.", decision=best["told"]))
    lines.append(gettext("Same luck for you: airace play, {role}, run {run} of seed {seed}. One run of a what-if "
                         "model, not a forecast.", role=who, run=game.run, seed=game.seed))
    return "\n".join(lines)
