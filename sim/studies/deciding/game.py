"""Games between powers: which policies are stable and how surely, which game it is, and what that rests on.

Payoffs are a tensor (values of what is varied, a policy of each player, futures, players) on the same luck: aims times
outcomes. What players know is the mean over futures, so equilibria are of means. How surely is told by bootstrap: the
futures are drawn again, those that share parameters together, and everything is done anew with each resample.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.common import arguments
from sim.common.above import Told
from sim.common.arguments import RefusedError, takes
from sim.common.shell import command_line
from sim.model.luck import RUNS_PER_DRAW
from sim.model.parameters import parameters
from sim.studies.comparing.intervals import Interval
from sim.studies.deciding import which_game
from sim.studies.deciding.equilibria import (
    TIE,
    Correlated,
    Mixed,
    best_replies,
    correlated_equilibrium,
    gain_by_disobeying,
    gains_by_leaving,
    mixed_equilibria,
    pure_equilibria,
    regret,
)
from sim.studies.deciding.information import LEVEL, drawn_again
from sim.studies.deciding.players import Profiles
from sim.studies.deciding.playing import Played
from sim.studies.deciding.rests import AimRange, Part, Threshold, aims_that_stand, parts, threshold
from sim.studies.deciding.unknowns import draws_of
from sim.studies.keeping.folders import StoreError

if TYPE_CHECKING:
    import pandas as pd

Profile = tuple[int, ...]
FEWEST_DRAWS = 20


class GameError(RefusedError):
    """Futures from which no game can be told: why, and what would be right."""


@dataclass(frozen=True)
class Round:
    """The game at one value of what is varied (None where nothing is). Arrays are (policies of each player ...).

    `means`, `low` and `high` (..., players) are payoffs with 95% intervals; `over`, `over_low` and `over_high` the same
    less the payoffs where all cooperate, in which luck and beliefs that profiles share fall out. `replies` is the share
    of resamples in which a player's policy is a best reply to the others', `gains` (..., players) what each gains at
    most by leaving alone, between `gains_low` and `gains_high` in 95% of resamples, and `leaves_for` (..., players) the
    policy it then takes, by place. `reached` (..., outcomes) are the means of the outcomes that somebody weighs, with
    95% intervals `reached_low`, `reached_high`, and `spread` (2, ..., outcomes) what a tenth of the futures stays below
    and above. `stable` (...) is the share of resamples in which a profile is an equilibrium, `at_most`
    (...) the most that anybody gains by leaving it, in 19 of 20 resamples. `equilibria` are those of the means;
    `answer` is the one of them that is one in most resamples, or without any the profile least worth leaving; `none` is
    the share of resamples without any; `mixed` are drawn lots, looked for only where the means have none; `correlated`,
    of three players where the means have none, is what a go-between may draw, and `disobeying` (players,) the most that
    each gains by doing otherwise than it is told, in 19 of 20 resamples. `kinds`
    (players,) is each player's game between the two policies that the file sets against each other, as places in
    `GAMES`, `kinds_resampled` and `kinds_in_futures` its shares among resamples, and among draws one by one.
    `best_together` is the profile with the best sum, `price` what it has more than the answer.
    """

    value: float | None
    means: np.ndarray
    low: np.ndarray
    high: np.ndarray
    over: np.ndarray
    over_low: np.ndarray
    over_high: np.ndarray
    replies: np.ndarray
    gains: np.ndarray
    gains_low: np.ndarray
    gains_high: np.ndarray
    leaves_for: np.ndarray
    reached: np.ndarray
    reached_low: np.ndarray
    reached_high: np.ndarray
    spread: np.ndarray
    stable: np.ndarray
    at_most: np.ndarray
    equilibria: tuple[Profile, ...]
    answer: Profile
    none: float
    mixed: tuple[Mixed, ...]
    correlated: Correlated | None
    disobeying: np.ndarray
    kinds: tuple[int, ...]
    kinds_resampled: dict[str, float]
    kinds_in_futures: dict[str, float]
    best_together: Profile
    price: Interval

    @property
    def game(self) -> str:
        """Which game it is on average: a name of `which_game.GAMES`, or "different games"."""
        return str(which_game.names(np.array(self.kinds)))


@dataclass(frozen=True)
class Game(Told):
    """What a game between powers comes to.

    `rounds` are one for each value of what is varied, `main` the place of the one that is told first: the base's own
    value, or the nearest. `futures` are the runs that reached the end in every profile, `failed` those that did not,
    `draws` the different draws of parameters among them. `parts` tells the answer of the main round by what is assumed,
    `aims` how far each weight may move before it falls, `threshold` from which value on cooperation stands.
    """

    design: Profiles
    rounds: tuple[Round, ...]
    main: int
    futures: int
    failed: int
    draws: int
    parts: tuple[Part, ...]
    aims: tuple[AimRange, ...]
    threshold: Threshold | None

    @property
    def told_first(self) -> Round:
        """The round at the base's own value."""
        return self.rounds[self.main]

    def named(self, profile: Profile) -> tuple[str, ...]:
        """The policies of a profile by name."""
        return tuple(list(player.policies)[place]
                     for player, place in zip(self.design.players, profile, strict=True))

    @property
    def cooperation(self) -> Profile:
        """The profile in which every player cooperates."""
        return tuple(player.cooperates for player in self.design.players)

    @property
    def idle(self) -> tuple[str, ...]:
        """Players whose own policy moves nothing that they aim at, whatever the others do: all of theirs tie."""
        means = self.told_first.means
        return tuple(player.name for who, player in enumerate(self.design.players)
                     if np.ptp(means[..., who], axis=who).max() <= TIE * np.abs(means[..., who]).max())

    def table(self) -> pd.DataFrame:
        """A row for each value, profile and player.

        Columns: value, a column for each player's policy, player, payoff with low and high, over_cooperation with
        over_low and over_high, best_reply, gain_by_leaving, equilibrium, stable, gain_at_most.
        """
        import pandas as pd

        players, rows = self.design.players, []
        for each in self.rounds:
            for profile in np.ndindex(each.stable.shape):
                rows += [{"value": each.value, **dict(zip((p.name for p in players), self.named(profile), strict=True)),
                          "player": player.name, "payoff": each.means[profile][who], "low": each.low[profile][who],
                          "high": each.high[profile][who], "over_cooperation": each.over[profile][who],
                          "over_low": each.over_low[profile][who], "over_high": each.over_high[profile][who],
                          "best_reply": each.replies[profile][who],
                          "gain_by_leaving": each.gains[profile][who], "equilibrium": profile in each.equilibria,
                          "stable": each.stable[profile], "gain_at_most": each.at_most[profile]}
                         for who, player in enumerate(players)]
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        return "\n".join(self._told().claims)


