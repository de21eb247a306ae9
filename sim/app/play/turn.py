"""What a player sees when a quarter has gone by: news, gauges with what the advisor expects, and what to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.app.play.game import MONTHS, Game, Move
from sim.app.play.life import ADVISOR_RUNS, Lives, expected, lives, others
from sim.app.play.news import Headline, front_page, headlines, told
from sim.app.play.roles import MOST_DECISIONS, ROLES
from sim.common.language import gettext, language, noted
from sim.common.numbers import plain
from sim.model.outcomes import INDEX, OUTCOMES, Outcome, so_far, summarise
from sim.report.words.units import FLOP, magnitude, running_title, signed_difference, title, unit, value
from sim.studies.comparing.intervals import mean_difference

WHEN = {"last": noted("{change} at the end"), "sum": noted("{change} from now on"),
        "max": noted("{change} at its peak"), "mean": noted("{change} on average")}
"""When a change is seen, by how months become one number."""
_BAND = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False)
class Turn:
    """A game as it stands: the run so far, the news of its last quarter, and the advisor's futures.

    `values` (months, outcomes) as played; `lived` as `lived_with_undone` has it; `ahead` (runs, months to
    come, outcomes), without months once it is over.
    """

    game: Game
    values: np.ndarray
    lived: Lives
    ahead: np.ndarray
    _news: dict[str, tuple[list[Headline], list[Headline]]] = field(default_factory=dict)

    @property
    def news(self) -> list[Headline]:
        """The last quarter's headlines, in the language in use."""
        return self._told()[0]

    @property
    def averted(self) -> list[Headline]:
        """What would have happened in it had nobody decided anything."""
        return self._told()[1]

    def _told(self) -> tuple[list[Headline], list[Headline]]:
        if language() not in self._news:
            self._news[language()] = headlines(self.game, self.game.played - 1, self.lived)
        return self._news[language()]


def lived_with_undone(game: Game) -> Lives:
    """The run so far as played, without any decision, and without those of each role on each lever."""
    scenario, months = game.scenario(), game.played * MONTHS
    return lives(game, [scenario, game.undecided(), *(game.without(*course) for course in game.courses())], months)


def turn(game: Game) -> Turn:
    """Live the game through to where it stands, and ask the advisor."""
    lived = lived_with_undone(game)
    now = game.played * MONTHS
    ahead = np.empty((ADVISOR_RUNS, 0, len(OUTCOMES)))
    if not game.over:
        ahead = expected(game, [game.scenario()], others(game), now)[0]
    return Turn(game, lived.values[0], lived, ahead)


# ---- as a page takes it ---------------------------------------------------------------------------------------------
def told_to(seen: Turn, role: str | None, gauges: Sequence[str] = ()) -> dict[str, Any]:
    """A turn for the page of a role, or for one that all look at, with the `gauges` that it shows."""
    game = seen.game
    names = ROLES[role].gauges if role else gauges
    front, rest = front_page(seen.news)
    return {
        "quarter": game.name_of(game.played - 1), "next": "" if game.over else game.name_of(game.played),
        "played": game.played, "quarters": game.quarters, "over": game.over,
        "news": told(game, front, role), "more": told(game, rest, role), "averted": told(game, seen.averted, role),
        "gauges": [_gauge(seen, name, role) for name in names],
        "decisions": [] if role is None or game.over else _decisions(seen, role),
        "taken": [_taken(game, move) for move in game.moves],
        "most": MOST_DECISIONS,
    }


def asked(game: Game, role: str, moves: Sequence[Move]) -> list[dict[str, str]]:
    """What the advisor expects of a role's moves: for each gauge the mean change by the end, against none.

    On the same luck of other runs, from where the game stands; what the 95% interval does not tell from nothing is said
    to be unclear.
    """
    after = Game(game.world, game.seed, game.run, game.seats, game.quarters, game.played, (*game.moves, *moves),
                 game.injects)
    ahead = expected(game, [game.scenario(), after.scenario()], others(game), game.played * MONTHS)
    before, then = summarise(ahead)
    found = []
    for name in ROLES[role].gauges:
        outcome, at = OUTCOMES[name], INDEX[name]
        found.append({"gauge": titled(outcome, title(outcome)),
                      "told": mean_in_words(outcome, then[:, at] - before[:, at], WHEN[outcome.summary])})
    return found


def mean_in_words(outcome: Outcome, differences: np.ndarray, when: str = "") -> str:
    """The mean of differences (runs,) with its 95% interval in words; where it covers zero, that no change is clear."""
    mean, low, high = (float(each) for each in mean_difference(differences, furthest=outcome.furthest))
    if not (low > 0.0 or high < 0.0):
        return gettext("no clear change")
    size, around = magnitude(outcome, mean, low, high)
    if outcome.unit in FLOP:  # a factor near one has no digits of its own beside its interval
        size, around = around, ""
    if when:
        size = gettext(when, change=size)
    return gettext("{change} ({range})", change=size, range=around) if around else size


