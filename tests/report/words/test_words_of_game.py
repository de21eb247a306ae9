"""A game in words: what is stable or that nothing is, which game it is, thresholds and aims."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_games import outcomes, profiles, symmetric

from sim.report.pages.game import record, told
from sim.report.words.game import amount, between, stable, varied
from sim.studies.deciding.game import Game, solve


def made(payoffs: np.ndarray, values: tuple[float, ...] = (), own: float = 1.0) -> Game:
    game = profiles((2, 2), 100, values)
    return solve(game, outcomes(game, payoffs, own, 10.0))


def test_two_stable_pairs_are_both_named_and_the_game_once():
    study = told(made(symmetric(4, 0, 3, 2)))
    assert "2 pairs of policies are stable" in study.claims[0]
    assert "it is a stag hunt for both on average: cooperating is best if the other does" in study.claims[0]
    assert "So it is in 100% of the resamples" in study.claims[0]


def test_what_is_not_sure_is_said_to_be_so():
    words = " ".join(stable(found := made(np.zeros((2, 2, 2))), found.told_first))
    assert "That is not sure" in words
    assert "It may also be" in words


@pytest.mark.parametrize(("temptations", "words"), [
    ((5.0, 2.0), "The smallest value from which it is one in half: 0.9; in nine tenths: 0.9."),
    ((2.0, 1.0), "It is one in nine tenths at every value tried."),
    ((6.0, 5.0), "No value tried makes it one in half."),
])
def test_the_threshold_of_cooperation_is_told(temptations, words):
    found = made(np.stack([symmetric(3, 0, temptation, 1) for temptation in temptations]), (0.5, 0.9))
    assert words in " ".join(varied(found))


def test_amounts_have_their_unit_once():
    game = made(symmetric(4, 3, 2, 1))
    assert amount(game, 2.04) == "2 points"
    assert between(game, -1.0, 2.0) == "−1 to 2"


def test_the_same_numbers_stand_in_the_record():
    game = made(symmetric(3, 0, 5, 1))
    kept = record(game)
    assert kept["rounds"][0]["equilibria"] == [{"US": "US 1", "China": "China 1"}]
    assert kept["rounds"][0]["game"] == "prisoner's dilemma"
    assert kept["rounds"][0]["price"]["estimate"] == pytest.approx(4.0, abs=0.5)
    assert kept["finding"] == told(game).claims