def _file(name: str, value: Any) -> Any:
    return value if isinstance(value, Profiles) else arguments.path(name, value)


@takes(file=_file, workers=arguments.whole(1, 256))
def game(file: str | Path | Profiles, runs: int | None = None, seed: int | None = None, months: int | None = None,
         workers: int = 1, out: str | Path | None = None,
         progress: Callable[[int, int, int], None] | None = None) -> Game:
    """Play a game and say what it comes to.

    `file` is a game file, the name of one that comes with airace, or one that is read already; `runs`, `seed` and
    `months` go before the file's. With `out` the runs are kept in that folder and what is done is not done again.
    `progress(done, of, failed)` counts runs. Raises ScenarioError for a file that is wrong, StoreError for a folder
    that holds something else, GameError where too many runs failed.
    """
    design = file if isinstance(file, Profiles) else Profiles.load(file, runs=runs, seed=seed, months=months)
    if out is not None:
        played = Played.begin(out, design)
        played.run(workers, progress=progress)
        return answer(played)
    with tempfile.TemporaryDirectory(prefix="airace-game-") as folder:
        played = Played.begin(folder, design)
        played.run(workers, progress=progress)
        return answer(played)


def kept(folder: str | Path) -> Game:
    """What a game that is kept in a folder comes to; nothing is run.

    StoreError where there is none, where it is not finished, is damaged or of another version; GameError where too few
    futures reached the end.
    """
    played = Played.open(folder)
    played.refuse_other_versions()
    done = played.points_done()
    if not done.all():
        raise StoreError(played.folder, f"is not finished: {int(done.sum()):,} of {len(done):,} profiles are done",
                         f"{command_line('airace', 'resume', played.folder)} does the rest")
    return answer(played)


