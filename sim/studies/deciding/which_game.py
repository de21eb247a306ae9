"""Which game it is: what each of two players would do, from the order of its four payoffs.

A player's payoffs, in the letters of the literature: R if both cooperate, T if it alone does not, S if it alone does, P
if neither does. The order of R and T says whether it leaves a rival that cooperates, that of S and P whether it stays
with one that does not, that of R and P whether cooperation is worth having (Rapoport and Guyer 1966).
"""

from __future__ import annotations

import numpy as np

from sim.studies.deciding.equilibria import TIE

HARMONY, STAG_HUNT, DILEMMA, CHICKEN, DEADLOCK, OTHER = "harmony", "stag hunt", "prisoner's dilemma", "chicken", (
    "deadlock"), "another game"
GAMES = (HARMONY, STAG_HUNT, DILEMMA, CHICKEN, DEADLOCK, OTHER)
DIFFERENT = "different games"
"""Where the two players' payoffs are of different games."""
MEANING = {
    HARMONY: "cooperating is best whatever the other does",
    STAG_HUNT: "cooperating is best if the other does, and not if it does not",
    DILEMMA: "not cooperating is best whatever the other does, yet both cooperating is better than neither",
    CHICKEN: "not cooperating is best if the other does, and giving way is better than that neither does",
    DEADLOCK: "not cooperating is best whatever the other does, and neither cooperating is better than both",
    OTHER: "its payoffs have an order that has none of these names",
}
"""What each game means for a player whose payoffs are of it."""


def kinds(payoffs: np.ndarray) -> np.ndarray:
    """The game of each player, as places in `GAMES`: (..., 2) from payoffs (..., 2, 2, 2).

    The first policy of each player is cooperation, the second is not; the last axis says whose payoff it is. Payoffs
    that tie are of another game.
    """
    own = np.stack([payoffs[..., 0], np.swapaxes(payoffs[..., 1], -1, -2)], axis=-3)  # by player: own policy, other's
    reward, sucker = own[..., 0, 0], own[..., 0, 1]
    temptation, punishment = own[..., 1, 0], own[..., 1, 1]
    tie = TIE * np.ptp(own, axis=(-2, -1))
    stays, leaves = reward > temptation + tie, temptation > reward + tie
    yields, holds = sucker > punishment + tie, punishment > sucker + tie
    worth, worthless = reward > punishment + tie, punishment > reward + tie
    return np.select([stays & yields & worth, stays & holds & worth, leaves & holds & worth, leaves & yields & worth,
                      leaves & holds & worthless], [0, 1, 2, 3, 4], 5)


def names(found: np.ndarray) -> np.ndarray:
    """The game by name (...) from both players' (..., 2): the name where both are of one, else "different games"."""
    named = np.array(GAMES, dtype=object)[found]
    return np.asarray(np.where(found[..., 0] == found[..., 1], named[..., 0], DIFFERENT))


def shares(found: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """The share of each game among several (n, 2), the most frequent first; `weights` (n,) count each."""
    called = names(found)
    counts = np.ones(len(called)) if weights is None else weights
    total = {name: float(counts[called == name].sum() / counts.sum()) for name in (*GAMES, DIFFERENT)}
    return dict(sorted(((name, share) for name, share in total.items() if share > 0.0), key=lambda each: -each[1]))