def _gauge(seen: Turn, name: str, role: str | None) -> dict[str, Any]:
    game, outcome, at, now = seen.game, OUTCOMES[name], INDEX[name], seen.values.shape[0]
    whole = np.concatenate([np.broadcast_to(seen.values[:, at], (len(seen.ahead), now)), seen.ahead[:, :, at]], axis=1)
    paths = so_far(whole, outcome)
    path = so_far(seen.values[:, at], outcome)
    before = path[-1 - MONTHS] if now > MONTHS else path[0]
    aim = next((aim for aim in ROLES[role].aims if aim.outcome == name), None) if role else None
    fan = np.quantile(paths[:, now - 1:], _BAND, axis=0) if seen.ahead.shape[1] else np.empty((len(_BAND), 0))
    change = float(path[-1] - before)
    good = "" if aim is None or change == 0.0 else "better" if (change > 0) == (aim.better == "higher") else "worse"
    moved = signed_difference(outcome, change) if now > MONTHS else ""
    told_change = {"": gettext("{change} in the quarter", change=moved),
                   "better": gettext("{change} in the quarter, better", change=moved),
                   "worse": gettext("{change} in the quarter, worse", change=moved)}[good] if moved else ""
    return {
        "name": name, "title": titled(outcome, running_title(outcome)), "unit": unit(outcome),
        "caution": gettext(outcome.caution), "aim": gettext(aim.words) if aim else "",
        "wanted": aim.better if aim else "",
        "value": value_in_words(outcome, float(path[-1])),
        "change": moved, "told": told_change, "good": good,
        "path": _numbers(path), "fan": [_numbers(line) for line in fan], "log": outcome.log,
        "expected": _expected(outcome, fan), "years": [date[:4] for date in (game.dates()[0], game.dates()[-1])],
    }


def value_in_words(outcome: Outcome, number: float) -> str:
    """A value of one run: what is 0 or 1 is no or yes, a lag below 0 is a lead."""
    if outcome.unit == "0 or 1" and np.isfinite(number):
        return gettext("yes") if number > 0.5 else gettext("no")
    if outcome.unit == "USD bn a year" and np.isfinite(number):
        return gettext("{money} a year", money=value(outcome, number))
    return value(outcome, number)


def titled(outcome: Outcome, called: str) -> str:
    """A title with the scale of what has no unit: "US-China hostility, 0 to 1"."""
    return gettext("{title}, 0 to 1", title=called) if outcome.unit == "0-1" else called


def _expected(outcome: Outcome, fan: np.ndarray) -> str:
    if not fan.shape[1]:
        return ""
    _, low, middle, high, _ = (value(outcome, float(line[-1])) for line in fan)
    return gettext("The advisor expects {middle} at the end; half of {runs} runs between {low} and {high}.",
                   middle=middle, runs=ADVISOR_RUNS, low=low, high=high)


def _numbers(line: np.ndarray) -> list[float | None]:
    return [float(plain_digits(x)) if np.isfinite(x) else None for x in line.tolist()]


def plain_digits(number: float) -> float:
    """A number with the digits that a picture needs."""
    return float(f"{number:.5g}")


def _decisions(seen: Turn, role: str) -> list[dict[str, Any]]:
    game, found = seen.game, []
    for decision in ROLES[role].decisions:
        now, choices = game.offer(role, decision.lever), game.choices(role, decision.lever)
        here = next(place for place, (known, _) in enumerate(choices) if known == now)
        said = decision.words(now)
        if decision.shared and game.value(decision.lever) != now:
            said = gettext("{offer}; in force: {value}", offer=said, value=decision.words(game.value(decision.lever)))
        section, _, name = decision.lever.rpartition(".")
        in_force = f"strictness_{section.removeprefix('regulation.')}"
        if name == "strictness" and in_force in INDEX:
            said = gettext("{aim}; by law so far: {value}", aim=said,
                           value=plain(float(seen.values[-1, INDEX[in_force]]), 2))
        found.append({"lever": decision.lever, "title": gettext(decision.title), "about": gettext(decision.about),
                      "now": said,
                      "chosen": here, "choices": [{"value": known, "words": words} for known, words in choices]})
    return found


def _taken(game: Game, move: Move) -> dict[str, str]:
    decision = ROLES[move.role].decides[move.lever]
    return {"when": game.name_of(move.quarter), "who": ROLES[move.role].opening, "what": gettext(decision.title),
            "value": decision.words(move.value)}