def answer(played: Played) -> Game:
    """What a game that has been played comes to. GameError where too few of its futures reached the end."""
    return solve(played.game, played.outcomes())


def solve(design: Profiles, outcomes: np.ndarray) -> Game:
    """What a game comes to, from outcomes (values, policies of each player ..., runs, outcomes), NaN where one failed.

    A run that failed in one profile is left out of all of them. GameError where fewer than twenty draws are left.
    """
    players = len(design.players)
    whole = np.isfinite(outcomes).all(axis=(*range(1 + players), -1))
    runs = np.flatnonzero(whole)
    draws = draws_of(design.uncertainty, design.seed, np.arange(design.runs))[runs]
    if len(np.unique(draws)) < FEWEST_DRAWS:
        raise GameError(f"{len(runs):,} of {design.runs:,} futures reached the end in every profile, of "
                        f"{len(np.unique(draws))} different draws; {FEWEST_DRAWS} draws are the least")
    weighed = np.stack([[player.aims.weights.get(name, 0.0) for name in design.outcomes]
                        for player in design.players], axis=-1)  # (outcomes, players)
    reached = outcomes[..., runs, :]
    payoffs = reached @ weighed
    again = drawn_again(draws)
    again = again / again.sum(axis=1, keepdims=True)
    ends = tuple((player.cooperates, player.defects) for player in design.players)
    rounds = tuple(_round(value, payoffs[place], reached[place], again, ends, runs // RUNS_PER_DRAW)
                   for place, value in enumerate(design.values))
    main = _main(design)
    first = rounds[main]
    stands = first.answer in first.equilibria
    return Game(design, rounds, main, len(runs), design.runs - len(runs), len(np.unique(draws)),
                parts(design, runs, payoffs[main], draws, first.answer),
                aims_that_stand(design, reached[main].mean(axis=-2), first.answer) if stands else (),
                None if design.varied is None else threshold(
                    [float(each.stable[tuple(end[0] for end in ends)]) for each in rounds], design.varied.values))


def _round(value: float | None, payoffs: np.ndarray, reached: np.ndarray, again: np.ndarray,
           ends: tuple[tuple[int, int], ...], draw_of_run: np.ndarray) -> Round:
    """One round from payoffs (policies ..., runs, players), outcomes likewise, and resamples (resamples, runs).

    A resample's weights add up to 1.
    """
    means = payoffs.mean(axis=-2)
    resampled = np.tensordot(again, np.moveaxis(payoffs, -2, 0), axes=1)
    together = tuple(end[0] for end in ends)
    over = resampled - _at(resampled, together).reshape(len(again), *([1] * len(ends)), len(ends))
    around = [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]
    (low, high), (over_low, over_high) = np.quantile(resampled, around, axis=0), np.quantile(over, around, axis=0)
    pure, in_resamples = pure_equilibria(means), pure_equilibria(resampled)
    found = tuple(tuple(map(int, profile)) for profile in np.argwhere(pure))
    leaving = gains_by_leaving(means)
    gains_low, gains_high = np.quantile(gains_by_leaving(resampled), around, axis=0)
    reached_low, reached_high = np.quantile(np.tensordot(again, np.moveaxis(reached, -2, 0), axes=1), around, axis=0)
    stable = in_resamples.mean(axis=0)
    here = max(found, key=lambda profile: float(stable[profile])) if found else tuple(
        map(int, np.unravel_index(int(leaving.max(axis=-1).argmin()), pure.shape)))
    joint = means.sum(axis=-1)
    # Where aims are opposed sums differ by rounding alone: that is no price.
    best = here if joint.max() - joint[here] <= TIE * np.ptp(means) else tuple(
        map(int, np.unravel_index(int(joint.argmax()), joint.shape)))
    missed = (_at(resampled, best) - _at(resampled, here)).sum(axis=-1)
    price = Interval(np.asarray(joint[best] - joint[here]), *np.quantile(missed, around))
    by_draw = _by_draw(np.moveaxis(payoffs, -2, 0), draw_of_run)
    kinds, kinds_resampled, kinds_in_futures = (
        which_game.kinds(_two_by_two(each, ends, here)) for each in (means, resampled, by_draw))
    agreed = correlated_equilibrium(means) if not found and len(ends) > 2 else None
    return Round(value, means, low, high, means - means[together], over_low, over_high,
                 best_replies(resampled).mean(axis=0), leaving, gains_low, gains_high, _best_policies(means),
                 reached.mean(axis=-2), reached_low, reached_high, np.quantile(reached, (0.1, 0.9), axis=-2), stable,
                 np.quantile(regret(resampled), LEVEL, axis=0), found, here,
                 float((~in_resamples.reshape(len(again), -1).any(axis=1)).mean()),
                 tuple(mixed_equilibria(means)) if not found else (), agreed,
                 np.zeros(len(ends)) if agreed is None else np.quantile(
                     gain_by_disobeying(resampled, agreed.probabilities), LEVEL, axis=0), tuple(map(int, kinds)),
                 which_game.shares(kinds_resampled), which_game.shares(kinds_in_futures), best, price)


def _best_policies(means: np.ndarray) -> np.ndarray:
    """The policy, by place, that brings each player most against the others' (policies ..., players)."""
    return np.stack([np.broadcast_to(means[..., who].argmax(axis=who, keepdims=True), means.shape[:-1])
                     for who in range(means.shape[-1])], axis=-1)


def _at(resampled: np.ndarray, profile: Profile) -> np.ndarray:
    """One profile's payoffs (resamples, players) of resampled ones (resamples, policies ..., players)."""
    for place in profile:
        resampled = resampled[:, place]
    return resampled


def _two_by_two(payoffs: np.ndarray, ends: tuple[tuple[int, int], ...], here: Profile) -> np.ndarray:
    """The first two players' payoffs (..., 2, 2, 2) between two policies of each; a third keeps to that of `here`."""
    two = payoffs if len(here) == 2 else payoffs[..., here[2], :]
    return np.asarray(np.take(np.take(two, ends[0], axis=-3), ends[1], axis=-2)[..., :2])


def _by_draw(payoffs: np.ndarray, draw_of_run: np.ndarray) -> np.ndarray:
    """Means over the runs of each draw (draws, ...) of payoffs by run (runs, ...): half of luck's part falls out."""
    _, place, count = np.unique(draw_of_run, return_inverse=True, return_counts=True)
    total = np.zeros((len(count), *payoffs.shape[1:]))
    np.add.at(total, place, payoffs)
    return total / count.reshape(-1, *([1] * (payoffs.ndim - 1)))


def _main(design: Profiles) -> int:
    """The place of the value that is the base's own, or the nearest to it."""
    if design.varied is None:
        return 0
    key = design.varied.key
    name = key.removeprefix("uncertainty.")
    given = design.base.uncertainty.get(name) if key != name else design.base.levers[key]
    if given is None:
        given = parameters()[name].default
    own = float(np.mean(given))  # type: ignore[arg-type]  # of a range its middle
    return int(np.abs(np.array(design.varied.values) - own).argmin())
