"""A played game is a scenario with dated changes: the same bits, a past that nothing changes, decisions undone."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.app.play import roles
from sim.app.play.debrief import debrief
from sim.app.play.game import FIRST, MONTHS, Game, GameError, Inject, from_record, to_record
from sim.app.play.life import expected, lives, others
from sim.app.play.news import front_page, headlines
from sim.app.play.roles import MOST_DECISIONS, POWERS, ROLES
from sim.app.play.turn import asked, lived_with_undone, told_to, turn
from sim.engine.simulate import simulate
from sim.model.outcomes import INDEX, summarise
from sim.scenario.scenario import Scenario
from sim.scenario.schema import levers_in_time

WORLD = Scenario.load("baseline")
SEED, RUN = 3, 17
STRICT, CHIPS, COOPERATION = "regulation.us.strictness", "trade.chip_controls", "diplomacy.us_china_cooperation"


def begun(*seats: str, quarters: int = 6) -> Game:
    return Game.begin(WORLD, SEED, RUN, seats or ("us",), quarters)


def decide(game: Game, role: str = "us", **moves: object) -> Game:
    named = {"strict": STRICT, "chips": CHIPS, "cooperation": COOPERATION}
    return game.forward(game.check(role, {named[name]: value for name, value in moves.items()}, MOST_DECISIONS))


@pytest.fixture(scope="module")
def played() -> Game:
    """A game of six quarters with decisions in three of them."""
    game = decide(begun(), strict=0.75, chips=0.0)
    game = decide(game, cooperation=0.3)
    game = decide(decide(game, cooperation=0.4), chips=1.5)
    return game.forward(())


def run_of(scenario: Scenario, months: int | None = None) -> np.ndarray:
    return simulate(scenario, runs=1, seed=SEED, first_run=RUN, months=months).values[0, 0]


# ---- a game is a file ------------------------------------------------------------------------------------------------
def test_the_file_of_a_game_gives_the_same_bits_and_events_as_the_page_showed(played: Game, tmp_path: Path) -> None:
    path = tmp_path / "game.toml"
    path.write_text(played.text(), encoding="utf-8")
    again = simulate(Scenario.load(path), runs=1, seed=SEED, first_run=RUN)
    seen = turn(played)
    assert np.array_equal(again.values[0, 0], seen.values)
    history = lives(played, [played.scenario()], 18).histories[0]
    told = [place for place in range(len(history)) if not history.kind(place).startswith("policy_")]
    named = again.events[~again.events["kind"].str.startswith("policy_")]
    assert history.texts(told) == named["text"].tolist()  # what was decided is told by name in the file alone


def test_a_decision_holds_from_its_quarter_on_and_changes_nothing_before() -> None:
    game = begun().forward(()).forward(())
    month = game.played * MONTHS
    decided = decide(game, chips=0.0, cooperation=0.3)
    before, after = run_of(game.scenario()), run_of(decided.scenario())
    assert np.array_equal(before[:month], after[:month])
    assert not np.array_equal(before[month:], after[month:])


def test_a_decision_undone_is_as_if_it_had_never_been_taken() -> None:
    kept = decide(begun(), strict=0.75)
    both = decide(begun(), strict=0.75, chips=0.0)
    gone = next(move for move in both.moves if move.lever == CHIPS)
    assert both.without(gone).changes == kept.scenario().changes
    assert both.without(*both.moves).changes == both.undecided().changes


def test_a_game_is_the_same_after_it_was_kept(played: Game) -> None:
    again = from_record(to_record(played))
    assert again == played
    assert again.text() == played.text()
    with pytest.raises(GameError, match="no saved game"):
        from_record({"world": {}})


def test_a_played_game_can_be_the_world_of_another(played: Game) -> None:
    game = Game.begin(Scenario.from_dict(tomllib.loads(played.text())), SEED, RUN, ("us",), 6)
    again = decide(game, strict=0.3)
    names = [change.name for change in again.scenario().changes]
    assert len(set(names)) == len(names)
    assert "2026 Q2 again" in names
    with pytest.raises(GameError, match="changes twice"):
        decide(game, chips=1.5).text()  # the world dates this lever in this month itself


def test_injects_are_events_of_the_file_in_the_world_with_and_without_decisions() -> None:
    game = decide(begun(), chips=0.0)
    game = game.forward((), [Inject(game.played, "market_bust", 0.5)])
    assert [event.kind for event in game.undecided().events] == ["market_bust"]
    assert "market_bust" in game.text()
    with pytest.raises(GameError, match="needs `actor`"):
        game.forward((), [Inject(game.played, "new_law", 0.5)]).text()


# ---- who decides what ------------------------------------------------------------------------------------------------
def test_roles_decide_on_levers_of_the_model_within_their_ranges_and_nobody_on_another_s() -> None:
    roles.check()
    whose: dict[str, set[str]] = {}
    for role in ROLES.values():
        assert len(set(role.gauges)) == 6
        for decision in role.decisions:
            assert decision.lever in levers_in_time()
            whose.setdefault(decision.lever, set()).add(role.key)
    assert {lever: sorted(by) for lever, by in whose.items() if len(by) > 1} == {
        COOPERATION: ["china", "us"], "diplomacy.treaty_verification": ["china", "us"]}
    assert set(POWERS) == {"us", "china"}


@pytest.mark.parametrize(("role", "moves", "message"), [
    ("us", {"regulation.eu.strictness": 0.6}, "does not decide"),
    ("eu", {STRICT: 0.6}, "does not decide"),
    ("nobody", {STRICT: 0.6}, "does not decide"),
    ("us", {STRICT: 0.61}, "cannot be"),
    ("us", {STRICT: True}, "cannot be"),
    ("us", {STRICT: float("nan")}, "cannot be"),
    ("california", {"regulation.california.strictness": "0.6"}, "cannot be"),
    ("us", {COOPERATION: 0.9}, "cannot be"),
    ("us", {STRICT: 0.6, CHIPS: 0.0, COOPERATION: 0.3}, "at most 2"),
])
def test_a_move_out_of_reach_is_refused_in_words(role: str, moves: dict[str, object], message: str) -> None:
    with pytest.raises(GameError, match=message):
        begun("us", "eu", "california").check(role, moves, MOST_DECISIONS)


def test_alone_a_power_moves_cooperation_a_step_a_quarter_and_with_both_played_the_lower_offer_counts() -> None:
    alone = begun("us")
    assert [value for value, _ in alone.choices("us", COOPERATION)] == [0.1, 0.2, 0.3]
    both = begun("us", "china")
    both = both.forward(both.check("us", {COOPERATION: 0.9}, MOST_DECISIONS))
    assert both.value(COOPERATION) == 0.2  # China has offered nothing yet
    both = both.forward(both.check("china", {COOPERATION: 0.5}, MOST_DECISIONS))
    assert both.value(COOPERATION) == 0.5
    assert both.offer("us", COOPERATION) == 0.9


def test_what_changes_nothing_is_no_decision() -> None:
    game = begun()
    assert game.check("us", {STRICT: WORLD.levers[STRICT]}, MOST_DECISIONS) == ()
    assert game.forward(()).scenario().changes == ()


def test_going_back_takes_back_what_was_decided_for_the_quarter() -> None:
    assert decide(begun(), strict=0.75).back() == begun()
    with pytest.raises(GameError, match="beginning"):
        begun().back()
    assert begun().played == FIRST


@pytest.mark.parametrize("quarters", [0, 3, 41])
def test_a_game_of_a_length_that_is_not_offered_is_refused(quarters: int) -> None:
    with pytest.raises(GameError, match="4 to 40 quarters"):
        begun(quarters=quarters)
    with pytest.raises(GameError, match="no role 'pirates'"):
        begun("pirates")
    with pytest.raises(GameError, match="after the 4 quarters"):
        Game.begin(Scenario.load("phase_in"), SEED, RUN, ("us",), 4)


# ---- what is shown ---------------------------------------------------------------------------------------------------
def test_the_advisor_foresees_exactly_what_comes_where_luck_is_the_game_s_own_and_not_where_it_is_another(
        played: Game) -> None:
    game, now = begun().forward(()), 2 * MONTHS
    comes = run_of(game.scenario())[now:]
    own, other = expected(game, [game.scenario()], np.array([RUN, others(game)[5]]), now)[0]
    assert np.array_equal(own, comes)
    assert not np.array_equal(other, comes)
    lag = INDEX["us_china_lag_months"]
    past = run_of(game.scenario())[now - 1, lag]
    ahead = expected(game, [game.scenario()], others(game, 12), now)[0, :, 0, lag]
    # All begin where the game stands: the clock runs on by a month where nobody releases, whatever their luck.
    # Lives of their own would lie a month or more apart by now.
    assert np.median(ahead) == pytest.approx(past + 1.0, abs=0.05)
    assert ahead.std() < 0.1
    assert not {RUN, RUN - 1} & set(others(played).tolist())


def test_a_headline_goes_back_to_a_decision_without_which_it_has_not_happened_by_then(played: Game) -> None:
    end = played.played * MONTHS
    news, _ = headlines(played, played.played - 1, lived_with_undone(played))
    undone = {course: simulate(played.without(*course), runs=1, seed=SEED, first_run=RUN).events
              for course in played.courses()}
    for headline in news:
        for course, events in undone.items():
            same = events[(events["kind"] == headline.kind) & (events["text"] == headline.sentence)
                          & (events["month"] == headline.month) & (events["month"] < end)]
            assert not (course in headline.courses and len(same)), headline
    front, rest = front_page(news)
    assert len(front) + len(rest) == len(news)
    assert [each.weight for each in front] == sorted((each.weight for each in front), reverse=True)
    once, again = front_page([news[0], replace(news[0], month=news[0].month + 1)])
    assert (len(once), len(again)) == (1, 1), "what has stood on the front page stands there once"


def test_the_advisor_of_no_decision_expects_no_change() -> None:
    game = begun(quarters=4)
    assert {each["told"] for each in asked(game, "us", ())} == {"no clear change"}


def test_a_page_of_a_turn_has_six_gauges_and_every_choice_in_words(played: Game) -> None:
    seen = turn(begun())
    told = told_to(seen, "us")
    assert (told["quarter"], told["next"]) == ("2026 Q1", "2026 Q2")
    assert len(told["gauges"]) == 6
    for gauge in told["gauges"]:
        assert len(gauge["path"]) == MONTHS
        assert [len(line) for line in gauge["fan"]] == [5 * MONTHS + 1] * 5
    assert all(choice["words"] for each in told["decisions"] for choice in each["choices"])
    assert told["decisions"][0]["now"] == "hardly any (0.1); by law so far: 0.1"
    over = told_to(turn(played), "us")
    assert over["over"]
    assert over["decisions"] == []


# ---- the debrief -----------------------------------------------------------------------------------------------------
def test_the_debrief_undoes_each_lever_on_the_same_luck_and_counts_the_worlds_that_did_worse(
        played: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.app.play.debrief.SURROUNDING_RUNS", 20)
    monkeypatch.setattr("sim.app.play.debrief.OTHER_RUNS", 4)
    told = debrief(played)
    role = told["roles"]["us"]
    assert [each["what"] for each in role["decisions"]] == [
        "Strictness of your rules", "Chips withheld from China", "Cooperation of the US and China"]
    assert [each["when"] for each in role["singles"]] == ["2026 Q2", "2027 Q1", "2026 Q3", "2026 Q4"]
    at = INDEX["us_china_lag_months"]
    ours = summarise(run_of(played.scenario()))[at]
    worlds = simulate(played.undecided(), runs=20, seed=SEED).summaries[0, :, at]
    assert role["aims"][0]["better"] == float(np.mean(worlds < ours))
    assert role["aims"][0]["wanted"] == "higher"
    assert "I played the US" in role["summary"]
    assert f"run {RUN} of seed {SEED}" in role["summary"]
    assert told["command"] == f"airace run game.toml --seed {SEED} --run {RUN}"


def test_a_debrief_of_a_game_without_decisions_says_that_nothing_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.app.play.debrief.SURROUNDING_RUNS", 6)
    told = debrief(begun(quarters=4).forward(()).forward(()).forward(()))
    assert told["only"] == told["averted"] == []
    assert {aim["changed"] for aim in told["roles"]["us"]["aims"]} == {"no difference"}
    assert told["roles"]["us"]["decisions"] == []
